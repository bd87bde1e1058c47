"""Explains the model's predictions with SHAP values, computed by XGBoost's TreeSHAP.

Lundberg et al., "From local explanations to global understanding with explainable AI for trees" (Nature
Machine Intelligence, 2020). A row's values and the base value sum to its score in log-odds.
"""

from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from artifact import Model
from encoding import Feature, encode

MAX_ROWS = 2000
SAMPLED_FEATURES = 10
SAMPLED_ROWS = 500


def shap_values(model: Model, frame: pd.DataFrame) -> np.ndarray:
    """SHAP values in log-odds: a row per row of `frame`, a column per feature and, last, the base value."""
    matrix = xgb.DMatrix(
        encode(frame, model.features),
        feature_names=[feature.name for feature in model.features],
        feature_types=[feature.xgboost_type for feature in model.features],
        enable_categorical=True,
        nthread=1,
    )
    return model.booster.predict(matrix, pred_contribs=True)


def shap_summary(model: Model, frame: pd.DataFrame, seed: int) -> dict[str, Any]:
    """shap.json: features by mean |SHAP| on the test rows or a sample of them, and points for a beeswarm
    plot.
    """
    rows = frame.sample(n=min(len(frame), MAX_ROWS), random_state=seed)
    values = shap_values(model, rows)
    importance = np.abs(values[:, :-1]).mean(axis=0)
    # The sort is stable: features without influence keep the model's order.
    ranking = np.argsort(-importance, kind="stable")
    shown = min(len(rows), SAMPLED_ROWS)
    sample = [
        {
            "feature": model.features[at].name,
            "value": _plain(rows, model.features[at], row),
            "shap": round(float(values[row, at]), 5),
        }
        for at in ranking[:SAMPLED_FEATURES]
        for row in range(shown)
    ]
    return {
        "features": [
            {"name": model.features[at].name, "mean_abs_shap": round(float(importance[at]), 6)}
            for at in ranking
        ],
        "sample": sample,
        "base_value": round(float(values[:, -1].mean()), 6),
        "rows": len(rows),
        "unit": "log-odds",
    }


def _plain(rows: pd.DataFrame, feature: Feature, row: int) -> str | float | None:
    """A cell as a JSON value."""
    value = rows[feature.name].iloc[row]
    if pd.isna(value):
        return None
    return str(value) if feature.type == "string" else round(float(value), 6)
