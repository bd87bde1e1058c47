"""Hyperparameters: SageMaker hands them over as strings; a misspelt one is an error, not silently unused."""

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from user_error import UserError

# XGBoost's own parameters a pipeline may set (https://xgboost.readthedocs.io/en/release_3.0.0/parameter.html).
BOOSTER_DEFAULTS: dict[str, Any] = {
    "eta": 0.05,
    "max_depth": 4,
    "min_child_weight": 10.0,
    "subsample": 0.8,
    "colsample_bytree": 0.8,
    "colsample_bylevel": 1.0,
    "gamma": 0.0,
    "lambda": 1.0,
    "alpha": 0.0,
    "max_bin": 256,
    "max_delta_step": 0.0,
    "max_leaves": 0,
    "scale_pos_weight": 1.0,
    "max_cat_to_onehot": 4,
}
ALIASES = {"learning_rate": "eta", "reg_lambda": "lambda", "reg_alpha": "alpha", "min_split_loss": "gamma"}


@dataclass(frozen=True)
class Settings:
    """Everything that steers a training run."""

    booster: Mapping[str, Any]
    num_round: int = 600
    early_stopping_rounds: int = 40
    # None: the threshold with the best F1 on the validation split.
    threshold: float | None = None
    max_categories: int = 64
    seed: int = 7
    # One thread gives the same bytes from the same data on every machine.
    nthread: int = 1


CONTROLS = ("num_round", "early_stopping_rounds", "threshold", "max_categories", "seed", "nthread")


def parse_settings(hyperparameters: Mapping[str, Any]) -> Settings:
    """Validate hyperparameters as SM_HPS has them; `sagemaker_…` ones are the container's own."""
    booster = dict(BOOSTER_DEFAULTS)
    controls: dict[str, Any] = {}
    for raw_name, raw_value in hyperparameters.items():
        if raw_name.startswith("sagemaker_") or raw_name == "run_id":
            continue
        name = ALIASES.get(raw_name, raw_name)
        if name in BOOSTER_DEFAULTS:
            booster[name] = _number(raw_name, raw_value, type(BOOSTER_DEFAULTS[name]))
        elif name == "threshold":
            controls[name] = None if raw_value == "max_f1" else _number(raw_name, raw_value, float)
        elif name in CONTROLS:
            controls[name] = _number(raw_name, raw_value, int)
        else:
            raise UserError(_unknown(raw_name))
    settings = Settings(booster, **controls)
    _check_limits(settings)
    return settings


def _number(name: str, value: Any, kind: type) -> Any:
    """A string, or a number that JSON already parsed, as the kind of number the parameter wants."""
    try:
        number = float(json.loads(value) if isinstance(value, str) else value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or (kind is int and not number.is_integer()):
        wanted = "a whole number" if kind is int else "a number"
        raise UserError(f"Hyperparameter {name} must be {wanted}, not {value!r}.")
    return kind(number)


def _unknown(name: str) -> str:
    allowed = sorted([*BOOSTER_DEFAULTS, *ALIASES, *CONTROLS])
    nearest = difflib.get_close_matches(name, allowed, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"Unknown hyperparameter {name}.{hint} Known: {', '.join(allowed)}."


def _check_limits(settings: Settings) -> None:
    limits = {
        "num_round": (settings.num_round, 1, 100_000),
        "early_stopping_rounds": (settings.early_stopping_rounds, 1, 10_000),
        "max_categories": (settings.max_categories, 1, 1_000),
        "nthread": (settings.nthread, 1, 1_024),
        "seed": (settings.seed, 0, 2**31 - 1),
        "eta": (settings.booster["eta"], 1e-6, 1.0),
        "subsample": (settings.booster["subsample"], 1e-6, 1.0),
        "colsample_bytree": (settings.booster["colsample_bytree"], 1e-6, 1.0),
        "colsample_bylevel": (settings.booster["colsample_bylevel"], 1e-6, 1.0),
        "max_depth": (settings.booster["max_depth"], 1, 32),
    }
    if settings.threshold is not None:
        limits["threshold"] = (settings.threshold, 0.0, 1.0)
    for name, (value, low, high) in limits.items():
        if not low <= value <= high:
            raise UserError(f"Hyperparameter {name} must lie between {low:g} and {high:g}, not {value:g}.")
