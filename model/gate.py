"""The gate: whether an evaluated model may be registered, with the evidence for each rule.

A rule about a difference asks for more than a better estimate: the lower end of a one-sided confidence
interval must lie above the limit, so that no model passes by luck. A rule that fails because the interval is
too wide, and not because the model is worse, says so and says about how many rows would settle it.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from measured import Measured, Sample
from scipy import stats

CONFIDENCE = 0.95
# Gates run every day, and this rule has no margin. The standard error is itself an estimate: of 10,000 models
# of pure noise, about three look better than chance, not one.
CONFIDENCE_ABOVE_CHANCE = 0.9999
DIGITS = 4
# Nobody has more test rows.
MOST_ROWS = 10_000_000

# What a model without skill reaches at a base rate: the better of answering always and never. Recall has no
# such value, since answering "positive" to everyone reaches 1.
NO_SKILL: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "auc": ("chance", lambda base_rate: 0.5 + 0 * base_rate),
    "f1": ("always positive", lambda base_rate: 2 * base_rate / (1 + base_rate)),
    "precision": ("the base rate", lambda base_rate: base_rate),
    "accuracy": ("the larger class", lambda base_rate: np.maximum(base_rate, 1 - base_rate)),
}

Rule = dict[str, Any]
When = Callable[[int], str]


@dataclass(frozen=True)
class Gates:
    """`gates` of pipeline.yaml."""

    minimum: Mapping[str, float]
    min_test_rows: int
    metric: str
    margin: float
    over_chance: float
    over_simple_model: float

    @staticmethod
    def parse(gates: Mapping[str, Any]) -> "Gates":
        """From the resolved pipeline.yaml."""
        return Gates(
            minimum=gates["minimum"],
            min_test_rows=int(gates["min_test_rows"]),
            metric=gates["champion"]["metric"],
            margin=float(gates["champion"]["margin"]),
            over_chance=float(gates["lift"]["over_chance"]),
            over_simple_model=float(gates["lift"]["over_simple_model"]),
        )


@dataclass(frozen=True)
class Difference:
    """A metric of two models on the same rows, and the standard error of what one is above the other."""

    one: float
    other: float
    error: float
    sample: Sample

    @staticmethod
    def between(one: Measured, other: Measured, metric: str, sample: Sample) -> "Difference":
        """The paired difference: in each replicate, both models answer the same rows."""
        error = _deviation(one.replicates[metric] - other.replicates[metric])
        return Difference(one.metrics[metric], other.metrics[metric], error, sample)

    @property
    def estimate(self) -> float:
        """What one is above the other."""
        return self.one - self.other

    def bound(self, confidence: float) -> float:
        """The lower end of the one-sided interval: estimate − quantile · standard error."""
        return self.estimate - self._reach(confidence)

    def interval(self) -> tuple[float, float]:
        """The two-sided 95 % interval."""
        reach = self._reach(0.5 + CONFIDENCE / 2)
        return self.estimate - reach, self.estimate + reach

    def rows_to_settle(self, limit: float, confidence: float) -> int:
        """About how many rows would bring the bound to `limit` if the estimate stayed as it is."""
        rows = self.sample.rows
        candidates = range(rows, max(rows, MOST_ROWS))
        enough = bisect_left(
            candidates, True, key=lambda more: self.estimate - self._reach(confidence, more / rows) >= limit
        )
        return rows + enough

    def _reach(self, confidence: float, times: float = 1.0) -> float:
        """The quantile times the standard error, also of a sample so many times as large: the error falls
        with the square root of its size.

        The quantile is Student's, because the error is itself an estimate. It is about as uncertain as a
        variance of so many rows as the smaller class has independent ones (as Welch's degrees of freedom of
        two samples are at least those of the smaller one: Biometrika 34, 1947).
        """
        freedom = max(1.0, times * self.sample.independent - 1)
        return float(stats.t.ppf(confidence, freedom)) * self.error / times**0.5


@dataclass(frozen=True)
class Predecessor:
    """A registered version that a new model must keep up with."""

    # Such as "v1, the serving version".
    name: str
    # The test rows that it has not learnt from, and the difference on them; None if it cannot be computed.
    unseen_rows: int
    difference: Difference | None
    # When a run has so many of them, in a sentence or two.
    when: When


def judge(
    gates: Gates,
    sample: Sample,
    challenger: Measured,
    simple: Mapping[str, Difference],
    predecessors: Sequence[Predecessor],
    when: When,
) -> list[Rule]:
    """The verdict: one entry for each rule, in the order in which a reader asks.

    `when` says when a run has so many test rows.
    """
    verdict = [_enough_rows("test rows", sample.rows, gates.min_test_rows, when(gates.min_test_rows))]
    for metric, least in gates.minimum.items():
        verdict.append(_minimum(metric, least, challenger.metrics[metric]))
    # Chance is ruled out by the AUC whatever the minimum is about.
    for metric in dict.fromkeys(["auc", *gates.minimum]):
        if metric in NO_SKILL:
            verdict.append(_above_no_skill(metric, sample, challenger, gates.over_chance, when))
    for name, gap in simple.items():
        verdict.append(_above(f"auc against {name}", gap, gates.over_simple_model, CONFIDENCE, when))
    for one in predecessors:
        name = f"test rows new to {one.name}"
        verdict.append(
            _enough_rows(name, one.unseen_rows, gates.min_test_rows, one.when(gates.min_test_rows))
        )
        if one.difference is not None:
            name = f"{gates.metric} against {one.name}"
            verdict.append(_above(name, one.difference, -gates.margin, CONFIDENCE, one.when))
    return verdict


def is_better(gap: Difference | None) -> bool:
    """Whether a model is better by more than chance."""
    return gap is not None and gap.bound(CONFIDENCE) > 0


def mann_whitney_error(sample: Sample) -> float:
    """The standard error of the AUC of scores that say nothing (Mann and Whitney, 1947)."""
    negatives = sample.rows - sample.positives
    return float(np.sqrt((sample.rows + 1) / (12 * sample.positives * negatives)))


def _enough_rows(rule: str, rows: int, least: int, remedy: str) -> Rule:
    entry = {"rule": rule, "expected": f"at least {least}", "actual": rows, "passed": rows >= least}
    return entry if rows >= least else {**entry, "lacks_evidence": True, "reason": remedy}


def _minimum(metric: str, least: float, actual: float) -> Rule:
    entry = {"rule": metric, "expected": f"at least {least:g}", "actual": round(actual, DIGITS)}
    return {**entry, "passed": actual >= least}


def _above_no_skill(metric: str, sample: Sample, challenger: Measured, lift: float, when: When) -> Rule:
    name, no_skill = NO_SKILL[metric]
    gap = Difference(
        challenger.metrics[metric],
        float(no_skill(sample.base_rate)),
        _deviation(challenger.replicates[metric] - no_skill(challenger.replicates["base_rate"])),
        sample,
    )
    if metric != "auc":
        return _above(f"{metric} over {name}", gap, lift, CONFIDENCE, when)
    # Where labels are few, the resampled error is itself uncertain: it is at least what chance gives.
    gap = replace(gap, error=max(gap.error, mann_whitney_error(sample)))
    return _above(f"{metric} over {name}", gap, lift, CONFIDENCE_ABOVE_CHANCE, when)


def _above(rule: str, gap: Difference, limit: float, confidence: float, when: When) -> Rule:
    """The lower end of a difference's interval must lie above a limit."""
    bound = gap.bound(confidence)
    entry: Rule = {
        "rule": rule,
        "expected": f"difference above {_signed(limit)} with {100 * confidence:g} % confidence",
        "actual": round(bound, DIGITS),
        "difference": round(gap.estimate, DIGITS),
        "passed": bound > limit,
    }
    if bound > limit:
        return entry
    if gap.estimate <= limit:
        return {**entry, "reason": f"The difference is {_signed(gap.estimate)}."}
    rows = gap.rows_to_settle(limit, confidence)
    number = f"About {rows:,}" if rows < MOST_ROWS else f"More than {MOST_ROWS:,}"
    reason = (
        f"The difference is {_signed(gap.estimate)}, but {gap.sample.rows:,} rows cannot rule out "
        f"{_signed(bound)}. {number} rows would settle it if the difference stays as it is. {when(rows)}"
    )
    return {**entry, "lacks_evidence": True, "rows_to_settle": rows, "reason": reason}


def _signed(value: float) -> str:
    text = f"{abs(value):.4f}".rstrip("0").rstrip(".")
    return "0" if text == "0" else f"{'−' if value < 0 else '+'}{text}"


def _deviation(values: np.ndarray) -> float:
    return float(np.nanstd(values, ddof=1))
