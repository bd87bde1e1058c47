"""What is proved of a query from its plan: as-of days stay apart, and no order of rows matters."""

import pytest
from etl_shop import spec_json
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.shared.spec import Spec
from etl.sql.query import View, analyse_query, run_query
from etl.sql.views import cutoff_frame, empty_events, events_as_of, outcomes_after

CUSTOMERS = "a AS (SELECT DISTINCT as_of, customer_id FROM events)"
SPENT = "b AS (SELECT as_of, customer_id, sum(price) AS spent FROM events GROUP BY ALL)"
DAYS = (
    "v AS (SELECT as_of, customer_id, date(event_time) AS day, sum(price) AS spent FROM events GROUP BY ALL)"
)


@pytest.fixture(scope="module")
def views(spark: SparkSession) -> dict[str, View]:
    spec = Spec.parse(spec_json())
    events, cutoffs = empty_events(spark, spec), cutoff_frame(spark, [])
    return {
        "events": View(events_as_of(events, cutoffs, spec), ("as_of", "event_id")),
        "outcomes": View(outcomes_after(events, cutoffs, spec), ("as_of", "event_id")),
    }


def found(spark: SparkSession, sql: str, views: dict[str, View]) -> list[str]:
    return [str(mistake) for mistake in analyse_query(spark, "features.sql", sql, views)[0]]


APART = [
    f"WITH {CUSTOMERS}, {SPENT} SELECT a.as_of, a.customer_id, spent FROM a LEFT JOIN b ON a.as_of = b.as_of AND a.customer_id = b.customer_id",
    f"WITH {CUSTOMERS}, {SPENT} SELECT as_of, customer_id, spent FROM a RIGHT JOIN b USING (as_of, customer_id)",
    f"WITH {CUSTOMERS}, {SPENT} SELECT as_of, customer_id, spent FROM a FULL JOIN b USING (as_of, customer_id)",
    f"WITH {CUSTOMERS}, {SPENT} SELECT as_of, sum(spent) FROM a FULL JOIN b USING (as_of, customer_id) GROUP BY as_of",
    f"WITH {CUSTOMERS}, {SPENT} SELECT coalesce(a.as_of, b.as_of) AS as_of, count(*) FROM a FULL JOIN b ON a.as_of = b.as_of GROUP BY 1",
    f"WITH {CUSTOMERS}, {SPENT} SELECT a.as_of, spent FROM a, b WHERE a.as_of = b.as_of AND a.customer_id = b.customer_id",
    f"WITH {CUSTOMERS} SELECT x.as_of, count(*) FROM a x JOIN a y ON x.as_of = y.as_of JOIN a z ON y.as_of = z.as_of GROUP BY x.as_of",
    "SELECT e.as_of, e.customer_id FROM events e LEFT SEMI JOIN outcomes o ON o.as_of = e.as_of AND o.price > e.price",
    "SELECT e.as_of, e.customer_id FROM events e LEFT ANTI JOIN outcomes o ON o.as_of = e.as_of",
    "SELECT as_of, (SELECT max(price) FROM outcomes i WHERE i.as_of = e.as_of) AS most FROM events e",
    "SELECT as_of FROM events e WHERE EXISTS (SELECT 1 FROM outcomes i WHERE i.as_of = e.as_of AND i.price > 3)",
    "SELECT as_of FROM events WHERE (as_of, customer_id) IN (SELECT as_of, customer_id FROM outcomes)",
    "SELECT as_of FROM events WHERE channel IN (SELECT col1 FROM VALUES ('web'), ('app'))",
    "SELECT as_of, customer_id FROM events UNION ALL SELECT as_of, customer_id FROM outcomes",
    "SELECT as_of, customer_id FROM events EXCEPT SELECT as_of, customer_id FROM outcomes",
    "SELECT as_of, rank() OVER (PARTITION BY as_of ORDER BY event_time) AS place FROM events",
    "SELECT as_of, sum(price) OVER (PARTITION BY as_of ORDER BY event_time) AS spent FROM events",
    "SELECT as_of, sum(price) OVER (PARTITION BY as_of ORDER BY event_time RANGE BETWEEN INTERVAL 3 DAYS PRECEDING AND CURRENT ROW) AS s FROM events",
    "SELECT as_of, row_number() OVER (PARTITION BY as_of ORDER BY event_id) AS place FROM events",
    f"WITH {DAYS} SELECT as_of, lag(spent) OVER (PARTITION BY as_of, customer_id ORDER BY day) AS before FROM v",
    f"WITH {DAYS} SELECT as_of, customer_id, min_by(spent, day) AS first FROM v GROUP BY as_of, customer_id",
    f"WITH {DAYS}, {SPENT} SELECT as_of, max_by(v.spent, struct(day, customer_id)) AS last FROM v JOIN b USING (as_of, customer_id) GROUP BY as_of",
    "SELECT as_of, max_by(event_time, event_time) AS last FROM events GROUP BY as_of",
    "SELECT as_of, max_by(price, struct(event_time, price)) AS last FROM events GROUP BY as_of",
    # Rows that tie and are equal in all that is used are the same in any order.
    "SELECT as_of, price, row_number() OVER (PARTITION BY as_of ORDER BY price) AS place FROM events",
    "SELECT * FROM VALUES (TIMESTAMP'1998-01-05') AS t(as_of)",
]


