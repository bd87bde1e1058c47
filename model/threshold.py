"""The decision threshold: scores at or above it are positive predictions.

It is a number in pipeline.yaml, or is chosen on the validation rows, which the model's trees have not learnt
from. Never on the test rows: a threshold that is chosen where it is measured looks better than it is. The
refit on all rows keeps it, because that model has no rows left that it has not learnt from.

The profit of acting on a row that is predicted positive is what a saved entity is worth times the share of
positives that the action saves, if the row is positive, less the cost of the action in any case. If scores
were probabilities, the best threshold would follow from that alone: cost / (value · share) (Elkan, "The
Foundations of Cost-Sensitive Learning", IJCAI 2001). They are only nearly so; therefore it is the threshold
with the highest profit on the validation rows (the maximum profit criterion: Verbeke et al., "New insights
into churn prediction in the telecommunication sector: A profit driven data mining approach", European
Journal of Operational Research 218, 2012).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from user_error import UserError

AUTO = "auto"


@dataclass(frozen=True)
class Costs:
    """`serving.costs` of pipeline.yaml."""

    contact_cost: float
    saved_value: float
    save_rate: float

    def profit(self, hits: Any, contacted: Any) -> Any:
        """What acting on rows brings: on so many, of which so many are positive, or on such shares of all."""
        return hits * (self.save_rate * self.saved_value) - contacted * self.contact_cost

    @property
    def threshold_of_probabilities(self) -> float:
        """The best threshold for scores that are probabilities."""
        return self.contact_cost / (self.save_rate * self.saved_value)


@dataclass(frozen=True)
class ThresholdRule:
    """`serving.threshold` and `serving.costs` of pipeline.yaml."""

    # None: chosen on the validation rows.
    fixed: float | None
    costs: Costs | None

    @staticmethod
    def parse(threshold: Any, costs: Any) -> "ThresholdRule":
        """From the resolved pipeline.yaml, or from hyperparameters, which are text. `costs` may be None."""
        described = json.loads(costs) if isinstance(costs, str) else costs
        parsed = None if described is None else Costs(**{name: float(one) for name, one in described.items()})
        if threshold == AUTO:
            return ThresholdRule(None, parsed)
        try:
            fixed = float(threshold)
        except (TypeError, ValueError) as error:
            raise UserError(f"The threshold must be a number or {AUTO}, not {threshold!r}.") from error
        if not 0 <= fixed <= 1:
            raise UserError(f"The threshold must lie between 0 and 1, not {fixed:g}.")
        return ThresholdRule(fixed, parsed)

    @property
    def by(self) -> str:
        """What decides: fixed, profit or f1."""
        if self.fixed is not None:
            return "fixed"
        return "f1" if self.costs is None else "profit"

    def choose(self, labels: np.ndarray, scores: np.ndarray) -> float:
        """The threshold for a model with these scores of the validation rows."""
        if self.fixed is not None:
            return self.fixed
        return best_f1_threshold(labels, scores) if self.costs is None else _best(labels, scores, self.costs)

    def of(self, metadata: Mapping[str, Any]) -> float:
        """The threshold with which a model serves, by its metadata."""
        return float(metadata["threshold"]) if self.fixed is None else self.fixed


def best_f1_threshold(labels: np.ndarray, scores: np.ndarray) -> float:
    """The threshold with the highest F1; the higher one if there are several."""
    thresholds, hits, contacted = _candidates(labels, scores)
    f1 = 2 * hits / (contacted + labels.sum())
    return float(thresholds[int(np.argmax(f1))])


def _best(labels: np.ndarray, scores: np.ndarray, costs: Costs) -> float:
    """The threshold with the highest profit; the higher one if there are several. 1 if every action on the
    validation rows would lose money.
    """
    thresholds, hits, contacted = _candidates(labels, scores)
    profits = costs.profit(hits, contacted)
    best = int(np.argmax(profits))
    return float(thresholds[best]) if profits[best] > 0 else 1.0


def _candidates(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The thresholds that divide the rows differently, highest first, each with the number of positives and
    of rows that reach it. Halfway between two scores, so that the threshold's own rounding changes nothing;
    scores are rounded as they are served before it is chosen.
    """
    scores = np.asarray(scores, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    below = np.append(ordered[1:], 0.0)
    hits = np.cumsum(labels[order] == 1)
    return ((ordered + below) / 2)[last], hits[last], (np.arange(len(ordered)) + 1)[last]
