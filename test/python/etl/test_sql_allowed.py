"""What a query may consist of: the list is checked on Spark's plan, so no spelling gets around it."""

import pytest
from etl_shop import spec_json
from pyspark.sql import SparkSession

from etl.shared.spec import Spec
from etl.sql.query import View, analyse_query, condition_mistakes
from etl.sql.views import cutoff_frame, empty_events, events_as_of

AS_OF = "as_of, customer_id"


@pytest.fixture(scope="module")
def views(spark: SparkSession) -> dict[str, View]:
    spec = Spec.parse(spec_json())
    events = events_as_of(empty_events(spark, spec), cutoff_frame(spark, []), spec)
    return {"events": View(events, ("as_of", "event_id"))}


def found(spark: SparkSession, sql: str, views: dict[str, View]) -> list[str]:
    return [str(mistake) for mistake in analyse_query(spark, "features.sql", sql, views)[0]]


@pytest.mark.parametrize(
    "sql",
    [
        # Days and times.
        f"SELECT {AS_OF}, datediff(as_of, max(event_time)) FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, (unix_timestamp(as_of) - unix_timestamp(max(event_time))) / 3600 FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, timestampdiff(HOUR, max(event_time), as_of), as_of - max(event_time) FROM events GROUP BY ALL",
        f"SELECT {AS_OF} FROM events WHERE event_time >= as_of - INTERVAL 3 DAYS AND event_time < DATE'1998-01-05'",
        f"SELECT {AS_OF} FROM events WHERE event_time > '1998-01-01' AND event_time > TIMESTAMP '1998-01-01 10:00:00'",
        f"SELECT {AS_OF}, date_trunc('week', event_time), dayofweek(event_time), extract(HOUR FROM event_time) FROM events",
        f"SELECT {AS_OF}, to_timestamp(channel, 'yyyy-MM-dd'), to_date(channel, 'yyyy'), CAST(channel AS DATE) FROM events",
        f"SELECT {AS_OF}, date_add(as_of, -3), add_months(as_of, -1), months_between(as_of, event_time) FROM events",
        # Aggregates.
        f"SELECT {AS_OF}, count(DISTINCT date(event_time)), count_if(price > 3), sum(if(gift, price, 0)) FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, avg(price) FILTER (WHERE channel = 'web'), stddev(price), corr(price, quantity) FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, percentile(price, 0.9), median(price), approx_count_distinct(channel) FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, max_by(channel, struct(event_time, event_id)) FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, sort_array(collect_set(channel))[0], size(collect_list(price)) FROM events GROUP BY ALL",
        f"SELECT {AS_OF}, bool_or(gift), try_divide(sum(price), count_if(gift)) FROM events GROUP BY ALL HAVING count(*) > 1",
        # Windows.
        f"SELECT {AS_OF}, lag(price) OVER (PARTITION BY {AS_OF} ORDER BY event_time, event_id) FROM events",
        f"SELECT {AS_OF}, ntile(4) OVER w FROM events WINDOW w AS (PARTITION BY as_of ORDER BY price, event_id)",
        f"SELECT {AS_OF}, first_value(channel) OVER (PARTITION BY {AS_OF} ORDER BY event_time, event_id) FROM events",
        # Text, arrays and conditions.
        f"SELECT {AS_OF}, split_part(channel, '/', 1), split(channel, ',')[0], channel RLIKE '^[A-Z]' FROM events",
        f"SELECT {AS_OF}, regexp_replace(channel, '[^0-9]', ''), channel LIKE 'w%', channel LIKE ANY ('a', 'b') FROM events",
        f"SELECT {AS_OF}, coalesce(nullif(channel, ''), 'none'), CASE WHEN price > 3 THEN 1 ELSE 0 END FROM events",
        f"SELECT {AS_OF}, day FROM events LATERAL VIEW explode(sequence(as_of - INTERVAL 3 DAYS, as_of, INTERVAL 1 DAY)) AS day",
        f"SELECT {AS_OF}, filter(array(price, quantity), x -> x > 3), element_at(array(price), -1) FROM events",
        # Queries in queries.
        f"SELECT {AS_OF}, bigint(price), string(gift), CAST(price AS DECIMAL(10, 2)), double(quantity), date(as_of) FROM events",
        f"WITH events AS (SELECT * FROM events) SELECT /*+ BROADCAST(e) */ {AS_OF} FROM events e ORDER BY customer_id",
        "SELECT e.as_of, customer_id, weight FROM events e JOIN (VALUES ('web', 1), ('app', 2)) w(channel, weight) USING (channel)",
        f"SELECT * FROM (SELECT {AS_OF}, channel, price FROM events) PIVOT (sum(price) FOR channel IN ('web', 'app'))",
    ],
)
def test_what_features_need_is_allowed(spark: SparkSession, views: dict[str, View], sql: str) -> None:
    assert found(spark, sql, views) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # Programs.
        ("SELECT TRANSFORM (customer_id) USING 'sh -c id' AS (a STRING) FROM events", "runs a program"),
        (
            "SELECT as_of FROM events WHERE price IN (SELECT reflect('java.lang.System', 'getenv', 'A'))",
            "runs Java code",
        ),
        ("SELECT * FROM VALUES (java_method('java.util.UUID', 'randomUUID'))", "runs Java code"),
        (
            "SELECT IDENTIFIER('reflect')('java.lang.System', 'exit') FROM events",
            "IDENTIFIER(…) hides what is called",
        ),
        ("SELECT as_of FROM events ORDER BY reflect('java.lang.System', 'nanoTime')", "runs Java code"),
        (
            "SELECT sum(price) OVER w FROM events WINDOW w AS (PARTITION BY as_of, reflect('a.B', 'c'))",
            "runs Java code",
        ),
        # The clock.
        ("SELECT as_of, now() AS n FROM events", "now() has another value on every run; use as_of"),
        ("SELECT current_date FROM events", "current_date() has another value"),
        ("SELECT * FROM VALUES (CURRENT_TIMESTAMP)", "current_timestamp() has another value"),
        ("SELECT unix_timestamp() FROM events", "current_timestamp() has another value"),
        ("SELECT as_of FROM events WHERE event_time < timestamp 'now'", "timestamp 'now' has another value"),
        ("SELECT * FROM VALUES (DATE'today'), (TIMESTAMP_NTZ 'yesterday')", "DATE'today' has another value"),
        (
            "SELECT sum(price) OVER w FROM events WINDOW w AS (ORDER BY TIMESTAMP'now')",
            "TIMESTAMP'now' has another value",
        ),
        (
            "SELECT as_of FROM events WHERE event_time > 'tomorrow'",
            "'tomorrow' as a timestamp has another value",
        ),
        ("SELECT cast('today' AS DATE) FROM events", "'today' as a date has another value"),
        ("SELECT to_date('now'), to_timestamp(' epoch ') FROM events", "'now' as a date has another value"),
        ("SELECT TIMESTAMP'12:30' FROM events", "TIMESTAMP'12:30' has another value"),
        (
            "SELECT cast(concat('n', 'ow') AS DATE) FROM events",
            "a string as a date is a time of the day of the run",
        ),
        (
            "SELECT to_timestamp(channel) FROM events",
            "a string as a timestamp is a time of the day of the run",
        ),
        (
            "SELECT as_of FROM events WHERE event_time > channel",
            "a string as a timestamp is a time of the day of",
        ),
        # Chance, and the order of rows.
        ("SELECT * FROM events TABLESAMPLE (10 PERCENT)", "TABLESAMPLE takes other rows on every run"),
        ("SELECT rand(7) FROM events", "rand() has another value"),
        ("SELECT as_of FROM events ORDER BY uuid()", "uuid() has another value"),
        (
            "SELECT as_of, first(price) FROM events GROUP BY as_of",
            "first() depends on the order in which Spark reads",
        ),
        ("SELECT as_of, any_value(price) FROM events GROUP BY as_of", "any_value() depends on the order"),
        ("SELECT as_of, collect_list(price) FROM events GROUP BY as_of", "write sort_array(collect_list(…))"),
        (
            "SELECT as_of, percentile_approx(price, 0.5) FROM events GROUP BY as_of",
            "use percentile or median",
        ),
        ("SELECT as_of, mode(channel) FROM events GROUP BY as_of", "mode() depends on the order"),
        ("SELECT * FROM events LIMIT 10", "LIMIT and OFFSET cut across as-of days"),
        (
            "SELECT * FROM (SELECT * FROM events ORDER BY price LIMIT 10)",
            "LIMIT and OFFSET cut across as-of days",
        ),
        ("SELECT * FROM events OFFSET 3", "LIMIT and OFFSET cut across as-of days"),
        # Where it runs.
        (
            "SELECT current_user(), input_file_name() FROM events",
            "current_user() depends on where the query runs",
        ),
        ("SELECT current_catalog() FROM events", "current_catalog() depends on where the query runs"),
        # A record must not stop a run.
        (
            "SELECT as_of FROM events WHERE channel RLIKE '(a+)+b'",
            "rlike takes has no bound, since its pattern contains (",
        ),
        ("SELECT regexp_replace(channel, 'a', '$1') FROM events", "its replacement has $ or \\"),
        (
            "SELECT split(channel, customer_id) FROM events",
            "split takes has no bound, since its pattern is not a literal",
        ),
        ("SELECT raise_error('no') FROM events", "raise_error() stops the run"),
        (
            "SELECT from_utc_timestamp(event_time, channel) FROM events",
            "stops the run at certain values of its second argument",
        ),
        (
            "SELECT explode(sequence(1, quantity)) FROM events",
            "stops the run at certain values of its second argument",
        ),
        ("SELECT to_number(channel, '999') FROM events", "use try_to_number"),
        # Other data, and other statements.
        ("SELECT * FROM lake.shop.events", "reads lake.shop.events, but may read only events"),
        (
            "SELECT * FROM parquet.`s3://bucket/key`",
            "reads parquet.s3://bucket/key, but may read only events",
        ),
        ("SELECT * FROM IDENTIFIER('lake.shop.events')", "IDENTIFIER(…) hides what is read"),
        (
            "SELECT as_of FROM events WHERE EXISTS (SELECT 1 FROM orders)",
            "reads orders, but may read only events",
        ),
        (
            "SELECT lake.system.bucket(4, customer_id) FROM events",
            "lake.system.bucket() is not one of Spark's own functions",
        ),
        ("DROP TABLE lake.shop.events", "expected one query that starts with SELECT or WITH"),
        (
            "WITH a AS (SELECT 1) INSERT INTO lake.shop.events SELECT * FROM a",
            "expected one query that starts with",
        ),
        (
            "FROM events INSERT INTO a SELECT * INSERT INTO b SELECT *",
            "expected one query that starts with SELECT",
        ),
        (
            "CALL lake.system.rollback_to_snapshot('a', 1)",
            "expected one query that starts with SELECT or WITH",
        ),
        ("SET spark.sql.session.timeZone = Asia/Tokyo", "expected one query that starts with SELECT or WITH"),
        ("EXPLAIN SELECT * FROM events", "expected one query that starts with SELECT or WITH"),
        # Not supported.
        (
            "SELECT as_of, count(*) FROM events GROUP BY CUBE (as_of)",
            "GROUPING SETS, CUBE and ROLLUP mix as-of days",
        ),
        ("SELECT e.as_of, n FROM events e, LATERAL explode(array(1)) t(n)", "use JOIN or LATERAL VIEW"),
        ("SELECT * FROM events DISTRIBUTE BY as_of", "do not change the result; remove them"),
        ("SELECT no_such_function(price) FROM events", "Cannot resolve function `no_such_function`"),
    ],
)
def test_anything_else_is_refused_with_its_place(
    spark: SparkSession, views: dict[str, View], sql: str, expected: str
) -> None:
    mistakes = found(spark, sql, views)
    assert any(expected in mistake for mistake in mistakes), mistakes
    assert all(mistake.startswith("features.sql: ") and "(line 1, column " in mistake for mistake in mistakes)


