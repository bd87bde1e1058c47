"""Encodes columns as XGBoost's float matrix. The encoding is fitted on the training split and stored with the
model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from splits import Column
from user_error import UserError


@dataclass(frozen=True)
class Feature:
    """A feature of the model; a string feature has a vocabulary from the training data, in order of code."""

    name: str
    type: str
    categories: tuple[str, ...] = ()

    @property
    def xgboost_type(self) -> str:
        """XGBoost's type: `c` for categories, on whose sets it can split, `q` (quantitative) for numbers."""
        return "c" if self.type == "string" else "q"

    def to_json(self) -> dict[str, Any]:
        """The form in metadata.json."""
        described: dict[str, Any] = {"name": self.name, "type": self.type}
        if self.type == "string":
            described["categories"] = list(self.categories)
        return described

    @staticmethod
    def from_json(described: Mapping[str, Any]) -> "Feature":
        """The inverse of `to_json`."""
        return Feature(described["name"], described["type"], tuple(described.get("categories", ())))


def fit_features(frame: pd.DataFrame, columns: Sequence[Column], max_categories: int) -> tuple[Feature, ...]:
    """Determine each string column's vocabulary: its most frequent values; others count as missing, and so
    does empty text.
    """
    features = []
    for column in columns:
        if column.type != "string":
            features.append(Feature(column.name, column.type))
            continue
        texts = frame[column.name].dropna().astype(str)
        counts = texts[texts != ""].value_counts()
        ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:max_categories]
        features.append(Feature(column.name, "string", tuple(sorted(value for value, _ in ranked))))
    return tuple(features)


def encode_column(values: pd.Series, feature: Feature) -> np.ndarray:
    """One column as float32; null, empty text, unknown categories and infinity become NaN, which XGBoost
    treats as missing.

    XGBoost splits on float32, so integers above 2^24 lose precision and IDs cannot be features.
    """
    if feature.type == "string":
        # pandas gives unknown values the code -1.
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
    """The model's matrix, one row per row of `frame`; a feature without a column is missing in every row."""
    matrix = np.full((len(frame), len(features)), np.nan, dtype=np.float32)
    for position, feature in enumerate(features):
        if feature.name in frame.columns:
            matrix[:, position] = encode_column(frame[feature.name], feature)
    return matrix


def absent_features(frame: pd.DataFrame, features: Sequence[Feature]) -> list[str]:
    """Features of the model that the data lacks, as may happen with a champion from an earlier
    pipeline.yaml.
    """
    return [feature.name for feature in features if feature.name not in frame.columns]
