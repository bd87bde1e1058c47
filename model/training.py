"""Trains the classifier: XGBoost with logistic loss, early stopping on the validation split, and a
threshold; once it has passed the gate, again on all labelled rows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from encoding import Feature, encode, fit_features
from scoring import as_served
from settings import Settings
from splits import DatasetDescription, check_split


@dataclass(frozen=True)
class TrainedModel:
    """A trained booster, and what is needed to score with it."""

    booster: xgb.Booster
    features: tuple[Feature, ...]
    threshold: float
    best_iteration: int
    validation_log_loss: float


def fit(
    train: pd.DataFrame, validation: pd.DataFrame, description: DatasetDescription, settings: Settings
) -> TrainedModel:
    """Train on `train`; stop early by the log loss on `validation` and choose the threshold there.

    Validation is later in time than train, not a random sample, so the choices are tested on future data, as
    in production.
    """
    check_split(train, "train", description)
    check_split(validation, "validation", description)
    features = fit_features(train, description.features, settings.max_categories)
    train_matrix = _matrix(train, description, features, settings)
    validation_matrix = _matrix(validation, description, features, settings)
    booster = xgb.train(
        _parameters(settings),
        train_matrix,
        num_boost_round=settings.num_round,
        evals=[(validation_matrix, "validation")],
        early_stopping_rounds=settings.early_stopping_rounds,
        verbose_eval=False,
    )
    best_iteration = int(booster.best_iteration)
    log_loss = float(booster.best_score)
    # Trees after the best iteration would only slow down serving.
    booster = booster[: best_iteration + 1]
    scores = np.array(as_served(booster.predict(validation_matrix)))
    threshold = settings.threshold.choose(labels_of(validation, description.label), scores)
    return TrainedModel(booster, features, threshold, best_iteration, log_loss)


@dataclass(frozen=True)
class RefittedModel:
    """A booster that learnt from all labelled rows, with its own encoding."""

    booster: xgb.Booster
    features: tuple[Feature, ...]


def refit(
    rows: pd.DataFrame, description: DatasetDescription, settings: Settings, rounds: int
) -> RefittedModel:
    """Train on all labelled rows with a fixed number of rounds: the one that early stopping chose.

    There are no later rows left to stop early on, or to evaluate with: the metrics remain those of the
    evaluated model, and this one differs from it in having seen the newest labels.
    """
    check_split(rows, "whole", description)
    features = fit_features(rows, description.features, settings.max_categories)
    matrix = _matrix(rows, description, features, settings)
    booster = xgb.train(_parameters(settings), matrix, num_boost_round=rounds, verbose_eval=False)
    return RefittedModel(booster, features)


def _parameters(settings: Settings) -> dict[str, Any]:
    return {
        **settings.booster,
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "seed": settings.seed,
        "nthread": settings.nthread,
        "verbosity": 1,
    }


def labels_of(frame: pd.DataFrame, label: str) -> np.ndarray:
    """The label column as 0/1 integers, of a split that has been checked."""
    return frame[label].to_numpy(dtype=np.int8)


def _matrix(
    frame: pd.DataFrame, description: DatasetDescription, features: tuple[Feature, ...], settings: Settings
) -> xgb.DMatrix:
    return xgb.DMatrix(
        encode(frame, features),
        label=labels_of(frame, description.label),
        feature_names=[feature.name for feature in features],
        feature_types=[feature.xgboost_type for feature in features],
        enable_categorical=True,
        nthread=settings.nthread,
    )
