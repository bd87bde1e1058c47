"""Features as of a cutoff: which events they may use, which rows are appended, which records go online."""

from datetime import UTC, datetime
from typing import Any

import pytest
from etl_shop import Shop, event, spec_json
from pyspark.sql import SparkSession

from etl.features.rows import check_and_summarize
from etl.features.table import ensure_features
from etl.shared.errors import JobError, SqlError
from etl.shared.spec import Spec
from etl.sql.results import features_as_of, query_features
from etl.sql.views import cutoff_frame, events_as_of

ORDERS = [
    event(1, "1998-01-01T00:00:00Z", customer_id="ann"),
    event(2, "1998-01-14T23:59:59Z", customer_id="ann", price=5.0),
    event(3, "1998-01-10", customer_id="bob", channel=None),
]
AS_OF_15 = [("ann", "1998-01-15T00:00:00Z", "2", "15.0"), ("bob", "1998-01-15T00:00:00Z", "1", "10.0")]
COLUMNS = ("customer_id", "event_time", "orders", "spent")


def run(shop: Shop, as_of: str, **plan: Any) -> dict[str, Any]:
    arguments = shop.arguments(as_of, **plan)
    shop.transform(arguments)
    shop.quality(arguments)
    return shop.features(arguments)


def test_no_feature_sees_an_event_at_or_after_its_cutoff_or_before_its_window(shop: Shop) -> None:
    shop.land(ORDERS)
    first = run(shop, "1998-01-15")
    assert shop.rows("features", *COLUMNS) == AS_OF_15
    assert first["rows_appended"] == 2
    assert sorted(record["customer_id"] for record in shop.put) == ["ann", "bob"]
    assert shop.put[0]["event_time"] == "1998-01-15T00:00:00Z"
    assert "channel" not in next(record for record in shop.put if record["customer_id"] == "bob")

    # Events at or after the cutoff, and events before the window of 14 days, change no row of that cutoff.
    shop.land([event(4, "1998-01-15T00:00:00Z", customer_id="ann", price=99.0)], "1998/01/02/00/batch-2")
    shop.land([event(5, "1998-01-15T12:00:00Z", customer_id="eve", price=99.0)], "1998/01/02/00/batch-3")
    shop.forget_features()
    later = run(shop, "1998-01-16", cutoffs=["1998-01-15", "1998-01-16"])
    assert later["cutoffs_computed"] == 2
    rows = shop.rows("features", *COLUMNS)
    assert [row for row in rows if row[1] == "1998-01-15T00:00:00Z"] == AS_OF_15
    assert [row for row in rows if row[1] == "1998-01-16T00:00:00Z"] == [
        ("ann", "1998-01-16T00:00:00Z", "2", "104.0"),  # 1998-01-01 is 15 days back: out of the window
        ("bob", "1998-01-16T00:00:00Z", "1", "10.0"),
        ("eve", "1998-01-16T00:00:00Z", "1", "99.0"),
    ]


def test_a_rerun_changes_nothing_in_either_store(shop: Shop) -> None:
    shop.land(ORDERS)
    run(shop, "1998-01-15")
    rows = shop.rows("features")
    shop.put.clear()
    online_at = shop.feature_state()["online_at"]
    again = run(shop, "1998-01-15")
    assert (again["rows_appended"], again["rows_unchanged"], again["online_rows"]) == (0, 2, 0)
    # Serving counts the age of features to this day, and tells by the time whether it is the present one.
    put_again = shop.feature_state()
    assert put_again["online"] == "1998-01-15"
    assert put_again["online_at"] > online_at
    # An older day that runs later is kept offline and does not replace the online records.
    assert run(shop, "1998-01-14")["online_rows"] == 0
    assert shop.put == []
    assert shop.feature_state()["online_at"] == put_again["online_at"]
    assert [row for row in shop.rows("features") if "1998-01-15" in row[1]] == rows
    # Without the state of the last run, as after a crash before the online store was filled, every record is
    # put again.
    shop.forget_features()
    snapshot = shop.snapshot("features")
    mended = run(shop, "1998-01-15")
    assert (mended["rows_appended"], mended["online_rows"]) == (0, 2)
    assert shop.snapshot("features") == snapshot


