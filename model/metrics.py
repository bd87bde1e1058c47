"""Metrics of a binary classifier, as defined by scikit-learn, and curves thinned for the report."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from calibration import calibration_bins, expected_calibration_error
from sklearn import metrics as sk

MAX_CURVE_POINTS = 101
DIGITS = 6


def confusion(labels: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, int]:
    """The confusion matrix when scores at or above `threshold` are predicted as positive."""
    positive = scores >= threshold
    actual = labels == 1
    return {
        "tp": int(np.sum(positive & actual)),
        "fp": int(np.sum(positive & ~actual)),
        "tn": int(np.sum(~positive & ~actual)),
        "fn": int(np.sum(~positive & actual)),
    }


def rates(counts: Mapping[str, int]) -> dict[str, float]:
    """Precision, recall, F1 and accuracy of a confusion matrix; 0 if the denominator is 0."""
    tp, fp, tn, fn = counts["tp"], counts["fp"], counts["tn"], counts["fn"]
    return {
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0,
        "accuracy": (tp + tn) / (tp + fp + tn + fn),
    }


def classification_report(labels: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, Any]:
    """The part of evaluation.json about one model. `labels` must contain both classes.

    auc, log_loss, brier and the curves do not depend on the threshold; the other metrics do.
    """
    scores = scores.astype(np.float64)
    counts = confusion(labels, scores, threshold)
    bins = calibration_bins(labels, scores)
    values = {
        "auc": float(sk.roc_auc_score(labels, scores)),
        **rates(counts),
        "log_loss": float(sk.log_loss(labels, scores, labels=[0, 1])),
        "brier": float(sk.brier_score_loss(labels, scores)),
        "average_precision": float(sk.average_precision_score(labels, scores)),
        "calibration_error": expected_calibration_error(bins),
    }
    false_positive_rate, true_positive_rate, _ = sk.roc_curve(labels, scores)
    precision, recall, _ = sk.precision_recall_curve(labels, scores)
    return {
        "metrics": {name: round(value, DIGITS) for name, value in values.items()},
        "threshold": round(threshold, DIGITS),
        "confusion": counts,
        "calibration": bins,
        "roc": thin(false_positive_rate, true_positive_rate),
        # In ascending order of recall.
        "precision_recall": thin(recall[::-1], precision[::-1]),
    }


def thin(x: np.ndarray, y: np.ndarray, limit: int = MAX_CURVE_POINTS) -> list[list[float]]:
    """At most `limit` points, evenly spread along a curve, including both ends."""
    positions = np.unique(np.linspace(0, len(x) - 1, min(limit, len(x))).round().astype(int))
    return [[round(float(x[at]), 5), round(float(y[at]), 5)] for at in positions]
