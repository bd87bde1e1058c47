"""Decisions of a person about data that was held back: release a halted batch, replay quarantined lines."""

import pytest
from etl_shop import Shop, event

from etl.shared.errors import DatasetRuleBroken, JobError

HALT_ON_FEW = {"rows": [], "dataset": [{"rule": "volume", "min_rows": 3, "severity": "halt"}]}
FATAL = {
    "rule": "expression",
    "name": "fatal",
    "sql": "IF(channel = 'fatal', raise_error('boom') IS NULL, true)",
}


def test_a_halted_batch_is_released_with_a_name_and_a_reason_and_without_later_data(shop: Shop) -> None:
    shop.spec["quality"] = HALT_ON_FEW
    shop.land([event(1, "1998-01-01"), "no json"])
    with pytest.raises(DatasetRuleBroken):
        shop.publish("1998-01-02", run_id="halted")
    # Data that has arrived since is not part of what the person has reviewed.
    shop.land([event(2, "1998-01-02")], "1998/01/02/00/batch-2")
    _, checked = shop.publish("1998-01-02", release={"run_id": "halted"})
    assert checked["published"] is True
    assert [rule["passed"] for rule in checked["rules"]] == [False]
    assert checked["released"] == {"run_id": "halted", "by": "ann", "reason": "looked at it"}
    assert shop.rows("events", "event_id") == [("e1",)]
    assert len(shop.rows("quarantine")) == len(shop.rows("processed_files")) == 1
    with pytest.raises(JobError, match="files of run halted are already published"):
        shop.transform(shop.arguments("1998-01-02", release={"run_id": "halted"}))


