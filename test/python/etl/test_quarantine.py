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
    with pytest.raises(JobError, match="nothing of run halted waits"):
        shop.transform(shop.arguments("1998-01-02", release={"run_id": "halted"}))


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
    shop.land([event(1, "1998-01-01", channel="fatal"), event(2, "1998-01-01")], "1998/01/01/00/killer")
    shop.land([event(3, "1998-01-01")], "1998/01/01/01/good")
    with pytest.raises(Exception, match="boom"):
        shop.publish("1998-01-02")
    shop.publish("1998-01-02")
    assert shop.rows("quarantine", "raw_position", "reason") == [("0", "unprocessable_file")]

    shop.spec["quality"] = {"rows": [], "dataset": []}
    shop.publish("1998-01-02", replay={"reason": "unprocessable_file", "run_id": None})
    assert shop.rows("events", "event_id") == [("e1",), ("e2",), ("e3",)]
    assert shop.rows("quarantine") == []
