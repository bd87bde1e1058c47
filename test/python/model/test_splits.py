"""Reading a dataset, with a specific error for each reason why it cannot be used."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from splits import DatasetDescription, check_split, read_description, read_split
from user_error import UserError


def test_a_dataset_is_read_as_it_was_written(dataset_folder: Path, description: DatasetDescription) -> None:
    assert read_description(dataset_folder) == description
    assert read_description(dataset_folder / "dataset.json") == description
    assert len(read_split(dataset_folder / "train", "train")) == 600


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": None}, "lacks label"),
        ({"feature_columns": []}, "names no feature column"),
        ({"feature_columns": [{"name": "x", "type": "date"}]}, "none of double, integer, string"),
    ],
)
def test_an_incomplete_description_is_rejected(
    dataset_folder: Path, change: dict[str, object], message: str
) -> None:
    file = dataset_folder / "dataset.json"
    content = json.loads(file.read_text()) | change
    file.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))

    with pytest.raises(UserError, match=message):
        read_description(file)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"dataset\.json was expected"):
        read_description(tmp_path)
    with pytest.raises(UserError, match="train split has no Parquet file"):
        read_split(tmp_path / "train", "train")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frame: frame.head(0), "The train split has no rows"),
        (lambda frame: frame.drop(columns="visits"), "lacks the columns visits; it has as_of"),
        (lambda frame: frame.drop(columns="churned"), "lacks the columns churned"),
        (lambda frame: frame.assign(churned=1), r"All 50 rows .* have churned = 1"),
        (
            lambda frame: frame.assign(churned=frame["churned"].astype(float).where(frame.index > 2)),
            "3 of 50 rows",
        ),
        (
            lambda frame: frame.assign(churned=frame["churned"] * 2),
            r"must be 0 or 1; the train split also has \[2",
        ),
        (
            lambda frame: frame.assign(churned="maybe"),
            "50 of 50 rows of the train split have no usable churned",
        ),
    ],
)
def test_an_unusable_split_is_rejected(
    rows: Callable[..., pd.DataFrame],
    description: DatasetDescription,
    spoil: Callable[[pd.DataFrame], pd.DataFrame],
    message: str,
) -> None:
    with pytest.raises(UserError, match=message):
        check_split(spoil(rows(50, 4)), "train", description)
