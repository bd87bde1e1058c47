"""From columns to the float matrix XGBoost reads; fitted on the training split, stored with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from splits import Column
from user_error import UserError


@dataclass(frozen=True)
class Feature:
    """A feature as the model knows it; a string feature has the vocabulary seen in training, by code."""

    name: str
    type: str
    categories: tuple[str, ...] = ()

    @property
    def xgboost_type(self) -> str:
        """`c` makes XGBoost split on sets of categories; `q` (quantitative) is every number."""
        return "c" if self.type == "string" else "q"

    def to_json(self) -> dict[str, Any]:
        """As kept in metadata.json."""
        described: dict[str, Any] = {"name": self.name, "type": self.type}
        if self.type == "string":
            described["categories"] = list(self.categories)
        return described

    @staticmethod
    def from_json(described: Mapping[str, Any]) -> "Feature":
        """The opposite of `to_json`."""
        return Feature(described["name"], described["type"], tuple(described.get("categories", ())))


def fit_features(frame: pd.DataFrame, columns: Sequence[Column], max_categories: int) -> tuple[Feature, ...]:
    """Learn each string column's vocabulary: its most frequent values; rarer ones count as missing."""
    features = []
    for column in columns:
        if column.type != "string":
            features.append(Feature(column.name, column.type))
            continue
        counts = frame[column.name].dropna().astype(str).value_counts()
        ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:max_categories]
        features.append(Feature(column.name, "string", tuple(sorted(value for value, _ in ranked))))
    return tuple(features)


def encode_column(values: pd.Series, feature: Feature) -> np.ndarray:
    """One column as float32; null, unknown category and infinity become NaN, which XGBoost treats as missing.

    float32 is what XGBoost splits on, so integers beyond 2^24 lose their last digits: no ids as features.
    """
    if feature.type == "string":
        # pandas gives an unknown value the code -1.
        codes = pd.Categorical(
            values.where(values.notna()).map(lambda value: value if pd.isna(value) else str(value)),
            categories=list(feature.categories),
        ).codes.astype(np.float32)
        codes[codes < 0] = np.nan
        return codes
    return numbers(values, feature).astype(np.float32)


def numbers(values: pd.Series, feature: Feature) -> np.ndarray:
    """A numeric column as doubles; null and infinity become NaN."""
    try:
        doubles = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise UserError(f"Feature {feature.name} is declared {feature.type}, but: {error}.") from error
    return np.where(np.isinf(doubles), np.nan, doubles)


def encode(frame: pd.DataFrame, features: Sequence[Feature]) -> np.ndarray:
    """The model's matrix, one row per row of `frame`; a feature the frame lacks is missing in every row."""
    matrix = np.full((len(frame), len(features)), np.nan, dtype=np.float32)
    for position, feature in enumerate(features):
        if feature.name in frame.columns:
            matrix[:, position] = encode_column(frame[feature.name], feature)
    return matrix


def absent_features(frame: pd.DataFrame, features: Sequence[Feature]) -> list[str]:
    """Features of the model that the data lacks (a champion of an earlier pipeline.yaml may have such)."""
    return [feature.name for feature in features if feature.name not in frame.columns]
