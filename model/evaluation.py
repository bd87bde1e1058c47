"""Evaluates challenger and champion on the same test rows, at the same threshold."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from artifact import Model
from encoding import absent_features
from leakage import leak_warnings
from metrics import DIGITS, classification_report, confusion, rates
from splits import DatasetDescription, check_split
from training import labels_of
from user_error import UserError


@dataclass(frozen=True)
class Champion:
    """The serving model and its version in the registry."""

    model: Model
    version: str


def evaluate(
    challenger: Model,
    champion: Champion | None,
    test: pd.DataFrame,
    description: DatasetDescription,
    serving_threshold: float | None = None,
) -> dict[str, Any]:
    """evaluation.json without the run's names.

    The metrics are computed at `serving_threshold`, which production uses; without one, at the threshold that
    each model's training chose.
    """
    check_split(test, "test", description)
    absent = absent_features(test, challenger.features)
    if absent:
        raise UserError(f"The test split lacks features the challenger learnt from: {', '.join(absent)}.")
    labels = labels_of(test, description.label)
    evaluated = evaluate_model(challenger, test, labels, serving_threshold)
    return {
        "challenger": evaluated,
        "champion": None
        if champion is None
        else {"version": champion.version, **evaluate_model(champion.model, test, labels, serving_threshold)},
        "test_rows": len(test),
        "base_rate": round(float(labels.mean()), DIGITS),
        # The F1 of always predicting positive, without which an F1 is hard to interpret.
        "always_positive_f1": round(float(2 * labels.mean() / (1 + labels.mean())), DIGITS),
        "warnings": leak_warnings(test, labels, challenger.features, evaluated["metrics"]["auc"]),
    }


def evaluate_model(
    model: Model, test: pd.DataFrame, labels: np.ndarray, serving_threshold: float | None
) -> dict[str, Any]:
    """One model's part of the report. Features that the data no longer has are missing values and are
    named.
    """
    scores = model.score(test)
    threshold = model.threshold if serving_threshold is None else serving_threshold
    at_recommended = rates(confusion(labels, scores, model.threshold))
    return {
        **classification_report(labels, scores, threshold),
        "recommended_threshold": round(model.threshold, DIGITS),
        "f1_at_recommended_threshold": round(at_recommended["f1"], DIGITS),
        "missing_features": absent_features(test, model.features),
        "trained_by": str(model.metadata.get("run_id", "")),
    }