def test_nothing_is_executed_while_a_query_is_checked(spark: SparkSession, views: dict[str, View]) -> None:
    found(spark, "CREATE TEMPORARY VIEW made AS SELECT 1", views)
    found(spark, "SET spark.sql.shuffle.partitions = 77", views)
    assert not spark.catalog.tableExists("made")
    assert spark.conf.get("spark.sql.shuffle.partitions") != "77"
    assert not spark.catalog.tableExists("events")


def test_every_mistake_is_found_in_one_go_in_the_lines_of_the_file(
    spark: SparkSession, views: dict[str, View]
) -> None:
    sql = "\n-- A comment first.\nSELECT as_of, now(),\n  current_date, first(price)\nFROM events\nGROUP BY as_of LIMIT 3\n;\n"
    mistakes = analyse_query(spark, "features.sql", sql, views)[0]
    assert [(mistake.message.partition(" ")[0], mistake.place) for mistake in mistakes] == [
        ("LIMIT", (6, 16)),
        ("now()", (3, 15)),
        ("current_date()", (4, 3)),
        ("first()", (4, 17)),
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("price > 0", None),
        ("channel IN ('web', 'app') OR (gift IS NOT NULL AND price < 50)", None),
        ("event_time >= '1998-01-01' AND length(trim(channel)) > 2 AND channel LIKE 'w%'", None),
        ("get_json_object(channel, '$.a') = 'b'", None),
        ("rand() < 0.5", "rand() has another value on every run"),
        ("event_time < now()", "now() has another value on every run"),
        ("event_time < TIMESTAMP'now'", "TIMESTAMP'now' has another value on every run"),
        ("reflect('java.lang.System', 'exit', 1) = 'a'", "runs Java code"),
        ("price > (SELECT avg(price) FROM events)", "a subquery cannot be part of a condition on one event"),
        ("EXISTS (SELECT 1)", "a subquery cannot be part of a condition on one event"),
        ("price > avg(price)", "an aggregate cannot be part of a condition on one event"),
        (
            "row_number() OVER (PARTITION BY customer_id ORDER BY price) = 1",
            "found a window function or one that returns rows",
        ),
        ("explode(array(true))", "or one that returns rows"),
        ("channel RLIKE 'a'", "use a rule of the kind pattern"),
        ("size(split(channel, ',')) < 3", "use a rule of the kind pattern"),
        ("prise > 0", "`prise`"),
        ("price >", "Syntax error"),
        ("price + 1", "is double, expected a condition"),
    ],
)
def test_a_row_rule_is_a_condition_on_one_event_of_the_same_functions(
    spark: SparkSession, sql: str, expected: str | None
) -> None:
    events = empty_events(spark, Spec.parse(spec_json()))
    mistakes = [str(mistake) for mistake in condition_mistakes(events, "fair", sql)]
    if expected is None:
        assert mistakes == []
    else:
        assert any(expected in mistake for mistake in mistakes), mistakes
        assert all(mistake.startswith("quality.rows: expression fair: ") for mistake in mistakes)
