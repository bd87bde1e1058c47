"""Uncertainty of metrics: the bootstrap over entities.

An entity has a row at every as-of day at which it was active, and its rows resemble one another. Resampling
single rows would count them as independent evidence and give intervals that are too narrow; so whole entities
are drawn (the cluster bootstrap: Davison and Hinkley, "Bootstrap Methods and Their Application", 1997,
section 3.8).

A replicate is never built. It is a number of draws for each entity, which its rows have as their weight. So
each model is sorted once; sums are a product of the draws with each entity's sums; and the AUC and the
average precision are sums over the sorted rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from calibration import calibration_groups

REPLICATES = 1000
# So many replicates are multiplied at once, and so many weights are kept at once.
_CHUNK = 50
_BLOCK = 131072


@dataclass(frozen=True)
class Entities:
    """The entity of each row, as a code from 0."""

    codes: np.ndarray
    count: int

    @staticmethod
    def of(entities: Sequence[str] | np.ndarray) -> "Entities":
        """Number the entities."""
        names, codes = np.unique(np.asarray(entities), return_inverse=True)
        return Entities(codes.reshape(-1).astype(np.intp), len(names))

    def draws(self, replicates: int, seed: int) -> Iterator[np.ndarray]:
        """How often each entity is drawn, as arrays of (some replicates, entities).

        Each replicate draws as many entities as there are, with replacement: the counts are multinomial. The
        same seed gives the same ones.
        """
        random = np.random.default_rng(seed)
        for start in range(0, replicates, _CHUNK):
            size = min(_CHUNK, replicates - start)
            drawn = random.integers(0, self.count, (size, self.count))
            drawn += np.arange(size)[:, np.newaxis] * self.count
            counts = np.bincount(drawn.ravel(), minlength=size * self.count)
            yield counts.reshape(size, self.count).astype(np.float64)

    def sums(self, columns: np.ndarray) -> np.ndarray:
        """The sums of some columns by entity."""
        return np.column_stack(
            [np.bincount(self.codes, weights=column, minlength=self.count) for column in columns.T]
        )


def independent_rows(entities: np.ndarray) -> float:
    """As how many independent rows these count: (Σ k)² / Σ k² for entities with k rows each, if the rows of
    one are all the same (Kish, "Survey Sampling", 1965, section 8.2). Entities with equally many rows count
    once each; a few that have most of the rows make a sample smaller than its number of entities.
    """
    counts = np.unique(entities, return_counts=True)[1].astype(np.float64)
    return float(counts.sum() ** 2 / np.sum(counts**2)) if len(counts) else 0.0


@dataclass(frozen=True)
class _Order:
    """The rows of one class by score, lowest first: their entities, and the positions of the other scores."""

    positives: np.ndarray
    negatives: np.ndarray
    # Of each positive: how many negatives, and how many positives, have a lower score; how many negatives
    # have a lower or an equal one.
    negatives_below: np.ndarray
    negatives_up_to: np.ndarray
    positives_below: np.ndarray

    @staticmethod
    def of(labels: np.ndarray, scores: np.ndarray, codes: np.ndarray) -> "_Order":
        order = np.argsort(scores, kind="stable")
        is_positive = labels[order] == 1
        high, low = scores[order][is_positive], scores[order][~is_positive]
        return _Order(
            codes[order][is_positive],
            codes[order][~is_positive],
            np.searchsorted(low, high, side="left"),
            np.searchsorted(low, high, side="right"),
            np.searchsorted(high, high, side="left"),
        )

    def measure(self, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The AUC and the average precision of each replicate; NaN if it has one class only.

        The AUC is Mann and Whitney's statistic over the number of pairs, where ties count half. The average
        precision is Σ (recallᵢ − recallᵢ₋₁) · precisionᵢ, as scikit-learn defines it: the mean, over the
        positives, of the precision at their score.
        """
        auc, precision = np.full((2, len(draws)), np.nan)
        # Several replicates at once if they are small, but no more memory for many rows.
        at_once = max(1, _BLOCK // (len(self.positives) + len(self.negatives)))
        for start in range(0, len(draws), at_once):
            some = slice(start, start + at_once)
            auc[some], precision[some] = self._measure(draws[some])
        return auc, precision

    def _measure(self, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weights = np.take(draws, self.positives, axis=1, mode="clip")
        positives, negatives = (
            _cumulated(weights),
            _cumulated(np.take(draws, self.negatives, axis=1, mode="clip")),
        )
        actual, others = positives[:, -1:], negatives[:, -1:]
        below = np.take(negatives, self.negatives_below, axis=1, mode="clip")
        hits = np.take(negatives, self.negatives_up_to, axis=1, mode="clip")
        hits += below
        hits *= weights
        auc = _ratio(hits.sum(axis=1), 2 * (actual * others)[:, 0])
        np.subtract(actual, np.take(positives, self.positives_below, axis=1, mode="clip"), out=hits)
        np.subtract(others, below, out=below)
        below += hits
        # No row of the replicate has such a score, so its weight is 0, too.
        np.maximum(below, 1, out=below)
        hits *= weights
        hits /= below
        precision = _ratio(hits.sum(axis=1), actual[:, 0])
        undefined = (actual * others)[:, 0] == 0
        auc[undefined] = precision[undefined] = np.nan
        return auc, precision


def _cumulated(weights: np.ndarray) -> np.ndarray:
    """The sums of the first 0, 1, … columns."""
    sums = np.zeros((weights.shape[0], weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums


@dataclass(frozen=True)
class ModelRows:
    """A model's scores of the test rows, prepared for any number of replicates."""

    order: _Order
    # By entity: rows, positives, answered, hits, log loss, squared error; then score − label by calibration
    # group.
    sums: np.ndarray

    @staticmethod
    def of(labels: np.ndarray, scores: np.ndarray, threshold: float, entities: Entities) -> "ModelRows":
        """Prepare the scores of rows with these labels (0 or 1)."""
        labels, scores = labels.astype(np.float64), scores.astype(np.float64)
        clipped = np.clip(scores, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)
        answered = (scores >= threshold).astype(np.float64)
        columns = [
            np.ones(len(labels)),
            labels,
            answered,
            answered * labels,
            -(labels * np.log(clipped) + (1 - labels) * np.log1p(-clipped)),
            (labels - scores) ** 2,
        ]
        for rows in calibration_groups(scores):
            column = np.zeros(len(labels))
            column[rows] = scores[rows] - labels[rows]
            columns.append(column)
        return ModelRows(_Order.of(labels, scores, entities.codes), entities.sums(np.column_stack(columns)))

    def measure(self, draws: np.ndarray) -> dict[str, np.ndarray]:
        """Every metric of each replicate, which is a row of `draws`."""
        totals = (draws @ self.sums).T
        rows, actual, answered, hits, losses, squares = totals[:6]
        auc, average_precision = self.order.measure(draws)
        return {
            "auc": auc,
            "f1": _ratio(2 * hits, answered + actual),
            "precision": _ratio(hits, answered),
            "recall": _ratio(hits, actual),
            "accuracy": _ratio(rows - answered - actual + 2 * hits, rows),
            "log_loss": _ratio(losses, rows),
            "brier": _ratio(squares, rows),
            "average_precision": average_precision,
            "calibration_error": _ratio(np.abs(totals[6:]).sum(axis=0), rows),
            "base_rate": _ratio(actual, rows),
            "predicted_rate": _ratio(answered, rows),
        }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


# The metrics of one model by name, replicate by replicate.
Replicates = Mapping[str, np.ndarray]


def resample(
    models: Mapping[str, ModelRows], entities: Entities, seed: int, replicates: int = REPLICATES
) -> dict[str, Replicates]:
    """The metrics of every model in the same replicates, so that differences between models are paired."""
    chunks: dict[str, list[dict[str, np.ndarray]]] = {name: [] for name in models}
    for draws in entities.draws(replicates, seed):
        for name, model in models.items():
            chunks[name].append(model.measure(draws))
    return {
        name: {metric: np.concatenate([part[metric] for part in parts]) for metric in parts[0]}
        for name, parts in chunks.items()
    }


def interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float] | None:
    """The percentile interval of a metric (Davison and Hinkley, section 5.3); None if no replicate has it."""
    if np.isnan(values).all():
        return None
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)
