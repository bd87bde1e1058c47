"""Hyperparameters, which SageMaker passes as strings. An unknown one is an error instead of being ignored.

hyperparameters.json lists them with their types, limits and defaults. The command line checks
pipeline.yaml against the same file.
"""

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threshold import AUTO, ThresholdRule
from user_error import UserError

_TABLE = json.loads(Path(__file__).with_name("hyperparameters.json").read_text(encoding="utf-8"))
# XGBoost's own parameters (https://xgboost.readthedocs.io/en/release_3.0.0/parameter.html).
_BOOSTER: dict[str, dict[str, Any]] = _TABLE["xgboost"]
_CONTROLS: dict[str, dict[str, Any]] = _TABLE["training"]
_KNOWN = {**_BOOSTER, **_CONTROLS}
_ALIASES = {alias: name for name, described in _KNOWN.items() for alias in described.get("aliases", ())}


@dataclass(frozen=True)
class Settings:
    """The settings of a training run."""

    booster: Mapping[str, Any]
    num_round: int
    early_stopping_rounds: int
    threshold: ThresholdRule
    max_categories: int
    seed: int
    # With one thread, the same data gives the same bytes on every machine.
    nthread: int


def parse_settings(hyperparameters: Mapping[str, Any]) -> Settings:
    """Validate the hyperparameters of a training job."""
    values = {name: described["default"] for name, described in _KNOWN.items()}
    for written, value in hyperparameters.items():
        if written in ("run_id", "threshold", "costs"):
            continue
        name = _ALIASES.get(written, written)
        if name not in _KNOWN:
            raise UserError(_unknown(written))
        values[name] = _parse(written, value, _KNOWN[name])
    return Settings(
        {name: values[name] for name in _BOOSTER},
        # `serving` of pipeline.yaml.
        threshold=ThresholdRule.parse(hyperparameters.get("threshold", AUTO), hyperparameters.get("costs")),
        **{name: values[name] for name in _CONTROLS},
    )


def _parse(name: str, value: Any, described: Mapping[str, Any]) -> Any:
    """Convert a string, or a number that JSON has parsed, to the type of the hyperparameter."""
    is_integer = described["type"] == "integer"
    try:
        number = float(json.loads(value) if isinstance(value, str) else value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or (is_integer and not number.is_integer()):
        wanted = "a whole number" if is_integer else "a number"
        raise UserError(f"Hyperparameter {name} must be {wanted}, not {value!r}.")
    low, high = described["minimum"], described.get("maximum", math.inf)
    if not low <= number <= high:
        wanted = f"be at least {low:g}" if high == math.inf else f"lie between {low:g} and {high:g}"
        raise UserError(f"Hyperparameter {name} must {wanted}, not {number:g}.")
    return int(number) if is_integer else number


def _unknown(name: str) -> str:
    allowed = sorted([*_KNOWN, *_ALIASES])
    nearest = difflib.get_close_matches(name, allowed, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"Unknown hyperparameter {name}.{hint} Known: {', '.join(allowed)}."
