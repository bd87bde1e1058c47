"""The rules of the gate: which bound decides, what is said when it fails, and that no worse model passes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gate import Difference, Gates, Predecessor, is_better, judge, mann_whitney_error
from hypothesis import given
from hypothesis import strategies as st
from measured import Measured, Sample

GATES = Gates(
    minimum={"auc": 0.6}, min_test_rows=500, metric="auc", margin=0.01, over_chance=0, over_simple_model=-0.02
)
SAMPLE = Sample(rows=2000, positives=600, entities=1500, independent=500)


def measured(auc: float = 0.75, error: float = 0.01, **metrics: float) -> Measured:
    """A model with an AUC and its standard error; other metrics have a tenth of it."""
    spread = np.random.default_rng(1).normal(size=4000)
    spread = (spread - spread.mean()) / spread.std(ddof=1)
    values = {"auc": auc, "base_rate": 0.3, **metrics}
    errors = {"auc": error, "base_rate": 0.0}
    replicates = {name: value + errors.get(name, error / 10) * spread for name, value in values.items()}
    return Measured(values, replicates)


def gap(estimate: float, error: float, sample: Sample = SAMPLE) -> Difference:
    return Difference(0.7 + estimate, 0.7, error, sample)


def verdict(challenger: Measured | None = None, gates: Gates = GATES, **parts: Any) -> dict[str, dict]:
    given_parts = {"simple": {}, "predecessors": [], "when": lambda rows: f"Wait for {rows}."} | parts
    entries = judge(gates, given_parts.pop("sample", SAMPLE), challenger or measured(), **given_parts)
    return {entry["rule"]: entry for entry in entries}


def champion(difference: Difference | None, unseen: int = 2000) -> Predecessor:
    return Predecessor(
        "v1, the serving version", unseen, difference, lambda rows: f"Wait for {rows} new ones."
    )


def test_a_good_model_passes_every_rule() -> None:
    found = verdict(simple={"clicks alone": gap(0.05, 0.01)}, predecessors=[champion(gap(0.01, 0.005))])
    assert list(found) == [
        "test rows",
        "auc",
        "auc over chance",
        "auc against clicks alone",
        "test rows new to v1, the serving version",
        "auc against v1, the serving version",
    ]
    assert all(entry["passed"] for entry in found.values())
    assert not any("reason" in entry for entry in found.values())


def test_a_challenger_that_may_be_worse_by_more_than_the_margin_lacks_evidence() -> None:
    rule = verdict(predecessors=[champion(gap(0.002, 0.01))])["auc against v1, the serving version"]
    assert rule == {
        "rule": "auc against v1, the serving version",
        "expected": "difference above −0.01 with 95 % confidence",
        "actual": -0.0145,
        "difference": 0.002,
        "passed": False,
        "lacks_evidence": True,
        # About (1.6464 · 0.01 / 0.012)² · 2,000, with the quantile of more rows.
        "rows_to_settle": 3766,
        "reason": "The difference is +0.002, but 2,000 rows cannot rule out −0.0145. "
        "About 3,766 rows would settle it if the difference stays as it is. Wait for 3766 new ones.",
    }


def test_a_challenger_that_is_worse_by_more_than_the_margin_is_not_a_matter_of_evidence() -> None:
    rule = verdict(predecessors=[champion(gap(-0.012, 0.001))])["auc against v1, the serving version"]
    assert (rule["passed"], rule["reason"]) == (False, "The difference is −0.012.")
    assert "lacks_evidence" not in rule


def test_the_rows_that_would_settle_it_do() -> None:
    """With the error that so many rows have, the bound just reaches the limit."""
    unsettled = gap(0.002, 0.01)
    rows = unsettled.rows_to_settle(-0.01, 0.95)
    larger = replace(SAMPLE, rows=rows, independent=SAMPLE.independent * rows / 2000)
    more = replace(unsettled, error=0.01 * np.sqrt(2000 / rows), sample=larger)
    assert more.bound(0.95) == pytest.approx(-0.01, abs=1e-5)


def test_a_difference_that_needs_more_rows_than_anyone_has_says_so() -> None:
    rule = verdict(predecessors=[champion(gap(-0.00999999, 0.01))])["auc against v1, the serving version"]
    assert "More than 10,000,000 rows would settle it" in rule["reason"]


def test_too_few_rows_are_a_lack_of_evidence_with_a_remedy() -> None:
    few = Sample(rows=499, positives=150, entities=400, independent=120)
    found = verdict(sample=few, predecessors=[champion(None, unseen=0)])
    assert found["test rows"]["lacks_evidence"]
    assert found["test rows"]["reason"] == "Wait for 500."
    unseen = found["test rows new to v1, the serving version"]
    assert (unseen["actual"], unseen["reason"], unseen["lacks_evidence"]) == (
        0,
        "Wait for 500 new ones.",
        True,
    )
    assert "auc against v1, the serving version" not in found


def test_chance_is_ruled_out_by_the_auc_whatever_has_a_minimum() -> None:
    lucky = measured(auc=0.53, error=0.005, f1=0.62)
    found = verdict(lucky, replace(GATES, minimum={"f1": 0.6}))
    assert found["f1"]["passed"]
    # The null's own error is 0.0141: with few labels, the bootstrap's is not trusted to be smaller.
    assert not found["auc over chance"]["passed"]
    assert mann_whitney_error(SAMPLE) == pytest.approx(0.0141, abs=1e-4)


def test_an_f1_below_always_positive_is_no_skill() -> None:
    """At a base rate of 0.656, as in CDNOW, predicting positive for everyone has an F1 of 0.792."""
    sample = Sample(rows=2000, positives=1312, entities=1500, independent=600)
    gates = replace(GATES, minimum={"auc": 0.6, "f1": 0.78})

    def rule(f1: float) -> dict[str, Any]:
        model = measured(f1=f1)
        model.replicates["base_rate"][:] = 0.656
        return verdict(model, gates, sample=sample)["f1 over always positive"]

    assert not rule(0.79)["passed"]
    assert rule(0.80)["passed"]
    # A model that predicts positive for everyone.
    assert not rule(2 * 0.656 / 1.656)["passed"]


def test_few_entities_widen_every_interval() -> None:
    few = gap(0.0, 0.01, replace(SAMPLE, independent=5))
    assert few.bound(0.95) < gap(0.0, 0.01).bound(0.95) < 0
    assert few.interval()[1] > gap(0.0, 0.01).interval()[1]


@pytest.mark.parametrize(("estimate", "better"), [(0.02, True), (0.01, False), (-0.02, False)])
def test_better_means_by_more_than_chance(estimate: float, better: bool) -> None:
    assert is_better(gap(estimate, 0.01)) is better
    assert not is_better(None)


@given(st.floats(-0.2, 0.2), st.floats(0, 0.2), st.floats(1e-4, 0.1), st.floats(0, 0.1))
def test_no_rule_refuses_a_better_model_while_it_passes_a_worse_one(
    estimate: float, more: float, error: float, margin: float
) -> None:
    def passes(difference: Difference) -> bool:
        found = verdict(gates=replace(GATES, margin=margin), predecessors=[champion(difference)])
        return found["auc against v1, the serving version"]["passed"]

    assert passes(gap(estimate + more, error)) or not passes(gap(estimate, error))
    assert passes(gap(estimate, error / 2)) or not passes(gap(estimate, error))
