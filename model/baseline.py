"""The drift baseline of a model: what its features and scores were like when it was made.

There are two references. The evaluation rows are what the model's quality was measured on, and are the newest
rows with a label: drift is judged against them. The training rows are what it learnt from. Both are kept as
counts by bin, because a test of a difference needs to know of how many rows a share is.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from bins import column_values, feature_bins, numeric_bins
from bootstrap import independent_rows
from encoding import Feature
from splits import AS_OF

SHARE_DIGITS = 6


def drift_baseline(
    training: pd.DataFrame,
    evaluation: pd.DataFrame,
    entity: str,
    features: Sequence[Feature],
    importance: Mapping[str, float],
    scores: np.ndarray,
) -> dict[str, Any]:
    """baseline.json: counts by bin of every feature and of the scores, and how much each feature matters.

    `scores` are the model's answers for the evaluation rows, rounded as served: rows that it did not learn
    from, because it scores the rows that it has learnt from too confidently. `importance` is the mean |SHAP|
    of each feature.
    """
    total = sum(importance.values())
    described = {}
    for feature in features:
        bins = feature_bins(evaluation[feature.name], feature)
        share = importance.get(feature.name, 0.0) / total if total > 0 else 0.0
        described[feature.name] = {
            **bins.to_json(),
            "evaluation": bins.count(column_values(evaluation, feature)).tolist(),
            "training": bins.count(column_values(training, feature)).tolist(),
            "importance": round(share, SHARE_DIGITS),
        }
    score_bins = numeric_bins(scores)
    return {
        "evaluation": _reference(evaluation, entity),
        "training": _reference(training, entity),
        "features": described,
        "score": {**score_bins.to_json(), "evaluation": score_bins.count(scores).tolist()},
    }


def _reference(rows: pd.DataFrame, entity: str) -> dict[str, Any]:
    return {
        "rows": len(rows),
        "entities": int(rows[entity].nunique()),
        "independent_rows": round(independent_rows(rows[entity].to_numpy()), SHARE_DIGITS),
        "as_of_days": sorted({str(day) for day in rows[AS_OF]}),
    }
