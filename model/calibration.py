"""Calibration: whether a score of 0.7 means a probability of 70 %."""

from collections.abc import Sequence
from typing import Any

import numpy as np

BINS = 10


def calibration_groups(scores: np.ndarray, bins: int = BINS) -> list[np.ndarray]:
    """The positions of the rows, lowest score first, in groups of equal size."""
    order = np.argsort(scores, kind="stable")
    return [group for group in np.array_split(order, bins) if len(group)]


def calibration_bins(labels: np.ndarray, scores: np.ndarray, bins: int = BINS) -> list[dict[str, Any]]:
    """Groups of equal size by score, each with its mean score and its observed rate.

    Groups of equal size, not of equal width, so that every point of the plot has the same number of rows (the
    adaptive scheme of Nixon et al., "Measuring Calibration in Deep Learning", 2019). Equal scores may be
    split between groups; the sort is stable, so the split depends only on the order of the rows.
    """
    return [
        {
            "bin": number,
            "mean_score": round(float(scores[group].mean()), 6),
            "observed_rate": round(float(labels[group].mean()), 6),
            "count": len(group),
        }
        for number, group in enumerate(calibration_groups(scores, bins))
    ]


def expected_calibration_error(bins: Sequence[dict[str, Any]]) -> float:
    """ECE = Σ nᵢ/n · |mean scoreᵢ − observed rateᵢ| (Naeini et al., AAAI 2015)."""
    total = sum(group["count"] for group in bins)
    return sum(group["count"] * abs(group["mean_score"] - group["observed_rate"]) for group in bins) / total
