"""Reads a point-in-time dataset: dataset.json describes the columns; a split is a folder of Parquet files."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from user_error import UserError

FEATURE_TYPES = ("double", "integer", "string")
# The as-of day of a row, as text.
AS_OF = "as_of"


@dataclass(frozen=True)
class Column:
    """A feature column as declared by the pipeline: its name and its type, double, integer or string."""

    name: str
    type: str


@dataclass(frozen=True)
class DatasetDescription:
    """The columns according to dataset.json. Nothing else in model/ depends on the domain."""

    features: tuple[Column, ...]
    label: str
    entity: str
    run_id: str


def read_description(path: Path) -> DatasetDescription:
    """Read dataset.json; `path` is the file or its folder."""
    file = path / "dataset.json" if path.is_dir() else path
    if not file.exists():
        raise UserError(
            f"dataset.json was expected at {file} and is not there: has the step train-dataset run?"
        )
    content = json.loads(file.read_text(encoding="utf-8"))
    missing = [key for key in ("run_id", "feature_columns", "label", "entity") if key not in content]
    if missing:
        raise UserError(f"{file} lacks {', '.join(missing)}; it has {', '.join(sorted(content))}.")
    features = tuple(Column(column["name"], column["type"]) for column in content["feature_columns"])
    unknown = [f"{column.name}: {column.type}" for column in features if column.type not in FEATURE_TYPES]
    if unknown:
        raise UserError(f"{file} has feature types that are none of {', '.join(FEATURE_TYPES)}: {unknown}.")
    if not features:
        raise UserError(f"{file} names no feature column, so there is nothing to learn from.")
    return DatasetDescription(features, content["label"], content["entity"], content["run_id"])


# The parts of a dataset in the order of time.
PARTS = ("train", "validation", "purged", "test")


def read_split(folder: Path, name: str) -> pd.DataFrame:
    """All Parquet files of a split, in order of name, so that equal files give equal rows."""
    files = sorted(file for file in folder.rglob("*.parquet") if file.is_file()) if folder.exists() else []
    if not files:
        raise UserError(f"The {name} split has no Parquet file below {folder}.")
    tables = [pq.ParquetFile(file).read() for file in files]
    return pa.concat_tables(tables, promote_options="permissive").to_pandas()


def check_split(frame: pd.DataFrame, name: str, description: DatasetDescription) -> None:
    """Raise if a split cannot be used for training or evaluation; the message says what to change."""
    if frame.empty:
        raise UserError(
            f"The {name} split has no rows. Check that the events cover training.history_days and that "
            "features.sql returns entities at these cutoffs."
        )
    needed = [AS_OF, *[column.name for column in description.features], description.label]
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise UserError(
            f"The {name} split lacks the columns {', '.join(absent)}; it has {', '.join(frame.columns)}. "
            "pipeline.yaml's features.columns and label.name must be what the SQL returns."
        )
    labels = pd.to_numeric(frame[description.label], errors="coerce")
    unlabelled = int(labels.isna().sum())
    if unlabelled:
        raise UserError(
            f"{unlabelled} of {len(frame)} rows of the {name} split have no usable {description.label}: "
            "label.sql must give every entity 0 or 1."
        )
    others = sorted(set(labels.astype(float).tolist()) - {0.0, 1.0})
    if others:
        raise UserError(f"{description.label} must be 0 or 1; the {name} split also has {others[:5]}.")
    if labels.nunique() == 1:
        raise UserError(
            f"All {len(frame)} rows of the {name} split have {description.label} = {int(labels.iloc[0])}: a "
            "classifier needs both classes. Check label.sql, label.horizon_days and training.history_days."
        )