def test_only_a_run_halted_by_a_dataset_rule_can_be_released(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01")])
    # This run ended before quality.
    shop.transform(shop.arguments("1998-01-02", run_id="unjudged"))
    for run_id in ("unjudged", "unknown"):
        with pytest.raises(JobError, match=f"no dataset rule has halted a run {run_id}"):
            shop.transform(shop.arguments("1998-01-02", release={"run_id": run_id}))


def test_a_release_publishes_nothing_that_another_run_has_published_meanwhile(shop: Shop) -> None:
    shop.spec["quality"] = HALT_ON_FEW
    shop.land([event(1, "1998-01-01"), event(2, "1998-01-01")])
    with pytest.raises(DatasetRuleBroken):
        shop.publish("1998-01-02", run_id="halted")
    released = shop.arguments("1998-01-02", release={"run_id": "halted"})
    shop.transform(released)
    # Before quality publishes it, another run reads the same files and three more orders.
    shop.land([event(number, "1998-01-02") for number in (2, 3, 4)], "1998/01/02/00/batch-2")
    shop.publish("1998-01-02")
    before = shop.state()
    assert len(before["events"]) == 4
    checked = shop.quality(released)
    assert (checked["published"], checked["rows_published"]) == (True, 0)
    assert shop.state() == before


def test_replayed_lines_are_judged_by_the_current_rules(shop: Shop) -> None:
    shop.land([event(9, "1998-01-10")])
    shop.publish("1998-01-11")
    late = event(1, "1998-01-01")
    batch = [late, late, event(2, "1998-01-11", price=-1.0), event(3, "1998-01-11"), "no json"]
    shop.land(batch, "1998/01/11/00/batch-2")
    shop.publish("1998-01-12", run_id="second")
    assert shop.rows("quarantine", "reason") == [("late",), ("late",), ("not_json",), ("range:price",)]

    transformed, checked = shop.publish("1998-01-12", replay={"reason": "late", "run_id": None})
    # The other lines of the file do not change, and the second copy is still a duplicate.
    assert (transformed["lines_read"], transformed["duplicates_removed"]) == (2, 1)
    assert checked["rows_published"] == 1
    assert shop.rows("events", "event_id") == [("e1",), ("e3",), ("e9",)]
    assert shop.rows("quarantine", "reason") == [("not_json",), ("range:price",)]

    # After a rule that was too strict is corrected, only the invalid line stays in quarantine, once.
    shop.spec["quality"] = {"rows": [{"rule": "range", "field": "price", "min": -5}], "dataset": []}
    for _ in range(2):
        shop.publish("1998-01-12", replay={"reason": None, "run_id": "second"})
        assert shop.rows("events", "event_id") == [("e1",), ("e2",), ("e3",), ("e9",)]
        assert shop.rows("quarantine", "reason") == [("not_json",)]


@pytest.mark.usefixtures("unchecked_rules")
def test_a_file_that_was_quarantined_as_a_whole_is_replayed_as_a_whole(shop: Shop) -> None:
    shop.spec["quality"] = {"rows": [FATAL], "dataset": []}
    killer = [event(number, "1998-01-01", channel="fatal") for number in (1, 2)]
    shop.land(killer, "1998/01/01/00/killer")
    shop.land([event(3, "1998-01-01")], "1998/01/01/01/good")
    with pytest.raises(Exception, match="boom"):
        shop.publish("1998-01-02")
    shop.publish("1998-01-02")
    assert shop.rows("quarantine", "raw_position", "reason") == [("0", "unprocessable_file")]

    shop.spec["quality"] = {"rows": [], "dataset": []}
    shop.publish("1998-01-02", replay={"reason": "unprocessable_file", "run_id": None})
    assert shop.rows("events", "event_id") == [("e1",), ("e2",), ("e3",)]
    assert shop.rows("quarantine") == []


def test_a_truncated_file_is_replayed_from_its_fault_once_it_is_complete(shop: Shop) -> None:
    key = shop.land([event(number, "1998-01-01") for number in range(20_000)])
    file = shop.home / "raw/shop" / key
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    first, _ = shop.publish("1998-01-02")
    assert first["quarantined"] == {"unreadable_file": 1}
    assert 0 < first["staged_rows"] < 20_000
    replay = {"reason": "unreadable_file", "run_id": None}
    for _ in range(2):
        shop.publish("1998-01-02", replay=replay)
        assert shop.table("events").count() == first["staged_rows"]
        ((position, detail),) = shop.rows("quarantine", "raw_position", "detail")
        assert (position, "no whole gzip file" in detail) == (str(first["staged_rows"] + 1), True)

    file.write_bytes(whole)
    shop.publish("1998-01-02", replay=replay)
    assert shop.table("events").select("event_id").distinct().count() == 20_000
    assert shop.table("events").count() == 20_000
    assert shop.rows("quarantine") == []


@pytest.mark.usefixtures("unchecked_rules")
def test_a_replay_that_makes_the_step_fail_leaves_its_lines_in_quarantine(shop: Shop) -> None:
    fatal = event(2, "1998-01-01", channel="fatal", price=-1.0)
    keys = [shop.land([event(1, "1998-01-01"), fatal, fatal]), shop.land(["no json"], "1998/01/01/00/other")]
    shop.publish("1998-01-02")
    shop.spec["quality"] = {"rows": [FATAL], "dataset": []}
    before = shop.rows("events")
    everything = {"reason": None, "run_id": None}
    with pytest.raises(Exception, match="boom"):
        shop.publish("1998-01-02", replay=everything)
    shop.publish("1998-01-02", replay=everything)
    assert shop.rows("events") == before
    found = sorted(shop.rows("quarantine", "raw_file", "raw_position", "reason"))
    assert found == sorted(
        [
            (keys[0], "2", "unprocessable_line"),
            (keys[0], "3", "unprocessable_line"),
            (keys[1], "1", "not_json"),
        ]
    )


def test_a_replay_and_a_run_that_overlap_publish_no_id_twice(shop: Shop) -> None:
    shop.land([event(9, "1998-01-10")])
    shop.publish("1998-01-11")
    # Quarantined as late; then the same IDs arrive again, one with the same time and one with another.
    shop.land([event(1, "1998-01-01"), event(2, "1998-01-01")], "1998/01/11/00/late")
    shop.publish("1998-01-12")
    again = [event(1, "1998-01-12"), event(1, "1998-01-12"), event(2, "1998-01-01"), event(3, "1998-01-12")]
    shop.land(again, "1998/01/12/00/again")

    replay = shop.arguments("1998-01-13", replay={"reason": "late", "run_id": None})
    usual = shop.arguments("1998-01-13")
    for arguments in (replay, usual):
        shop.transform(arguments)
    assert shop.quality(replay)["rows_published"] == 2
    checked = shop.quality(usual)
    assert checked["quarantined"] == {"conflicting_duplicate": 2}
    assert shop.rows("events", "event_id", "_raw_file") == [
        ("e1", "1998/01/11/00/late.gz"),
        ("e2", "1998/01/11/00/late.gz"),
        ("e3", "1998/01/12/00/again.gz"),
        ("e9", "1998/01/01/00/batch-1.gz"),
    ]
    found = shop.rows("quarantine", "raw_file", "raw_position", "reason")
    assert found == [
        ("1998/01/12/00/again.gz", "1", "conflicting_duplicate"),
        ("1998/01/12/00/again.gz", "2", "conflicting_duplicate"),
    ]


def test_two_overlapping_runs_or_replays_of_the_same_lines_end_like_one(shop: Shop) -> None:
    shop.land([event(1, "1998-01-01"), event(2, "1998-01-01", price=-1.0), "no json"])
    runs = [shop.arguments("1998-01-02") for _ in range(2)]
    for run in runs:
        shop.transform(run)
    assert [shop.quality(run)["rows_published"] for run in runs] == [1, 0]
    assert shop.rows("quarantine", "raw_position") == [("2",), ("3",)]
    assert len(shop.rows("processed_files")) == 1

    shop.spec["quality"] = {"rows": [], "dataset": []}
    replays = [shop.arguments("1998-01-02", replay={"reason": None, "run_id": None}) for _ in range(2)]
    for replay in replays:
        shop.transform(replay)
    assert [shop.quality(replay)["rows_published"] for replay in replays] == [1, 0]
    # Step Functions repeats a step after an internal error of Glue.
    before = shop.state()
    shop.quality(replays[0])
    shop.quality(runs[1])
    assert shop.state() == before
    assert shop.rows("events", "event_id") == [("e1",), ("e2",)]
    assert shop.rows("quarantine", "raw_position", "reason") == [("3", "not_json")]
