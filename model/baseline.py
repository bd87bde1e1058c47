"""The drift baseline: the distributions of features and predictions at the model's evaluation.

The monitor counts live traffic in the same bins and compares the shares by the population stability index,
PSI = Σ (qᵢ − pᵢ) · ln(qᵢ / pᵢ) (Siddiqi, "Credit Risk Scorecards", 2006), with p from the baseline and q from
the traffic. All shares of a column refer to all its rows, so bins + missing (+ other) sum to 1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from encoding import Feature, numbers

BINS = 10


def inner_edges(values: np.ndarray, bins: int = BINS) -> list[float]:
    """Edges e₀ < e₁ < … of the bins (−∞, e₀], (e₀, e₁], …, (eₖ, ∞).

    A column with few distinct values gets one bin per value, because deciles would merge the rare ones and
    hide a shift between them. Any other column gets its deciles as edges, without repetitions.
    """
    distinct = np.unique(values)
    if len(distinct) <= bins:
        return [float(edge) for edge in distinct[:-1]]
    # Edges are values that occur (no interpolation) and are below the maximum, so that no bin of the baseline
    # is empty: a single live value in an empty bin would dominate the PSI.
    deciles = np.quantile(values, np.arange(1, bins) / bins, method="inverted_cdf")
    return [float(edge) for edge in np.unique(deciles) if edge < distinct[-1]]


def numeric_baseline(values: np.ndarray) -> dict[str, Any]:
    """Bins and shares of a numeric column; NaN counts as missing."""
    present = values[~np.isnan(values)]
    edges = inner_edges(present) if len(present) else []
    # side="left": a value that equals an edge belongs to the lower bin.
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    return {
        "type": "numeric",
        "edges": edges,
        "shares": _shares(counts, len(values)),
        "missing": float((len(values) - len(present)) / len(values)),
        "count": len(values),
    }


def categorical_baseline(values: pd.Series, categories: Sequence[str]) -> dict[str, Any]:
    """Shares of the model's categories; `other` are values that were absent or too rare in training."""
    present = values.dropna().astype(str)
    counts = present.value_counts()
    known = [int(counts.get(category, 0)) for category in categories]
    return {
        "type": "categorical",
        "categories": list(categories),
        "shares": _shares(np.array(known), len(values)),
        "other": float((len(present) - sum(known)) / len(values)),
        "missing": float((len(values) - len(present)) / len(values)),
        "count": len(values),
    }


def drift_baseline(frame: pd.DataFrame, features: Sequence[Feature], scores: np.ndarray) -> dict[str, Any]:
    """baseline.json: the distributions of every feature and of the predictions on the reference rows.

    Values are as in requests and responses (doubles; scores rounded as served), not XGBoost's float32: a
    price that equals an edge must be in the same bin here and in the monitor.
    """
    described = {
        feature.name: (
            categorical_baseline(frame[feature.name], feature.categories)
            if feature.type == "string"
            else numeric_baseline(numbers(frame[feature.name], feature))
        )
        for feature in features
    }
    return {"features": described, "prediction": numeric_baseline(scores)}


def _shares(counts: np.ndarray, total: int) -> list[float]:
    return [float(count / total) for count in counts]
