"""Converts a request's body to the model's matrix, without pandas, because it runs for every prediction."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from encoding import Feature

MAX_INSTANCES = 10_000
SCORE_DIGITS = 6


class RequestError(Exception):
    """An invalid request, answered with this status and message."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class RequestEncoder:
    """Encodes instances as rows of the model's matrix."""

    features: tuple[Feature, ...]
    codes: tuple[dict[str, int] | None, ...]
    names: frozenset[str]

    @staticmethod
    def of(features: Sequence[Feature]) -> "RequestEncoder":
        """An encoder that looks categories up in a dictionary."""
        codes = tuple(
            {category: code for code, category in enumerate(feature.categories)}
            if feature.type == "string"
            else None
            for feature in features
        )
        return RequestEncoder(tuple(features), codes, frozenset(feature.name for feature in features))

    def encode(self, instances: Sequence[Any]) -> np.ndarray:
        """One row per instance; a feature that is null or absent is missing.

        Features that the model does not have are ignored: the online store's records contain a new feature
        before the first model with it serves, and still contain it after a rollback.
        """
        matrix = np.full((len(instances), len(self.features)), np.nan, dtype=np.float32)
        for row, instance in enumerate(instances):
            if not isinstance(instance, dict):
                raise RequestError(f"instances[{row}] must be an object of features, not {_kind(instance)}.")
            if self.names.isdisjoint(instance):
                expected = ", ".join(feature.name for feature in self.features)
                raise RequestError(f"instances[{row}] has none of the model's features: {expected}.")
            for position, feature in enumerate(self.features):
                value = instance.get(feature.name)
                if value is not None:
                    matrix[row, position] = self._number(value, position, row)
        return matrix

    def _number(self, value: Any, position: int, row: int) -> float:
        feature, codes = self.features[position], self.codes[position]
        if codes is not None:
            if not isinstance(value, str):
                raise RequestError(f"instances[{row}].{feature.name} must be a string, not {_kind(value)}.")
            return codes.get(value, math.nan)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RequestError(f"instances[{row}].{feature.name} must be a number, not {_kind(value)}.")
        # JSON has no infinity, but Python's parser accepts it. As in training, it counts as missing.
        return value if math.isfinite(value) else math.nan


def as_served(scores: np.ndarray) -> list[float]:
    """Scores as in a response, rounded to six digits."""
    return [round(float(score), SCORE_DIGITS) for score in scores]


def parse_instances(body: str | bytes, content_type: str) -> list[Any]:
    """The `instances` of a request: `{"instances": [{feature: value, …}, …]}`."""
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise RequestError(f"Content-Type must be application/json, not {content_type}.", status=415)
    try:
        content = json.loads(body)
    except (ValueError, UnicodeDecodeError) as error:
        raise RequestError(f"The body is not JSON: {error}.") from error
    instances = content.get("instances") if isinstance(content, dict) else None
    if not isinstance(instances, list):
        raise RequestError('The body must be {"instances": [{feature: value, …}, …]}.')
    if not 1 <= len(instances) <= MAX_INSTANCES:
        raise RequestError(f"instances must hold 1 to {MAX_INSTANCES} entries, not {len(instances)}.")
    return instances


def _kind(value: Any) -> str:
    """The JSON name of a value's type."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array"}
    return names.get(type(value), "an object")
