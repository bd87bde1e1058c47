"""Is a serving model still right? Its scores, joined with what happened, against its evaluation's promise.

Labels are known a horizon after a score. Until then there is only an estimate, which trusts the scores to be
probabilities: it sees a change of who is scored, but not a change of how they behave.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from bootstrap import REPLICATES, Entities, ModelRows, interval, resample
from scipy import stats

TOP_SHARE = 0.1
# The probability that a model that keeps its promise is reported, in one check.
ALPHA = 0.005


@dataclass(frozen=True)
class Estimate:
    """A metric and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Shortfall:
    """How far a metric lies below its promise."""

    promised: Estimate
    observed: Estimate

    @property
    def size(self) -> float:
        """Positive if the model is worse than promised."""
        return self.promised.value - self.observed.value

    @property
    def p_value(self) -> float:
        """The probability of such a shortfall if the promise still holds (one-sided z-test of two estimates).

        Both have an error: the promise was measured on a sample, too. Rows of the same entities in both make
        the difference vary less than is assumed here, so the test errs on the side of silence.
        """
        error = float(np.hypot(self.promised.error, self.observed.error))
        if error == 0:
            return 0.0 if self.size > 0 else 1.0
        return float(stats.norm.sf(self.size / error))

    def is_broken(self, alpha: float = ALPHA) -> bool:
        """Whether the promise is broken by more than chance."""
        return self.p_value <= alpha


@dataclass(frozen=True)
class Outcomes:
    """Scored rows whose labels are known: one model's, or those of several versions one after another."""

    labels: np.ndarray
    scores: np.ndarray
    entities: np.ndarray

    def metrics(
        self, threshold: float, seed: int, replicates: int = REPLICATES
    ) -> dict[str, tuple[float, tuple[float, float] | None]]:
        """Every metric with its interval, the lift at the top decile and the base rate included."""
        numbered, values, drawn = self._measure(threshold, seed, replicates)
        drawn["lift_top_decile"] = np.array(
            [
                lift(self.labels, self.scores, weights=draw[numbered.codes])
                for draws in numbered.draws(replicates, seed)
                for draw in draws
            ]
        )
        values["lift_top_decile"] = lift(self.labels, self.scores)
        return {name: (value, interval(drawn[name])) for name, value in values.items()}

    def estimate(self, metric: str, threshold: float, seed: int, replicates: int = REPLICATES) -> Estimate:
        """One metric and its bootstrap standard error."""
        _, values, drawn = self._measure(threshold, seed, replicates)
        return Estimate(values[metric], standard_error(drawn[metric]))

    def _measure(
        self, threshold: float, seed: int, replicates: int
    ) -> tuple[Entities, dict[str, float], dict[str, np.ndarray]]:
        """The entities, every metric, and its replicates; also where there is one class only."""
        numbered = Entities.of(self.entities)
        rows = ModelRows.of(self.labels, self.scores, threshold, numbered)
        point = rows.measure(np.ones((1, numbered.count)))
        drawn = resample({"model": rows}, numbered, seed, replicates)["model"]
        return numbered, {name: float(value[0]) for name, value in point.items()}, dict(drawn)


def standard_error(replicates: np.ndarray) -> float:
    """The standard deviation over the replicates that have the metric; infinite if hardly any has."""
    known = replicates[~np.isnan(replicates)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else float("inf")


def lift(
    labels: np.ndarray, scores: np.ndarray, share: float = TOP_SHARE, weights: np.ndarray | None = None
) -> float:
    """How many times as many positives the highest scores hold as the same number of rows at random; NaN
    without positives.

    Rows with the score at the border count in part, as in the mean over all their orders.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    last = np.r_[scores[order][1:] != scores[order][:-1], True]
    taken = np.r_[0.0, np.cumsum(weights[order])[last]]
    hits = np.r_[0.0, np.cumsum((weights * labels)[order])[last]]
    if hits[-1] == 0:
        return float("nan")
    return float(np.interp(share * taken[-1], taken, hits) / (share * hits[-1]))


def estimated(scores: np.ndarray, threshold: float) -> Mapping[str, float]:
    """What the metrics are expected to be if every score is the probability of a positive label (the
    confidence-based performance estimation of NannyML, https://nannyml.readthedocs.io, "How it works").

    A row above the threshold is a true positive with its score as the probability, a row below it a false
    negative; the AUC weighs every pair of rows by the probability that the first is positive and the second
    negative.
    """
    scores = scores.astype(np.float64)
    answered = scores >= threshold
    true_positives = float(scores[answered].sum())
    false_positives = float((1 - scores[answered]).sum())
    false_negatives = float(scores[~answered].sum())
    found = 2 * true_positives + false_positives + false_negatives
    return {
        "auc": _expected_auc(scores),
        "f1": 2 * true_positives / found if found > 0 else 0.0,
        "precision": true_positives / answered.sum() if answered.any() else 0.0,
        "recall": true_positives / scores.sum() if scores.sum() > 0 else 0.0,
        "base_rate": float(scores.mean()),
    }


def _expected_auc(scores: np.ndarray) -> float:
    """Σ pᵢ (1 − pⱼ) · [sᵢ > sⱼ], ties half, over Σ pᵢ (1 − pⱼ), both over all pairs of different rows."""
    ordered = np.sort(scores)
    negative = 1 - ordered
    starts = np.searchsorted(ordered, ordered, side="left")
    ends = np.searchsorted(ordered, ordered, side="right")
    below = np.r_[0.0, np.cumsum(negative)]
    ties = below[ends] - below[starts] - negative
    won = float(np.sum(ordered * (below[starts] + ties / 2)))
    pairs = float(np.sum(ordered) * np.sum(negative) - np.sum(ordered * negative))
    return won / pairs if pairs > 0 else float("nan")
