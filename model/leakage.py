"""Signs that the features contain the label, because a result is too good to be plausible.

A query that looks ahead, or a field that is written when the outcome is known, gives a feature that nearly
equals the label. The gate would let such a model pass; the warnings are for the person who reviews it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from bins import range_edges
from encoding import Feature, encode_column
from sklearn import metrics as sk

# An AUC that models hardly ever reach without leakage.
SUSPICIOUS_AUC = 0.98
# Of fewer rows of a class even noise may be separated by chance: with ten positives, a random feature has an
# AUC of 0.5 ± 0.09, so that 0.98 is five standard deviations away.
LEAST_ROWS_OF_A_CLASS = 10


def leak_warnings(
    test: pd.DataFrame, labels: np.ndarray, features: Sequence[Feature], model_auc: float
) -> list[str]:
    """One sentence for each feature that separates the classes alone, and one for the model; empty where the
    test rows are too few to tell.
    """
    if min(np.sum(labels == 1), np.sum(labels == 0)) < LEAST_ROWS_OF_A_CLASS:
        return []
    found = []
    for feature in features:
        auc = separation(test[feature.name], feature, labels)
        if auc >= SUSPICIOUS_AUC:
            found.append(
                f"The feature {feature.name} nearly equals the label: alone it has an AUC of {auc:.3f} on "
                "the test rows. Check that it uses nothing that becomes known after the as-of day."
            )
    if model_auc >= SUSPICIOUS_AUC:
        found.append(
            f"The model's AUC of {model_auc:.3f} is unusually high. Check that no feature uses anything that "
            "becomes known after the as-of day."
        )
    return found


def separation(values: pd.Series, feature: Feature, labels: np.ndarray) -> float:
    """The best AUC of one feature alone: by its order in either direction, missing values first or last, or
    by the label's rate in each of its groups.
    """
    encoded = encode_column(values, feature).astype(np.float64)
    best = _auc(_rates_of_groups(_groups(encoded, feature), labels), labels)
    if feature.type != "string":
        for missing in (-np.inf, np.inf):
            auc = _auc(np.where(np.isnan(encoded), missing, encoded), labels)
            best = max(best, auc, 1 - auc)
    return best


def _groups(encoded: np.ndarray, feature: Feature) -> np.ndarray:
    """The group of each row: its category, or its bin; missing values are one more."""
    missing = np.isnan(encoded)
    if feature.type == "string":
        return np.where(missing, -1, encoded).astype(int)
    edges = range_edges(encoded[~missing]) if not missing.all() else []
    return np.where(missing, -1, np.searchsorted(edges, encoded, side="left")).astype(int)


def _rates_of_groups(groups: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Each row's label rate in its group, taken from the other half of the rows: a group of a few rows would
    otherwise tell their labels.
    """
    half = np.arange(len(labels)) % 2
    rates = np.empty(len(labels))
    for this in (0, 1):
        other = pd.Series(labels[half != this]).groupby(groups[half != this]).mean()
        rates[half == this] = pd.Series(groups[half == this]).map(other).fillna(labels[half != this].mean())
    return rates


def _auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """The AUC, also of infinite scores, which scikit-learn takes by their ranks only."""
    return float(sk.roc_auc_score(labels, pd.Series(scores).rank()))
