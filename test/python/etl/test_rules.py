"""Row rules and dataset rules on a batch of a few rows."""

from datetime import date
from typing import Any

import pytest
from etl_shop import spec_json
from pyspark.sql import DataFrame, SparkSession

from etl.quality.rules import dataset_rules, judge, measure
from etl.quality.step import halt_on_broken
from etl.shared.errors import DatasetRuleBroken
from etl.shared.row_rules import MATCHES, pattern_problem, row_reason
from etl.shared.spec import Spec

ROW_RULES = [
    {"rule": "not_null", "field": "channel"},
    {"rule": "range", "field": "price", "min": 0, "max": 100},
    {"rule": "enum", "field": "channel", "values": ["web", "shop"]},
    {"rule": "pattern", "field": "customer_id", "pattern": "^c[0-9]+$"},
    {"rule": "expression", "name": "gift_is_cheap", "sql": "NOT gift OR price < 50"},
]
DATASET_RULES = [
    {"rule": "volume", "min_rows": 2, "max_rows": 3, "severity": "halt"},
    {"rule": "freshness", "max_age_days": 2, "severity": "halt"},
    {"rule": "quarantine_share", "max": 0.5, "severity": "halt"},
    {"rule": "null_share", "field": "gift", "max": 0.1, "severity": "warn"},
    {"rule": "unique", "fields": ["customer_id", "channel"], "severity": "halt"},
]


REFUSED = {"_outcome": "refused", "_reason": "range:price"}


def batch(spark: SparkSession, rows: list[dict[str, Any]]) -> tuple[Spec, DataFrame]:
    spec = Spec.parse(spec_json(quality={"rows": ROW_RULES, "dataset": DATASET_RULES}))
    types = spec.field_types | {"_outcome": "string", "_reason": "string"}
    good = {
        "event_id": "e",
        "customer_id": "c1",
        "quantity": 1,
        "price": 1.0,
        "channel": "web",
        "gift": False,
    }
    values = [
        {"event_time": "1998-01-09 12:00:00", "_outcome": "new", "_reason": None} | good | row for row in rows
    ]
    schema = ", ".join(f"{name} {'string' if kind == 'timestamp' else kind}" for name, kind in types.items())
    frame = spark.createDataFrame([tuple(value[name] for name in types) for value in values], schema)
    return spec, frame.withColumn("event_time", frame["event_time"].cast("timestamp"))


def test_a_row_gets_the_first_rule_it_breaks(spark: SparkSession) -> None:
    cases = [
        ({}, None),
        ({"channel": None}, "not_null:channel"),
        ({"price": 100.5}, "range:price"),
        ({"price": 100.0}, None),
        ({"price": None}, None),
        ({"channel": "fax"}, "enum:channel"),
        ({"customer_id": "x1"}, "pattern:customer_id"),
        ({"gift": True, "price": 60.0}, "gift_is_cheap"),
        # An expression must be true, which is unknown for a null.
        ({"gift": None, "price": 60.0}, "gift_is_cheap"),
    ]
    spec, frame = batch(spark, [row for row, _ in cases])
    # Patterns are matched by the transform step, where it parses.
    matched = frame.withColumn(f"{MATCHES}3", frame["customer_id"].startswith("c"))
    assert [row[0] for row in matched.select(row_reason(spec)).collect()] == [reason for _, reason in cases]


def test_a_pattern_that_cannot_be_matched_in_linear_time_is_rejected() -> None:
    assert pattern_problem("^c[0-9]+$") is None
    for pattern in ("(?=c)c", r"(a)\1", "("):
        problem = pattern_problem(pattern)
        assert problem is not None
        assert "no look-around and no back-references" in problem
    assert "the pattern cannot be used: invalid perl operator: (?=" in str(pattern_problem("(?=c)c"))


def test_all_dataset_rules_are_judged_in_one_pass(spark: SparkSession) -> None:
    spec, frame = batch(spark, [{}, {"gift": None}, {"_outcome": "reread", "channel": "shop"}, REFUSED])
    rules = dataset_rules(spec, date(1998, 1, 11))
    verdicts = judge(measure(frame, spec, rules), rules)
    assert [(verdict.rule, verdict.actual, verdict.passed) for verdict in verdicts] == [
        ("volume", "3 rows", True),
        ("freshness", "newest event 1.50 days before the as-of day", True),
        ("quarantine_share", "0.2500 (1 of 4 lines)", True),
        ("null_share:gift", "0.3333 (1 of 3 rows)", False),
        ("unique:customer_id+channel", "1 repeated rows of 3", False),
    ]
    # The message lists the rules that halt the run, with expected and actual values, and no warnings.
    with pytest.raises(DatasetRuleBroken) as error:
        halt_on_broken(verdicts)
    assert str(error.value) == (
        "nothing was published, 1 dataset rule(s) broken: "
        "unique:customer_id+channel: expected no repeated rows, was 1 repeated rows of 3. "
        "A person can release the batch anyway."
    )


def test_duplicates_count_only_for_the_share_that_is_quarantined(spark: SparkSession) -> None:
    duplicate = {"_outcome": "duplicate", "gift": None, "event_time": "1998-01-10 12:00:00"}
    spec, frame = batch(spark, [{}, {"channel": "shop"}, REFUSED, REFUSED, REFUSED, duplicate])
    rules = dataset_rules(spec, date(1998, 1, 11))
    assert [(verdict.actual, verdict.passed) for verdict in judge(measure(frame, spec, rules), rules)] == [
        ("2 rows", True),
        ("newest event 1.50 days before the as-of day", True),
        ("0.5000 (3 of 6 lines)", True),
        ("0.0000 (0 of 2 rows)", True),
        ("0 repeated rows of 2", True),
    ]


def test_an_empty_batch_breaks_only_the_volume_rule(spark: SparkSession) -> None:
    spec, frame = batch(spark, [{}])
    rules = dataset_rules(spec, date(1998, 1, 11))
    verdicts = judge(measure(frame.where("false"), spec, rules), rules)
    assert [verdict.passed for verdict in verdicts] == [False, True, True, True, True]
