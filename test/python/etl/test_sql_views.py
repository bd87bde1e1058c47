"""A pipeline's SQL: its mistakes, each reported in one line, and the views that it may read."""

import pytest
from etl_shop import FEATURES_SQL, LABEL_SQL, spec_json
from pyspark.sql import SparkSession

from etl.shared.spec import Spec
from etl.shared.sql_views import validate_sql

RESULT = "as_of, customer_id, count(*) AS orders, sum(price) AS spent, max(channel) AS channel"
GROUPED = "FROM events GROUP BY as_of, customer_id"


def problems(spark: SparkSession, features: str = FEATURES_SQL, label: str = LABEL_SQL) -> list[str]:
    return validate_sql(spark, Spec.parse(spec_json(features_sql=features, label_sql=label)))


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
        ("WITH a AS (SELECT 1) INSERT INTO lake.shop.events SELECT * FROM a", ["a statement that writes"]),
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
            ["as_of is date, expected the as_of of"],
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


@pytest.mark.parametrize(
    "sql",
    ["channel RLIKE '(a|b)*'", "regexp_like(channel, 'a')", "price > 0 AND size(split(channel, 'a+')) < 3"],
)
def test_a_rule_with_a_backtracking_regular_expression_is_rejected(spark: SparkSession, sql: str) -> None:
    value = spec_json()
    value["quality"]["rows"] = [{"rule": "expression", "name": "slow", "sql": sql}]
    (found,) = validate_sql(spark, Spec.parse(value))
    assert "use a rule of the kind pattern" in found


def test_mistakes_in_label_sql_and_in_rules_are_found_too(spark: SparkSession) -> None:
    value = spec_json(label_sql="SELECT as_of, customer_id, 'yes' AS churned FROM entities")
    value["quality"]["rows"] = [
        {"rule": "expression", "name": "fair", "sql": "prise > 0"},
        {"rule": "expression", "name": "sum", "sql": "price + 1"},
        {"rule": "expression", "name": "good", "sql": "price > 0"},
    ]
    found = validate_sql(spark, Spec.parse(value))
    assert len(found) == 3
    assert "label.sql: column churned is string, expected a number that is 0 or 1" in found[0]
    assert "quality.rows: expression fair:" in found[1]
    assert "`prise`" in found[1]
    assert "expression sum: is double, expected a condition" in found[2]
