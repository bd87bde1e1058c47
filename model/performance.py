"""Is a serving model still right? Its scores, joined with what happened, against its evaluation's promise.

Labels are known a horizon after a score. Until then there is only an estimate, which trusts the scores to be
probabilities: it sees a change of who is scored, but not a change of how they behave.

Needs numpy only, and so runs in a Glue job, too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from bootstrap import REPLICATES, Entities, ModelRows, independent_rows, interval, resample

TOP_SHARE = 0.1
# With fewer rows, or fewer independent ones of either class, a check has no result: the z-test needs metrics
# that are about normally distributed, and errors that are about right. The daily scores of a few entities are
# many rows, but little evidence.
MIN_ROWS = 100
MIN_CLASS = 20
# Enough for a standard error; the onset compares many of them.
ONSET_REPLICATES = 200


@dataclass(frozen=True)
class Estimate:
    """A metric and its standard error."""

    value: float
    error: float

    @staticmethod
    def of_interval(value: float, ends: Sequence[float], confidence: float = 0.95) -> "Estimate":
        """The estimate whose interval is known."""
        low, high = ends
        return Estimate(value, (high - low) / (2 * NormalDist().inv_cdf((1 + confidence) / 2)))


@dataclass(frozen=True)
class Measured:
    """A metric, its standard error and its 95 % interval; None if no replicate has it."""

    estimate: Estimate
    interval: tuple[float, float] | None


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
    def deviation(self) -> float:
        """The size in standard errors: the statistic of a one-sided z-test of two estimates.

        Both have an error: the promise was measured on a sample, too. Rows of the same entities in both make
        the difference vary less than is assumed here, so the test errs on the side of silence.
        """
        error = math.hypot(self.promised.error, self.observed.error)
        if error == 0:
            return math.inf if self.size > 0 else 0.0
        return self.size / error

    @property
    def p_value(self) -> float:
        """The probability of such a shortfall if the promise still holds."""
        return math.erfc(self.deviation / math.sqrt(2)) / 2

    def strength(self, alpha: float) -> float:
        """How close the shortfall is to a broken promise: 1 or more is one."""
        return max(0.0, self.deviation / -NormalDist().inv_cdf(alpha))

    def is_broken(self, alpha: float) -> bool:
        """Whether the promise is broken by more than chance; `alpha` is the probability of a false alarm."""
        return self.strength(alpha) >= 1


@dataclass(frozen=True)
class Outcomes:
    """Scored rows whose labels are known: one model's, or those of several versions one after another."""

    labels: np.ndarray
    scores: np.ndarray
    entities: np.ndarray

    def where(self, chosen: np.ndarray) -> "Outcomes":
        """Some of the rows."""
        return Outcomes(self.labels[chosen], self.scores[chosen], self.entities[chosen])

    @property
    def too_few(self) -> str | None:
        """Why these rows cannot be judged; None if they can."""
        rows, positives = len(self.labels), int(self.labels.sum())
        classes = [independent_rows(self.entities[self.labels == label]) for label in (0, 1)]
        if rows >= MIN_ROWS and min(classes) >= MIN_CLASS:
            return None
        return (
            f"{rows} scores have a known label, {positives} of them positive; those of the rarer class count "
            f"as {min(classes):.0f} independent ones, because an entity's resemble one another. A check "
            f"needs {MIN_ROWS} scores, and {MIN_CLASS} independent ones of each class"
        )

    def metrics(self, threshold: float, seed: int, replicates: int = REPLICATES) -> dict[str, Measured]:
        """Every metric, the lift at the top decile and the base rate included; also where there is one class
        only.
        """
        numbered, values, drawn = self._measure(threshold, seed, replicates)
        ranking = _Ranking.of(self.labels, self.scores)
        values["lift_top_decile"] = ranking.lift(np.ones(len(self.labels)))
        drawn["lift_top_decile"] = np.array(
            [
                ranking.lift(draw[numbered.codes])
                for draws in numbered.draws(replicates, seed)
                for draw in draws
            ]
        )
        return {
            name: Measured(Estimate(value, standard_error(drawn[name])), interval(drawn[name]))
            for name, value in values.items()
        }

    def estimate(self, metric: str, threshold: float, seed: int, replicates: int = REPLICATES) -> Estimate:
        """One metric and its bootstrap standard error."""
        _, values, drawn = self._measure(threshold, seed, replicates)
        return Estimate(values[metric], standard_error(drawn[metric]))

    def _measure(
        self, threshold: float, seed: int, replicates: int
    ) -> tuple[Entities, dict[str, float], dict[str, np.ndarray]]:
        """The entities, every metric, and its replicates."""
        numbered = Entities.of(self.entities)
        rows = ModelRows.of(self.labels, self.scores, threshold, numbered)
        point = rows.measure(np.ones((1, numbered.count)))
        drawn = resample({"model": rows}, numbered, seed, replicates)["model"]
        return numbered, {name: float(value[0]) for name, value in point.items()}, dict(drawn)


def standard_error(replicates: np.ndarray) -> float:
    """The standard deviation over the replicates that have the metric; infinite if hardly any has."""
    known = replicates[~np.isnan(replicates)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else float("inf")


@dataclass(frozen=True)
class _Ranking:
    """Rows by score, highest first; `last` marks the last row of each score."""

    order: np.ndarray
    last: np.ndarray
    labels: np.ndarray

    @staticmethod
    def of(labels: np.ndarray, scores: np.ndarray) -> "_Ranking":
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        return _Ranking(order, np.r_[ranked[1:] != ranked[:-1], True], labels[order])

    def lift(self, weights: np.ndarray, share: float = TOP_SHARE) -> float:
        ranked = weights[self.order]
        taken = np.r_[0.0, np.cumsum(ranked)[self.last]]
        hits = np.r_[0.0, np.cumsum(ranked * self.labels)[self.last]]
        if hits[-1] == 0:
            return math.nan
        return float(np.interp(share * taken[-1], taken, hits) / (share * hits[-1]))


def lift(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """How many times as many positives the highest tenth of the scores holds as the same number of rows at
    random; NaN without positives.

    Rows with the score at the border count in part, as in the mean over all their orders.
    """
    return _Ranking.of(labels, scores).lift(np.ones(len(labels)) if weights is None else weights)


def onset(
    days: np.ndarray, outcomes: Outcomes, promised: Estimate, metric: str, threshold: float, seed: int
) -> str:
    """The as-of day since which the evidence of a shortfall is strongest: of all stretches that end with the
    newest day, the one whose shortfall the promise makes least probable.

    Stretches that are too short to be judged do not count; without any other, it is the first day.
    """
    found: dict[str, float] = {}
    for day in np.unique(days):
        since = outcomes.where(days >= day)
        if since.too_few is None:
            observed = since.estimate(metric, threshold, seed, ONSET_REPLICATES)
            found[str(day)] = Shortfall(promised, observed).deviation
    return max(found, key=lambda day: found[day]) if found else str(days.min())


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