def test_training_computes_only_cutoffs_that_are_missing_or_stale(shop: Shop) -> None:
    shop.land(ORDERS)
    days = ["1998-01-08", "1998-01-15"]
    assert run(shop, "1998-01-15", cutoffs=days)["cutoffs_computed"] == 2
    days.append("1998-01-22")
    shop.land([event(6, "1998-01-20", customer_id="ann")], "1998/01/02/00/batch-2")
    assert run(shop, "1998-01-22", cutoffs=days)["cutoffs_computed"] == 1
    # A late event within the allowed delay belongs to a window that has already been computed.
    days.append("1998-01-23")
    shop.land([event(7, "1998-01-20", customer_id="bob")], "1998/01/03/00/batch-3")
    late = run(shop, "1998-01-23", cutoffs=days)
    assert late["cutoffs_computed"] == 2
    newest = shop.table("features").where("event_time LIKE '1998-01-22%' AND customer_id = 'bob'")
    assert sorted(row["orders"] for row in newest.collect()) == [1, 2]
    # Changed SQL: every cutoff is computed again; entities missing from the new result are marked as deleted.
    shop.spec["features_sql"] += " HAVING customer_id <> 'bob'"
    changed = run(shop, "1998-01-23", cutoffs=days)
    assert changed["cutoffs_computed"] == 4
    assert changed["rows_deleted"] == changed["rows_appended"] > 0


@pytest.mark.parametrize(
    ("known_at", "schedule", "seen"),
    [
        ("event", {"time": "05:00", "time_zone": "UTC"}, ["before", "late", "next-hour"]),
        ("write", {"time": "05:00", "time_zone": "UTC"}, ["before"]),
        ("write", {"time": "05:59", "time_zone": "UTC"}, ["before"]),
        ("write", {"time": "06:00", "time_zone": "UTC"}, ["before", "next-hour"]),
        # 5 o'clock in New York is 10 o'clock UTC in winter.
        ("write", {"time": "05:00", "time_zone": "America/New_York"}, ["before", "next-hour"]),
        # 5 o'clock in Tokyo is 20 o'clock UTC of the day before: the run as of the 15th starts on its 16th.
        ("write", {"time": "05:00", "time_zone": "Asia/Tokyo"}, ["before", "next-hour"]),
    ],
)
def test_features_of_a_past_day_see_what_was_known_at_its_dawn(
    spark: SparkSession, known_at: str, schedule: dict[str, str], seen: list[str]
) -> None:
    made = spec_json(schedule=schedule)
    spec = Spec.parse(made | {"training": made["training"] | {"known_at": known_at}})
    columns = ", ".join(
        f"{name} {kind}" for name, kind in (spec.field_types | {"_raw_file": "string"}).items()
    )
    files = {
        "before": "1998/01/15/04/file-9",
        "next-hour": "1998/01/15/05/file-1",
        # It happened on the 14th, but the phone was offline until the 17th.
        "late": "1998/01/17/00/file-1",
    }
    happened = datetime(1998, 1, 14, tzinfo=UTC)
    values = [(name, happened, name, 1, 1.0, "web", None, file) for name, file in files.items()]
    found = features_as_of(spark, spec, spark.createDataFrame(values, columns), ["1998-01-15"])
    assert sorted(row["customer_id"] for row in found.collect()) == seen


def test_stored_rows_are_computed_again_when_it_changes_what_was_known() -> None:
    made = spec_json()
    written = made | {"training": made["training"] | {"known_at": "write"}}
    later = written | {"schedule": {"time": "06:00", "time_zone": "UTC"}}
    definitions = {Spec.parse(one).features_definition for one in (made, written, later)}
    assert len(definitions) == 3
    # The hour of the schedule decides only then.
    moved = made | {"schedule": later["schedule"]}
    assert Spec.parse(moved).features_definition == Spec.parse(made).features_definition


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "SELECT as_of, customer_id, 1L AS orders, 1D AS spent, channel FROM events",
            "1 rows repeat an .as_of, customer_id.",
        ),
        (
            "SELECT as_of, nullif(customer_id, 'b') AS customer_id, 1L AS orders, 1D AS spent, "
            "'x' AS channel FROM events GROUP BY ALL",
            "1 rows have no customer_id",
        ),
        (
            "SELECT DISTINCT as_of, customer_id, 1L AS orders, 1D AS spent, 'x' AS channel FROM events "
            "UNION ALL SELECT TIMESTAMP'1998-01-16', 'c', 1L, 1D, 'x'",
            "1 rows have an as_of that is not in the view events",
        ),
    ],
)
def test_invalid_feature_rows_are_rejected(spark: SparkSession, sql: str, message: str) -> None:
    spec = Spec.parse(spec_json(features_sql=sql))
    columns = ", ".join(f"{name} {kind}" for name, kind in spec.field_types.items())
    values = [
        (f"e{number}", datetime(1998, 1, 10), name, 1, 1.0, "web", None) for number, name in enumerate("aab")
    ]
    events = events_as_of(spark.createDataFrame(values, columns), cutoff_frame(spark, ["1998-01-15"]), spec)
    with pytest.raises(SqlError, match=message):
        check_and_summarize(query_features(spark, spec, events), spec, ["1998-01-15"])


def test_a_feature_column_that_the_feature_group_lacks_is_named(shop: Shop) -> None:
    ensure_features(shop.job("1998-01-15"))
    shop.spec["features"]["columns"]["visits"] = {"type": "integer"}
    with pytest.raises(JobError, match="has no column visits"):
        ensure_features(shop.job("1998-01-15"))