@pytest.mark.parametrize("sql", APART)
def test_a_query_that_keeps_as_of_days_apart_passes(
    spark: SparkSession, views: dict[str, View], sql: str
) -> None:
    assert found(spark, sql, views) == []


ORDERS = [
    # Two of a time, and two of a price.
    ("e1", "1998-01-02 10:00:00", "ann", 1, 10.0, "web", True),
    ("e2", "1998-01-02 10:00:00", "ann", 2, 5.0, "app", False),
    ("e3", "1998-01-04 09:00:00", "bob", 1, 10.0, None, None),
    ("e4", "1998-01-08 12:00:00", "ann", 3, 7.0, "app", True),
    ("e5", "1998-01-09 12:00:00", "eve", 1, 2.0, "web", None),
    ("e6", "1998-01-09 12:00:00", "bob", 4, 4.0, "web", False),
    ("e7", "1998-01-15 08:00:00", "eve", 1, 3.0, "web", True),
    ("e8", "1998-01-16 08:00:00", "ann", 1, 8.0, "app", None),
]


def rows_of_a_day(spark: SparkSession, sql: str, days: list[str], backwards: bool = False) -> list[str]:
    """What a query gives for 12 January when the views hold the given as-of days."""
    spec = Spec.parse(spec_json())
    columns = ", ".join(
        f"{name} {'string' if kind == 'timestamp' else kind}" for name, kind in spec.field_types.items()
    )
    orders = spark.createDataFrame(ORDERS[::-1] if backwards else ORDERS, columns)
    events, cutoffs = (
        orders.withColumn("event_time", F.to_timestamp("event_time")).coalesce(1),
        cutoff_frame(spark, days),
    )
    views = {
        "events": View(events_as_of(events, cutoffs, spec), ("as_of", "event_id")),
        "outcomes": View(outcomes_after(events, cutoffs, spec), ("as_of", "event_id")),
    }
    result = run_query(spark, "features.sql", sql, views).where("as_of = '1998-01-12'")
    return sorted(
        str(row) for row in result.select(*[F.col(name).cast("string") for name in result.columns]).collect()
    )


@pytest.mark.parametrize("sql", APART)
def test_what_passes_gives_the_same_for_a_day_alone_and_in_any_order(spark: SparkSession, sql: str) -> None:
    together = rows_of_a_day(spark, sql, ["1998-01-05", "1998-01-12", "1998-01-19"])
    assert together == rows_of_a_day(spark, sql, ["1998-01-12"])
    assert together == rows_of_a_day(spark, sql, ["1998-01-05", "1998-01-12", "1998-01-19"], backwards=True)


