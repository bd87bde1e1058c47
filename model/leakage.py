"""Signs that the features contain the label, because a result is too good to be plausible.

A query that looks ahead, or a field that is written when the outcome is known, gives a feature that nearly
equals the label. The gate would let such a model pass; the warnings are for the person who reviews it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from simple_models import FeatureAlone, auc

# An AUC that models hardly ever reach without leakage.
SUSPICIOUS_AUC = 0.98
# Of fewer rows of a class even noise may be separated by chance: with ten positives, a random feature has an
# AUC of 0.5 ± 0.09, so that 0.98 is five standard deviations away.
LEAST_ROWS_OF_A_CLASS = 10


def leak_warnings(
    test: pd.DataFrame, labels: np.ndarray, alone: Sequence[FeatureAlone], model_auc: float
) -> list[str]:
    """One sentence for each feature that separates the classes alone, and one for the model; empty where the
    test rows are too few to tell.
    """
    if min(np.sum(labels == 1), np.sum(labels == 0)) < LEAST_ROWS_OF_A_CLASS:
        return []
    found = []
    for one in alone:
        separation = auc(one.score(test), labels)
        if separation >= SUSPICIOUS_AUC:
            found.append(
                f"The feature {one.feature.name} nearly equals the label: alone it has an AUC of "
                f"{separation:.3f} on the test rows. Check that it uses nothing that becomes known after the "
                "as-of day."
            )
    if model_auc >= SUSPICIOUS_AUC:
        found.append(
            f"The model's AUC of {model_auc:.3f} is unusually high. Check that no feature uses anything that "
            "becomes known after the as-of day."
        )
    return found
