"""Metrics of a binary classifier by scikit-learn's definitions, and curves thinned for a report."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from calibration import calibration_bins, expected_calibration_error
from sklearn import metrics as sk

MAX_CURVE_POINTS = 101
DIGITS = 6


def best_f1_threshold(labels: np.ndarray, scores: np.ndarray) -> float:
    """The threshold with the highest F1; of two equal ones the higher."""
    precision, recall, thresholds = sk.precision_recall_curve(labels, scores)
    total = precision[:-1] + recall[:-1]
    f1 = np.divide(2 * precision[:-1] * recall[:-1], total, out=np.zeros_like(total), where=total > 0)
    return float(thresholds[len(f1) - 1 - int(np.argmax(f1[::-1]))])


def confusion(labels: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, int]:
    """Counts of right and wrong answers when a score at or above `threshold` is answered as positive."""
    positive = scores >= threshold
    actual = labels == 1
    return {
        "tp": int(np.sum(positive & actual)),
        "fp": int(np.sum(positive & ~actual)),
        "tn": int(np.sum(~positive & ~actual)),
        "fn": int(np.sum(~positive & actual)),
    }


def rates(counts: Mapping[str, int]) -> dict[str, float]:
    """Precision, recall, F1 and accuracy of a confusion table; 0 where the denominator is 0."""
    tp, fp, tn, fn = counts["tp"], counts["fp"], counts["tn"], counts["fn"]
    return {
        "precision": tp / (tp + fp) if tp + fp else 0.0,
        "recall": tp / (tp + fn) if tp + fn else 0.0,
        "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0,
        "accuracy": (tp + tn) / (tp + fp + tn + fn),
    }


def classification_report(labels: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, Any]:
    """Everything evaluation.json says of one model. `labels` must hold both classes.

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
        # From recall 0 to 1, as one reads the plot.
        "precision_recall": thin(recall[::-1], precision[::-1]),
    }


def thin(x: np.ndarray, y: np.ndarray, limit: int = MAX_CURVE_POINTS) -> list[list[float]]:
    """At most `limit` points of a curve, evenly spread along it, both ends kept."""
    positions = np.unique(np.linspace(0, len(x) - 1, min(limit, len(x))).round().astype(int))
    return [[round(float(x[at]), 5), round(float(y[at]), 5)] for at in positions]
