"""Bins: how a column's values are counted, for the references of a model and for the rows of a day.

The counts of a column have the order of its bins; the last one is of missing values. null, NaN, infinities
and empty text are missing: the model has nothing to tell them apart by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from encoding import Feature, numbers

MOST_BINS = 10


class Bins(Protocol):
    """The bins of one column."""

    def count(self, values: pd.Series | np.ndarray) -> np.ndarray:
        """How many of the values are in each bin, missing ones last."""
        ...

    def to_json(self) -> dict[str, Any]:
        """The form in baseline.json."""
        ...


@dataclass(frozen=True)
class RangeBins:
    """Ranges (−∞, e₀], (e₀, e₁], …, (eₖ, ∞) of numbers. No edges: every number is in one bin."""

    edges: tuple[float, ...]

    def count(self, values: pd.Series | np.ndarray) -> np.ndarray:
        """A value that equals an edge belongs to the lower bin."""
        present = _present(values)
        bins = np.searchsorted(np.array(self.edges), present, side="left")
        counts = np.bincount(bins, minlength=len(self.edges) + 1)
        return np.append(counts, len(values) - len(present))

    def to_json(self) -> dict[str, Any]:
        """The form in baseline.json."""
        return {"type": "numeric", "edges": list(self.edges)}


@dataclass(frozen=True)
class EqualBins:
    """A column that had one value only: equal to it, or another, which a range could not tell apart."""

    value: float

    def count(self, values: pd.Series | np.ndarray) -> np.ndarray:
        """Equal, other, missing."""
        present = _present(values)
        equal = int(np.sum(present == self.value))
        return np.array([equal, len(present) - equal, len(values) - len(present)])

    def to_json(self) -> dict[str, Any]:
        """The form in baseline.json."""
        return {"type": "constant", "value": self.value}


@dataclass(frozen=True)
class CategoryBins:
    """The model's categories; other values were absent from its training rows, or too rare."""

    categories: tuple[str, ...]

    def count(self, values: pd.Series | np.ndarray) -> np.ndarray:
        """One count for each category, then other, then missing."""
        texts = pd.Series(values, dtype=object).dropna().astype(str)
        texts = texts[texts != ""]
        found = texts.value_counts()
        known = [int(found.get(category, 0)) for category in self.categories]
        return np.array([*known, len(texts) - sum(known), len(values) - len(texts)])

    def to_json(self) -> dict[str, Any]:
        """The form in baseline.json."""
        return {"type": "categorical", "categories": list(self.categories)}


def bins_from_json(described: Mapping[str, Any]) -> Bins:
    """The inverse of `to_json`."""
    if described["type"] == "categorical":
        return CategoryBins(tuple(described["categories"]))
    if described["type"] == "constant":
        return EqualBins(float(described["value"]))
    return RangeBins(tuple(described["edges"]))


def range_edges(values: np.ndarray, most: int = MOST_BINS) -> tuple[float, ...]:
    """Edges e₀ < e₁ < … of ranges none of which is empty for these values, which must not be missing.

    A column with few distinct values gets one range per value, because deciles would merge the rare ones and
    hide a shift between them. Any other column gets its deciles as edges, without repetitions.
    """
    distinct = np.unique(values)
    if len(distinct) <= most:
        return tuple(float(edge) for edge in distinct[:-1])
    # Edges are values that occur (no interpolation) and are below the maximum.
    deciles = np.quantile(values, np.arange(1, most) / most, method="inverted_cdf")
    return tuple(float(edge) for edge in np.unique(deciles) if edge < distinct[-1])


def numeric_bins(values: np.ndarray) -> RangeBins | EqualBins:
    """The bins of numbers, missing ones aside."""
    present = _present(values)
    if len(present) and present.min() == present.max():
        return EqualBins(float(present[0]))
    return RangeBins(range_edges(present))


def feature_bins(values: pd.Series, feature: Feature) -> Bins:
    """The bins of a feature: the model's categories, or ranges of these values."""
    if feature.type == "string":
        # Models of earlier releases may know empty text as a category.
        return CategoryBins(tuple(category for category in feature.categories if category != ""))
    return numeric_bins(numbers(values, feature))


def column_values(frame: pd.DataFrame, feature: Feature) -> pd.Series | np.ndarray:
    """A feature's values in doubles or text, as in requests: not in XGBoost's float32, in which a price that
    equals an edge could be in another bin. A column that the rows lack is missing in every row.
    """
    if feature.name not in frame.columns:
        return np.full(len(frame), np.nan)
    values = frame[feature.name]
    return values if feature.type == "string" else numbers(values, feature)


def _present(values: Sequence[float] | pd.Series | np.ndarray) -> np.ndarray:
    doubles = np.asarray(values, dtype=np.float64)
    return doubles[np.isfinite(doubles)]
