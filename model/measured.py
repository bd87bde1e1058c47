"""Models measured on the same rows and on the same replicates of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from bootstrap import REPLICATES, Entities, ModelRows, Replicates, independent_rows, interval, resample
from metrics import DIGITS, classification_report

SEED = 7


@dataclass(frozen=True)
class Answers:
    """A model's scores of some rows, and the threshold with which it serves."""

    scores: np.ndarray
    threshold: float

    def where(self, chosen: np.ndarray) -> "Answers":
        """Those of some of the rows."""
        return Answers(self.scores[chosen], self.threshold)


@dataclass(frozen=True)
class Measured:
    """A model's metrics on some rows, and on the bootstrap's replicates of them."""

    metrics: Mapping[str, float]
    replicates: Replicates

    def intervals(self) -> dict[str, list[float] | None]:
        """The 95 % interval of each metric."""
        found = {name: interval(self.replicates[name]) for name in self.metrics}
        return {name: ends and [round(end, DIGITS) for end in ends] for name, ends in found.items()}


@dataclass(frozen=True)
class Sample:
    """The rows that a verdict rests on."""

    rows: int
    positives: int
    entities: int
    # As how many independent rows those of the class count that has fewer.
    independent: float

    @property
    def base_rate(self) -> float:
        """The share of positive labels."""
        return self.positives / self.rows


@dataclass(frozen=True)
class Rows:
    """Rows whose label is known, and how models answer them."""

    labels: np.ndarray
    entities: np.ndarray

    @property
    def sample(self) -> Sample:
        """Their numbers."""
        classes = [independent_rows(self.entities[self.labels == label]) for label in (0, 1)]
        entities = len(np.unique(self.entities))
        return Sample(len(self.labels), int(self.labels.sum()), entities, min(classes))

    @property
    def has_both_classes(self) -> bool:
        """Whether metrics can be computed."""
        return 0 < self.labels.sum() < len(self.labels)

    def where(self, chosen: np.ndarray) -> "Rows":
        """Some of the rows."""
        return Rows(self.labels[chosen], self.entities[chosen])

    def measure(self, models: Mapping[str, Answers], replicates: int = REPLICATES) -> dict[str, Measured]:
        """The metrics of several models, by name."""
        entities = Entities.of(self.entities)
        prepared = {
            name: ModelRows.of(self.labels, one.scores, one.threshold, entities)
            for name, one in models.items()
        }
        resampled = resample(prepared, entities, SEED, replicates)
        return {
            name: Measured(
                classification_report(self.labels, one.scores, one.threshold)["metrics"], resampled[name]
            )
            for name, one in models.items()
        }
