"""Transform and quality together: accounting, reruns, halts and crashes."""

from collections.abc import Callable
from typing import Any

import pytest
from etl_shop import Shop, event

from etl.quality import publish, step
from etl.shared.errors import DatasetRuleBroken

HALT_ON_FEW = {"rows": [], "dataset": [{"rule": "volume", "min_rows": 3, "severity": "halt"}]}


def accounted(transformed: dict[str, Any], checked: dict[str, Any]) -> bool:
    """The identity: every line is staged, a duplicate, read once more, or set aside; every staged row
    likewise.
    """
    lines = transformed["staged_rows"] + transformed["duplicates_removed"] + transformed["reread_rows"]
    staged = checked["rows_published"] + sum(checked["quarantined"].values())
    return (
        transformed["lines_read"] == lines + sum(transformed["quarantined"].values())
        and checked["rows_in"] == transformed["staged_rows"] == staged
    )


def test_days_add_up_and_a_rerun_changes_nothing(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01"), event(2, "1998-01-01", price=-1.0), "no json", event(1, "1998-01-01")])
    first = shop.publish("1998-01-02")
    assert accounted(*first)
    assert first[0]["duplicates_removed"] == 1
    assert first[1]["quarantined"] == {"range:price": 1}
    assert shop.rows("events", "event_id") == [("e1",)]
    reasons = shop.rows("quarantine", "raw_position", "stage", "reason", "event_id")
    assert reasons == [("2", "quality", "range:price", "e2"), ("3", "transform", "not_json", None)]

    # The next day: a new event, one sent again, one too old, one from the future.
    shop.land([event(3, "1998-01-05"), event(1, "1998-01-01")], "1998/01/02/00/batch-2")
    shop.land([event(4, "1997-12-29"), event(5, "1998-01-07")], "1998/01/02/00/batch-3")
    second = shop.publish("1998-01-05")
    assert accounted(*second)
    assert second[0]["raw_files"] == 2
    assert second[0]["quarantined"] == {"future": 1, "late": 1}
    assert second[0]["duplicates_removed"] == 1
    assert shop.rows("events", "event_id") == [("e1",), ("e3",)]

    before, snapshot = shop.state(), shop.snapshot("events")
    rerun = shop.publish("1998-01-05")
    assert rerun[0]["raw_files"] == rerun[0]["lines_read"] == 0
    assert rerun[1]["rules"] == []
    assert shop.state() == before
    assert shop.snapshot("events") == snapshot


def test_transform_writes_nothing_but_staged_lines(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01"), "no json"])
    report = shop.transform(shop.arguments("1998-01-02"))
    assert (report["staged_rows"], report["published_as_of"]) == (1, None)
    tables = shop.spark.sql(f"SHOW TABLES IN lake.{shop.database}").collect()
    assert [row["tableName"] for row in tables] == ["staged"]


def test_a_halted_run_leaves_everything_as_it_was(shop: Shop) -> None:
    shop.spec["quality"] = HALT_ON_FEW
    shop.land([event(1, "1998-01-01"), "no json"])
    with pytest.raises(DatasetRuleBroken, match=r"volume: expected at least 3 rows, was 1 rows"):
        shop.publish("1998-01-02")
    assert shop.state() == {"events": [], "quarantine": [], "processed_files": []}
    report = shop.job("1998-01-02", run_id="run-1").read_report("quality")
    assert report["published"] is False
    assert [rule["passed"] for rule in report["rules"]] == [False]

    # More events come: the run after reads the files of the halted one again.
    shop.land([event(2, "1998-01-01"), event(3, "1998-01-02")], "1998/01/01/01/batch-2")
    transformed, checked = shop.publish("1998-01-02")
    assert accounted(transformed, checked)
    assert transformed["raw_files"] == 2
    assert checked["rows_published"] == 3
    assert len(shop.rows("quarantine")) == 1


@pytest.mark.parametrize("crashing", ["publish_quarantine", "publish_processed_files"])
def test_a_crash_while_publishing_is_mended_by_a_rerun(
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
    # The rule for three rows holds, though none of them is published now: they were part of the batch.
    assert checked["published"] is True
    assert checked["rows_published"] == 0
    assert len(shop.rows("events")) == 3
    assert shop.rows("quarantine", "raw_position") == [("4",), ("5",)]
    assert len(shop.rows("processed_files")) == 1


def test_a_crash_before_every_table_exists_is_mended_by_a_rerun(
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


def test_without_any_event_the_volume_rule_decides(shop: Shop) -> None:
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
