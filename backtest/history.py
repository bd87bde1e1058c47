"""What a backtest knows: the rows of all as-of days, and how the pipeline trains."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from artifact import Model
from pipeline import Pipeline
from settings import Settings, parse_settings
from splits import AS_OF, Column, DatasetDescription, read_split


@dataclass(frozen=True)
class History:
    """Rows (as_of, entity, features, label), where a label that is not known yet is missing."""

    rows: pd.DataFrame
    spec: Mapping[str, Any]

    @staticmethod
    def read(spec: Mapping[str, Any], folder: Path) -> "History":
        """Read what prepare.py wrote."""
        return History(read_split(folder, "backtest"), spec)

    @property
    def description(self) -> DatasetDescription:
        """The columns, as in dataset.json."""
        columns = self.spec["features"]["columns"]
        return DatasetDescription(
            tuple(Column(name, column["type"]) for name, column in columns.items()),
            self.spec["label"]["name"],
            self.spec["entity"],
            "backtest",
        )

    @cached_property
    def pipeline(self) -> Pipeline:
        """The settings of an evaluation, as the evaluation job reads them."""
        return Pipeline.parse(self.spec)

    @property
    def settings(self) -> Settings:
        """The hyperparameters, as the training job gets them."""
        training, serving = self.spec["training"], self.spec["serving"]
        return parse_settings(
            {
                **training["hyperparameters"],
                "seed": training["seed"],
                "threshold": serving["threshold"],
                "costs": serving.get("costs"),
            }
        )

    def threshold(self, model: Model) -> float:
        """The threshold with which a model serves."""
        return self.settings.threshold.of(model.metadata)

    @property
    def seed(self) -> int:
        """The seed of everything random."""
        return int(self.spec["training"]["seed"])

    @property
    def metric(self) -> str:
        """The metric that the gate compares."""
        return str(self.spec["gates"]["champion"]["metric"])

    def of(self, days: list[str]) -> pd.DataFrame:
        """The rows of some days."""
        return self.rows[self.rows[AS_OF].isin(days)]

    def labelled(self, days: list[str]) -> pd.DataFrame:
        """The rows of some days whose labels are known, which all must be."""
        found = self.of(days)
        return found.astype({self.description.label: np.int8})

    def labels(self, frame: pd.DataFrame) -> np.ndarray:
        """The labels of rows that have them."""
        return frame[self.description.label].to_numpy(dtype=np.int8)

    def entities(self, frame: pd.DataFrame) -> np.ndarray:
        """The entity of each row."""
        return frame[self.description.entity].to_numpy()
