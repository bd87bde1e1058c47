"""The drift baseline: how the features and the predictions are distributed where the model was last measured.

The monitor later counts live traffic in the same bins and compares the shares by the population stability
index, PSI = Σ (qᵢ − pᵢ) · ln(qᵢ / pᵢ) (Siddiqi, "Credit Risk Scorecards", 2006), p from here and
q from the traffic. All shares of a column are shares of all its rows, so bins + missing (+ other) sum to 1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from encoding import Feature, numbers

BINS = 10


def inner_edges(values: np.ndarray, bins: int = BINS) -> list[float]:
    """Edges e₀ < e₁ < … of the bins (−∞, e₀], (e₀, e₁], …, (eₖ, ∞).

    A column with few distinct values gets one bin a value: deciles would melt the rare ones together and hide
    a shift between them. Any other column is cut at its deciles, equal ones once.
    """
    distinct = np.unique(values)
    if len(distinct) <= bins:
        return [float(edge) for edge in distinct[:-1]]
    # Edges are values that occur (no interpolation) and lie below the maximum, so no bin of the reference
    # is empty: the PSI would make much of a single live value in one that is.
    deciles = np.quantile(values, np.arange(1, bins) / bins, method="inverted_cdf")
    return [float(edge) for edge in np.unique(deciles) if edge < distinct[-1]]


def numeric_baseline(values: np.ndarray) -> dict[str, Any]:
    """Bins and shares of a numeric column; NaN is its own share."""
    present = values[~np.isnan(values)]
    edges = inner_edges(present) if len(present) else []
    # side="left": a value equal to an edge belongs to the bin that the edge closes.
    counts = np.bincount(np.searchsorted(edges, present, side="left"), minlength=len(edges) + 1)
    return {
        "type": "numeric",
        "edges": edges,
        "shares": _shares(counts, len(values)),
        "missing": float((len(values) - len(present)) / len(values)),
        "count": len(values),
    }


def categorical_baseline(values: pd.Series, categories: Sequence[str]) -> dict[str, Any]:
    """Shares of the model's categories; `other` is what training did not see, or saw too rarely."""
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
    """baseline.json: every feature of the model, and its predictions, over the reference rows.

    Values are taken as requests and answers carry them (doubles; scores rounded as served), not as XGBoost's
    float32: a price that sits on an edge must fall into the same bin here and in the monitor.
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
