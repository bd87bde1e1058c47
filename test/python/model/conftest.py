"""A synthetic dataset in the pipeline's format: numbers, text, missing values, both classes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contract
import numpy as np
import pandas as pd
import pytest
from pipeline import Pipeline
from splits import Column, DatasetDescription

DESCRIPTION = DatasetDescription(
    features=(
        Column("recency", "double"),
        Column("visits", "integer"),
        Column("device", "string"),
    ),
    label="churned",
    entity="user_id",
    run_id="run-1",
)


def make_rows(rows: int, seed: int, days: tuple[str, ...] = ("2025-01-06",)) -> pd.DataFrame:
    """Rows whose label depends on recency and device; every tenth recency and some devices are missing."""
    random = np.random.default_rng(seed)
    recency = random.gamma(2.0, 2.0, rows)
    device = random.choice(["web", "ios", "android"], rows, p=[0.5, 0.2, 0.3])
    log_odds = 0.6 * (recency - 4) + np.where(device == "ios", 1.5, 0.0)
    frame = pd.DataFrame(
        {
            "as_of": np.array(days)[np.sort(random.integers(0, len(days), rows))],
            "user_id": [f"u{number}" for number in range(rows)],
            "recency": np.where(random.random(rows) < 0.1, np.nan, recency),
            "visits": pd.array(random.integers(0, 6, rows), dtype="Int64"),
            "device": np.where(random.random(rows) < 0.05, None, device),
            "churned": (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int),
        }
    )
    frame.loc[frame.index % 17 == 0, "visits"] = pd.NA
    return frame


@pytest.fixture
def description() -> DatasetDescription:
    return DESCRIPTION


@pytest.fixture
def spec() -> dict[str, Any]:
    """What an evaluation reads of the resolved pipeline.yaml."""
    return {
        "events": {"allowed_lateness_days": 3},
        "label": {"horizon_days": 14},
        "training": {"cutoff_every_days": 7, "history_days": 364, "test_share": 0.2},
        "serving": {"threshold": 0.5},
        "segments": {},
        "gates": {
            "minimum": {"auc": 0.6},
            "champion": {"metric": "auc", "margin": 0.01},
            "lift": {"over_chance": 0, "over_simple_model": -0.1},
            "min_test_rows": 250,
        },
    }


@pytest.fixture
def pipeline(spec: dict[str, Any]) -> Pipeline:
    return Pipeline.parse(spec)


@pytest.fixture
def rows() -> Callable[..., pd.DataFrame]:
    return make_rows


@pytest.fixture
def dataset_folder(tmp_path: Path) -> Path:
    """train, validation, test and dataset.json on disk, as the train-dataset step writes them."""
    folder = tmp_path / "dataset"
    for name, count, seed in (("train", 600, 1), ("validation", 200, 2), ("test", 300, 3)):
        (folder / name).mkdir(parents=True)
        make_rows(count, seed, ("2025-02-03", "2025-02-10")).to_parquet(folder / name / "part-0.parquet")
    (folder / "purged").mkdir()
    purged = make_rows(50, 4, ("2025-02-05",)).assign(device="watch")
    purged.to_parquet(folder / "purged" / "part-0.parquet")
    content = {
        "run_id": "run-1",
        "feature_columns": [{"name": column.name, "type": column.type} for column in DESCRIPTION.features],
        "checked_alone": [],
        "incomplete_windows": {"action": "drop", "cutoffs": []},
        "digest": "5d41402a",
        "label": "churned",
        "entity": "user_id",
        "rows": {"train": 600, "validation": 200, "purged": 50, "test": 300},
        "positives": {"train": 200, "validation": 70, "purged": 20, "test": 100},
        "cutoffs": {
            "train": ["2025-01-06"],
            "validation": ["2025-01-13"],
            "test": ["2025-02-10"],
            "purged": [],
        },
        "events_snapshot_id": "11",
        "feature_snapshot_id": "12",
    }
    (folder / "dataset.json").write_text(json.dumps(contract.check("dataset-manifest", content)))
    return folder