GROUP = "this GROUP BY mixes the rows of different as-of days; add as_of to it"
WINDOW = "mixes the rows of different as-of days; add as_of to its PARTITION BY"
JOIN = "this join combines rows of different as-of days"
SUBQUERY = "this subquery sees the rows of every as-of day"
DISTINCT = "this DISTINCT mixes the rows of different as-of days"
SAME_POSITION = "needs as_of at the same position"
RESULT = "the as_of of the result has to be the as_of of the views"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT customer_id, count(*) FROM events GROUP BY customer_id", GROUP),
        ("SELECT min(as_of) AS as_of, customer_id FROM events GROUP BY customer_id", GROUP),
        ("SELECT max(as_of) AS as_of FROM events", "add GROUP BY as_of"),
        ("SELECT max(as_of) OVER () AS as_of, customer_id FROM events", WINDOW),
        ("SELECT as_of, count(*) OVER (PARTITION BY customer_id) AS orders FROM events", WINDOW),
        ("SELECT as_of, lag(as_of) OVER (PARTITION BY customer_id ORDER BY as_of) AS before FROM events", WINDOW),
        ("SELECT as_of, lead(as_of) OVER (PARTITION BY customer_id ORDER BY as_of) AS after FROM events", WINDOW),
        ("SELECT x.as_of, y.price FROM events x JOIN events y ON x.customer_id = y.customer_id", JOIN),
        ("SELECT x.as_of, count(y.price) FROM events x JOIN events y USING (customer_id) GROUP BY x.as_of", GROUP),
        ("SELECT x.as_of FROM events x LEFT JOIN events y ON x.customer_id = y.customer_id", JOIN),
        ("SELECT x.as_of FROM events x FULL JOIN events y ON x.customer_id = y.customer_id", JOIN),
        ("SELECT x.as_of FROM events x JOIN events y ON x.as_of >= y.as_of", JOIN),
        ("SELECT x.as_of FROM events x JOIN events y ON x.as_of = y.event_time", JOIN),
        ("SELECT x.as_of FROM events x LEFT ANTI JOIN events y ON x.customer_id = y.customer_id", JOIN),
        ("SELECT c.as_of FROM VALUES (TIMESTAMP'1998-01-05') AS c(as_of) LEFT JOIN events e ON c.as_of = e.as_of", JOIN),
        ("SELECT as_of FROM events WHERE customer_id IN (SELECT customer_id FROM outcomes)", SUBQUERY),
        ("SELECT as_of FROM events e WHERE EXISTS (SELECT 1 FROM outcomes o WHERE o.customer_id = e.customer_id)", SUBQUERY),
        ("SELECT as_of, (SELECT max(price) FROM outcomes) AS most FROM events", SUBQUERY),
        ("SELECT as_of FROM events WHERE as_of = (SELECT max(as_of) FROM events)", SUBQUERY),
        ("WITH c AS (SELECT DISTINCT customer_id FROM events) SELECT as_of FROM events JOIN c USING (customer_id)", DISTINCT),
        ("SELECT as_of, price FROM events UNION ALL SELECT event_time, price FROM events", SAME_POSITION),
        ("SELECT as_of, price FROM events EXCEPT SELECT event_time, price FROM events", SAME_POSITION),
        ("SELECT as_of + INTERVAL 1 DAY AS as_of FROM events", RESULT),
        ("SELECT event_time AS as_of FROM events", RESULT),
        ("SELECT as_of, price, row_number() OVER (PARTITION BY as_of ORDER BY event_time) AS n FROM events", "such as event_id) to its ORDER BY"),
        ("SELECT as_of, event_id, lag(price) OVER (PARTITION BY as_of ORDER BY event_time) AS p FROM events", "add event_id to its ORDER BY"),
        ("SELECT as_of, channel, ntile(4) OVER (PARTITION BY as_of ORDER BY price) AS n FROM events", "takes any of the rows that tie"),
        ("SELECT as_of, sum(price) OVER (PARTITION BY as_of ORDER BY event_time ROWS 3 PRECEDING) AS s FROM events", "takes any of the rows that tie"),
        ("SELECT as_of, last_value(price) OVER (PARTITION BY as_of ORDER BY event_time) AS p FROM events", "takes any of the rows that tie"),
        ("SELECT as_of, max_by(channel, event_time) AS channel FROM events GROUP BY as_of", "order by struct(…, event_id)"),
        ("SELECT as_of, max_by(channel, event_time) OVER (PARTITION BY as_of) AS c FROM events", "order by struct(…, "),
        (f"WITH {DAYS} SELECT as_of, max_by(spent, day) AS s FROM v GROUP BY as_of", "order by struct(…, customer_id)"),
    ],
)  # fmt: skip
def test_a_query_for_which_that_cannot_be_proved_is_refused(
    spark: SparkSession, views: dict[str, View], sql: str, expected: str
) -> None:
    mistakes = found(spark, sql, views)
    assert len(mistakes) == 1
    assert expected in mistakes[0]
    assert "(line 1, column " in mistakes[0]
