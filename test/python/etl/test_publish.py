"""Transform and quality together: accounting, reruns, halts and crashes."""

from collections.abc import Callable
from typing import Any

import pytest
from etl_shop import Shop, event

from etl.quality import publish, step
from etl.shared.errors import DatasetRuleBroken

HALT_ON_FEW = {"rows": [], "dataset": [{"rule": "volume", "min_rows": 3, "severity": "halt"}]}


def accounted(transformed: dict[str, Any], checked: dict[str, Any]) -> bool:
    """Whether every line is staged, a duplicate, a reread or quarantined, and every staged row published or
    quarantined.
    """
    lines = transformed["staged_rows"] + transformed["duplicates_removed"] + transformed["reread_rows"]
    staged = checked["rows_published"] + sum(checked["quarantined"].values())
    return (
        transformed["lines_read"] == lines + sum(transformed["quarantined"].values())
        and checked["rows_in"] == transformed["staged_rows"] == staged
    )


def test_consecutive_days_are_accounted_for_and_a_rerun_changes_nothing(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01"), event(2, "1998-01-01", price=-1.0), "no json", event(1, "1998-01-01")])
    first = shop.publish("1998-01-02")
    assert accounted(*first)
    assert first[0]["duplicates_removed"] == 1
    assert first[1]["quarantined"] == {"range:price": 1}
    assert shop.rows("events", "event_id") == [("e1",)]
    reasons = shop.rows("quarantine", "raw_position", "stage", "reason", "event_id")
    assert reasons == [("2", "quality", "range:price", "e2"), ("3", "transform", "not_json", None)]

    # The next day: a new event, a repeated one, the good copy of one that broke a rule, one that is too late,
    # one from the future.
    shop.land(
        [event(3, "1998-01-05"), event(1, "1998-01-01"), event(2, "1998-01-02")], "1998/01/02/00/batch-2"
    )
    shop.land([event(4, "1997-12-29"), event(5, "1998-01-07")], "1998/01/02/00/batch-3")
    second = shop.publish("1998-01-05")
    assert accounted(*second)
    assert second[0]["raw_files"] == 2
    assert second[0]["quarantined"] == {"future": 1, "late": 1}
    assert second[0]["duplicates_removed"] == 1
    assert shop.rows("events", "event_id") == [("e1",), ("e2",), ("e3",)]

    before, snapshot = shop.state(), shop.snapshot("events")
    rerun = shop.publish("1998-01-05")
    assert rerun[0]["raw_files"] == rerun[0]["lines_read"] == 0
    assert rerun[1]["rules"] == []
    assert shop.state() == before
    assert shop.snapshot("events") == snapshot


def test_a_batch_that_is_delivered_again_when_its_events_are_late_is_all_duplicates(shop: Shop) -> None:
    batch = [event(number, "1998-01-01") for number in range(9)]
    shop.land(batch)
    shop.publish("1998-01-02")
    shop.land([event(100, "1998-01-19")], "1998/01/02/00/batch-2")
    shop.publish("1998-01-20")
    # With it, an event as old that was never published: that one is late.
    shop.land([*batch, event(9, "1998-01-01")], "1998/01/02/00/batch-3")
    transformed, checked = shop.publish("1998-01-21")
    assert accounted(transformed, checked)
    assert transformed["duplicates_removed"] == 9
    assert transformed["quarantined"] == {"late": 1}
    assert shop.rows("quarantine", "event_id", "reason") == [("e9", "late")]


def test_a_batch_that_is_delivered_again_does_not_halt_for_its_invalid_lines(shop: Shop) -> None:
    shop.spec["quality"]["dataset"] = [{"rule": "quarantine_share", "max": 0.5, "severity": "halt"}]
    batch = [event(number, "1998-01-01") for number in range(9)] + ["no json"]
    shop.land(batch)
    shop.publish("1998-01-02")
    shop.land(batch, "1998/01/02/00/batch-2")
    _, checked = shop.publish("1998-01-02")
    assert checked["published"]
    assert [(rule["rule"], rule["actual"]) for rule in checked["rules"]] == [
        ("quarantine_share", "0.1000 (1 of 10 lines)")
    ]


def test_an_id_with_a_good_copy_is_published_once(shop: Shop) -> None:
    bad, good = event(1, "1998-01-01", price=-1.0), event(1, "1998-01-01")
    shop.land([bad, good, good])
    transformed, checked = shop.publish("1998-01-02")
    assert accounted(transformed, checked)
    assert shop.rows("events", "event_id", "price") == [("e1", "10.0")]
    assert shop.rows("quarantine", "raw_position", "reason") == [("1", "range:price")]
    assert transformed["duplicates_removed"] == 1


def test_an_id_that_is_repeated_with_another_time_is_never_published_twice(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01"), event(2, "1998-01-01")])
    shop.publish("1998-01-02")
    # Long after the days in which an event may be late, and within the same batch.
    late = [
        event(1, "1998-01-20"),
        event(3, "1998-01-20"),
        event(3, "1998-01-19"),
        event(2, "1998-01-20T10:00:00Z"),
    ]
    shop.land(late, "1998/01/20/00/batch-2")
    shop.publish("1998-01-21")
    assert shop.rows("events", "event_id") == [("e1",), ("e2",), ("e3",)]
    reasons = shop.rows("quarantine", "event_id", "reason", "detail")
    detail = "an event with this event_id happened at 1998-01-01T00:00:00.000000Z"
    assert reasons[:2] == [(key, "conflicting_duplicate", detail) for key in ("e1", "e2")]
    assert [reason[:2] for reason in reasons[2:]] == [("e3", "conflicting_duplicate")]


def test_an_id_is_known_for_31_days_and_the_allowed_lateness_after_it_arrived(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01"), event(2, "1998-01-01")], "1998/01/02/00/first")
    shop.publish("1998-01-03")
    # 34 days later its file still counts, whatever the times of its events are.
    shop.land([event(3, "1998-02-05")], "1998/02/05/00/34-days-later")
    shop.publish("1998-02-06")
    shop.land([event(1, "1998-02-06")], "1998/02/06/00/repeated")
    shop.publish("1998-02-07")
    assert shop.rows("quarantine", "event_id", "reason") == [("e1", "conflicting_duplicate")]
    # From then on a copy with the same time is late, and one with a newer time is another event.
    shop.land([event(1, "1998-01-01"), event(2, "1998-02-07")], "1998/02/07/00/repeated")
    shop.publish("1998-02-08")
    assert shop.rows("quarantine", "event_id", "reason") == [("e1", "conflicting_duplicate"), ("e1", "late")]
    assert shop.rows("events", "event_id") == [("e1",), ("e2",), ("e2",), ("e3",)]


def test_a_run_for_a_past_day_publishes_newer_events_but_its_features_ignore_them(shop: Shop) -> None:
    shop.land([event(1, "1998-01-05"), event(2, "1998-01-10"), event(3, "1998-01-13")])
    past = shop.arguments("1998-01-06", started_at="1998-01-12T08:00:00Z")
    shop.transform(past)
    shop.quality(past)
    # By the run's clock, the event of the 10th is not in the future and that of the 13th is.
    assert shop.rows("events", "event_id") == [("e1",), ("e2",)]
    assert shop.rows("quarantine", "event_id", "reason") == [("e3", "future")]
    shop.features(past)
    assert shop.rows("features", "customer_id", "orders") == [("c1", "1")]


FATAL = {
    "rule": "expression",
    "name": "fatal",
    "sql": "IF(channel = 'fatal', raise_error('boom') IS NULL, true)",
}


@pytest.mark.usefixtures("unchecked_rules")
def test_a_file_that_makes_the_step_fail_is_quarantined_and_the_others_are_published(shop: Shop) -> None:
    shop.spec["quality"] = {"rows": [FATAL], "dataset": []}
    shop.land([event(1, "1998-01-01")], "1998/01/01/00/good-1")
    fatal = event(2, "1998-01-01", channel="fatal")
    killer = shop.land([fatal] * 2, "1998/01/01/01/killer")
    shop.land([event(3, "1998-01-01")], "1998/01/01/02/good-2")
    with pytest.raises(Exception, match="boom"):
        shop.publish("1998-01-02")
    transformed, checked = shop.publish("1998-01-02")
    assert accounted(transformed, checked)
    assert transformed["quarantined"] == {"unprocessable_file": 1}
    assert shop.rows("events", "event_id") == [("e1",), ("e3",)]
    ((raw_file, detail),) = shop.rows("quarantine", "raw_file", "detail")
    assert raw_file == killer
    assert "boom" in detail
    assert len(shop.rows("processed_files")) == 3

    # If every file fails, the cause is not in a file, so nothing is quarantined.
    shop.spec["quality"]["rows"][0] = FATAL | {"sql": "raise_error('outage') IS NULL"}
    for number in (4, 5):
        shop.land(["", event(number, "1998-01-02")], f"1998/01/02/00/batch-{number}")
    for _ in range(3):
        with pytest.raises(Exception, match="outage"):
            shop.publish("1998-01-03")
    assert len(shop.rows("quarantine")) == 1


@pytest.mark.usefixtures("unchecked_rules")
def test_a_line_that_makes_the_step_fail_is_quarantined_and_the_rest_of_its_file_is_published(
    shop: Shop,
) -> None:
    shop.spec["quality"] = {"rows": [FATAL], "dataset": []}
    orders = [event(number, "1998-01-01") for number in range(1, 40)]
    orders[17] |= {"channel": "fatal"}
    key = shop.land(["no json", *orders, {**orders[3], "event_id": "e90", "channel": "fatal"}])
    with pytest.raises(Exception, match="boom"):
        shop.publish("1998-01-02")
    transformed, checked = shop.publish("1998-01-02")
    assert accounted(transformed, checked)
    assert transformed["quarantined"] == {"not_json": 1, "unprocessable_line": 2}
    assert len(shop.rows("events")) == 38
    found = shop.rows("quarantine", "raw_file", "raw_position", "reason")
    assert found == [
        (key, "1", "not_json"),
        (key, "19", "unprocessable_line"),
        (key, "41", "unprocessable_line"),
    ]
    rows = {row[0]: row[1:] for row in shop.rows("quarantine", "raw_position", "detail", "event")}
    assert "the step fails on this line: " in rows["19"][0]
    assert "boom" in rows["19"][0]
    assert '"event_id": "e18"' in rows["19"][1]

    # When the rule is corrected, they can be replayed.
    shop.spec["quality"] = {"rows": [], "dataset": []}
    shop.publish("1998-01-02", replay={"reason": "unprocessable_line", "run_id": None})
    assert len(shop.rows("events")) == 40
    assert shop.rows("quarantine", "reason") == [("not_json",)]


def test_transform_writes_only_the_staged_table(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01"), "no json"])
    report = shop.transform(shop.arguments("1998-01-02"))
    assert (report["staged_rows"], report["published_as_of"]) == (1, None)
    tables = shop.spark.sql(f"SHOW TABLES IN lake.{shop.database}").collect()
    assert [row["tableName"] for row in tables] == ["staged"]


def test_a_halted_run_changes_no_published_data(shop: Shop) -> None:
    shop.spec["quality"] = HALT_ON_FEW
    shop.land([event(1, "1998-01-01"), "no json"])
    with pytest.raises(DatasetRuleBroken, match=r"volume: expected at least 3 rows, was 1 rows"):
        shop.publish("1998-01-02")
    assert shop.state() == {"events": [], "quarantine": [], "processed_files": []}
    report = shop.job("1998-01-02", run_id="run-1").read_report("quality")
    assert report["published"] is False
    assert [rule["passed"] for rule in report["rules"]] == [False]

    # When more events arrive, the next run reads the files of the halted run again.
    shop.land([event(2, "1998-01-01"), event(3, "1998-01-02")], "1998/01/01/01/batch-2")
    transformed, checked = shop.publish("1998-01-02")
    assert accounted(transformed, checked)
    assert transformed["raw_files"] == 2
    assert checked["rows_published"] == 3
    assert len(shop.rows("quarantine")) == 1


@pytest.mark.parametrize("crashing", ["publish_quarantine", "publish_processed_files"])
def test_a_crash_while_publishing_is_repaired_by_a_rerun(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, crashing: str
) -> None:
    shop.spec["quality"] = {"rows": [{"rule": "not_null", "field": "channel"}]} | {
        "dataset": HALT_ON_FEW["dataset"]
    }
    orders = [event(number, "1998-01-01") for number in range(3)]
    shop.land([*orders, event(8, "1998-01-01", channel=None), "no json", orders[0]])

    def crash(*_: object) -> None:
        raise RuntimeError("the machine is gone")

    original: Callable[..., int] = getattr(publish, crashing)
    monkeypatch.setattr(publish, crashing, crash)
    with pytest.raises(RuntimeError):
        shop.publish("1998-01-02")
    assert len(shop.rows("events")) == 3
    assert shop.rows("processed_files") == []

    monkeypatch.setattr(publish, crashing, original)
    transformed, checked = shop.publish("1998-01-02")
    assert accounted(transformed, checked)
    assert transformed["reread_rows"] == 3
    # The rule for three rows still passes: the rows published before the crash are part of the batch.
    assert checked["published"] is True
    assert checked["rows_published"] == 0
    assert len(shop.rows("events")) == 3
    assert shop.rows("quarantine", "raw_position") == [("4",), ("5",)]
    assert len(shop.rows("processed_files")) == 1


def test_a_quality_step_that_dies_after_its_last_commit_is_repeated_without_breaking_a_rule(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    unique = {"rule": "unique", "fields": ["event_id"], "severity": "halt"}
    shop.spec["quality"] = {"rows": [{"rule": "not_null", "field": "channel"}], "dataset": [unique]}
    orders = [event(number, "1998-01-01") for number in range(3)]
    shop.land([*orders, *orders, event(8, "1998-01-01", channel=None), "no json"])
    arguments = shop.arguments("1998-01-02")
    shop.transform(arguments)
    original = publish.publish_processed_files

    def commit_and_crash(*given: Any) -> None:
        original(*given)
        raise RuntimeError("the machine is gone")

    monkeypatch.setattr(publish, "publish_processed_files", commit_and_crash)
    with pytest.raises(RuntimeError):
        shop.quality(arguments)
    before = shop.state()

    checked = shop.quality(arguments)
    # The duplicates of the published events are not judged, neither the first time nor now.
    assert [rule["passed"] for rule in checked["rules"]] == [True]
    assert (checked["published"], checked["rows_published"]) == (True, 0)
    assert shop.state() == before


def test_a_crash_before_every_table_exists_is_repaired_by_a_rerun(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: object) -> None:
        raise RuntimeError("the machine is gone")

    shop.land([event(1, "1998-01-01")])
    monkeypatch.setattr(step, "ensure_processed_files", crash)
    with pytest.raises(RuntimeError):
        shop.publish("1998-01-02")
    assert shop.state() == {"events": [], "quarantine": [], "processed_files": []}
    monkeypatch.undo()
    transformed, checked = shop.publish("1998-01-02")
    assert (transformed["published_as_of"], checked["rows_published"]) == (None, 1)


def test_a_batch_without_events_is_judged_by_the_volume_rule(shop: Shop) -> None:
    transformed, checked = shop.publish("1998-01-02")
    assert transformed["lines_read"] == transformed["raw_files"] == 0
    assert checked["published"] is True
    assert checked["events_snapshot_id"] is None
    shop.spec["quality"] = HALT_ON_FEW
    with pytest.raises(DatasetRuleBroken, match="was 0 rows"):
        shop.publish("1998-01-03")


def test_a_field_added_to_the_pipeline_becomes_a_column(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01")])
    shop.publish("1998-01-02")
    shop.spec["events"]["fields"]["coupon"] = {"type": "string", "required": False}
    shop.land([event(2, "1998-01-02", coupon="SPRING")], "1998/01/02/00/batch-2")
    shop.publish("1998-01-03")
    assert shop.rows("events", "event_id", "coupon") == [("e1", None), ("e2", "SPRING")]


def test_a_field_removed_from_the_pipeline_stays_a_column(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01")])
    shop.publish("1998-01-02")
    del shop.spec["events"]["fields"]["gift"]
    shop.land([event(2, "1998-01-02", gift=True)], "1998/01/02/00/batch-2")
    shop.publish("1998-01-03")
    assert shop.rows("events", "event_id", "gift") == [("e1", None), ("e2", None)]


def test_rows_that_an_interrupted_run_quarantined_are_judged_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.land([event(1, "1998-01-01", price=-1.0), event(2, "1998-01-01", price=-2.0), "no json"])
    with monkeypatch.context() as patch:
        patch.setattr(publish, "publish_processed_files", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            shop.publish("1998-01-02")
    assert shop.rows("quarantine", "reason") == [("not_json",), ("range:price",), ("range:price",)]
    # The rule is corrected before the run is repeated: each line is still in exactly one place.
    shop.spec["quality"] = {"rows": [{"rule": "range", "field": "price", "min": -1.5}], "dataset": []}
    shop.publish("1998-01-02")
    assert shop.rows("events", "event_id") == [("e1",)]
    assert shop.rows("quarantine", "raw_position", "reason") == [("2", "range:price"), ("3", "not_json")]
    assert len(shop.rows("processed_files")) == 1
