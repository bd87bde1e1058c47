"""A pipeline's SQL: its mistakes, each reported in one line, and the views that it may read."""

import pytest
from etl_shop import FEATURES_SQL, LABEL_SQL, spec_json
from pyspark.sql import SparkSession

from etl.shared.spec import Spec
from etl.sql.validate import validate_sql

RESULT = "as_of, customer_id, count(*) AS orders, sum(price) AS spent, max(channel) AS channel"
GROUPED = "FROM events GROUP BY as_of, customer_id"


def problems(spark: SparkSession, features: str = FEATURES_SQL, label: str = LABEL_SQL) -> list[str]:
    return [
        str(one) for one in validate_sql(spark, Spec.parse(spec_json(features_sql=features, label_sql=label)))
    ]


def test_good_sql_has_no_problems(spark: SparkSession) -> None:
    assert problems(spark) == []
    with_cte = (
        f"-- the last orders\nWITH recent AS (SELECT * FROM events) SELECT {RESULT} FROM recent GROUP BY ALL;"
    )
    assert problems(spark, with_cte) == []
    widened = RESULT.replace("sum(price)", "sum(quantity) * 1.5").replace("count(*)", "cast(count(*) AS int)")
    assert problems(spark, f"SELECT {widened} {GROUPED}") == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            f"SELECT {RESULT} {GROUPED} WHERE",
            ["features.sql:", "Syntax error", "(line 1, column", "events(event_id,"],
        ),
        (f"SELECT\n {RESULT},\n prise {GROUPED}", ["`prise`", "(line 3, column 2)", "price"]),
        (f"SELECT {RESULT} FROM orders", ["reads orders, but may read only events"]),
        (
            f"SELECT {RESULT} FROM lake.shop.events GROUP BY ALL",
            ["reads lake.shop.events, but may read only events"],
        ),
        (
            f"SELECT {RESULT} {GROUPED} HAVING max(price) > (SELECT max(price) FROM lake.shop.events)",
            ["may read only events"],
        ),
        (
            f"SELECT {RESULT} FROM events WHERE event_time > current_date - 7 GROUP BY ALL",
            ["current_date() has"],
        ),
        (f"SELECT {RESULT} FROM events WHERE rand() > 0.5 GROUP BY ALL", ["rand() has another value"]),
        ("DROP TABLE lake.shop.events", ["expected one query that starts with SELECT or WITH"]),
        (
            "WITH a AS (SELECT 1) INSERT INTO lake.shop.events SELECT * FROM a",
            ["expected one query that starts with"],
        ),
        (
            f"SELECT {RESULT.replace('AS spent', 'AS total')} {GROUPED}",
            ["lacks spent and has undeclared total"],
        ),
        (
            f"SELECT {RESULT.replace('count(*)', 'avg(price)')} {GROUPED}",
            ["column orders is double, expected integer"],
        ),
        (
            f"SELECT {RESULT.replace('sum(price)', 'max(event_time)')} {GROUPED}",
            ["spent is timestamp, expected double"],
        ),
        (
            f"SELECT {RESULT.replace('max(channel)', 'max(price)')} {GROUPED}",
            ["channel is double, expected string"],
        ),
        (
            f"SELECT {RESULT.replace('as_of,', 'date(as_of) AS as_of,')} {GROUPED}",
            ["the as_of of the result has to be the as_of of the views, unchanged"],
        ),
    ],
)
def test_a_mistake_in_features_sql_is_reported_with_its_position(
    spark: SparkSession, sql: str, expected: list[str]
) -> None:
    found = problems(spark, features=sql)
    assert len(found) == 1
    assert "\n" not in found[0]
    for text in ("features.sql:", *expected):
        assert text in found[0]


def test_mistakes_in_label_sql_and_in_rules_are_found_too(spark: SparkSession) -> None:
    value = spec_json(label_sql="SELECT as_of, customer_id, 'yes' AS churned FROM entities")
    value["quality"]["rows"] = [
        {"rule": "expression", "name": "fair", "sql": "prise > 0"},
        {"rule": "expression", "name": "sum", "sql": "price + 1"},
        {"rule": "expression", "name": "good", "sql": "price > 0"},
        {"rule": "pattern", "field": "channel", "pattern": "(?=a)a"},
    ]
    found = validate_sql(spark, Spec.parse(value))
    assert [(mistake.source, mistake.place, mistake.key) for mistake in found] == [
        ("label.sql", None, ()),
        ("quality.rows: expression fair", (1, 1), ("quality", "rows", 0, "sql")),
        ("quality.rows: expression sum", None, ("quality", "rows", 1, "sql")),
        ("quality.rows: pattern:channel", None, ("quality", "rows", 3, "pattern")),
    ]
    assert "column churned is string, expected a number that is 0 or 1" in str(found[0])
    assert "`prise`" in str(found[1])
    assert "is double, expected a condition" in str(found[2])
    assert "no look-around and no back-references" in str(found[3])


def test_every_wrong_type_of_a_result_is_named(spark: SparkSession) -> None:
    found = problems(
        spark,
        f"SELECT as_of, customer_id, sum(price) AS orders, max(channel) AS spent, 1 AS channel {GROUPED}",
    )
    assert found == [
        "features.sql: column orders is double, expected integer, as features.columns says (cast it to bigint)",
        "features.sql: column spent is string, expected double, as features.columns says",
        "features.sql: column channel is int, expected string, as features.columns says",
    ]
