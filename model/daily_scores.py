"""The scores of a day's rows, each with the features that pushed it most, and their files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from artifact import Model
from explanation import shap_values
from scoring import as_served
from splits import AS_OF

REASONS = 3
SHAP_DIGITS = 5
# Larger doubles are shown in powers of ten.
MOST_EXACT = 1e15
# TreeSHAP takes the rows in parts, so that memory does not grow with their number.
PART = 50_000

SCHEMA = pa.schema(
    [
        (AS_OF, pa.string()),
        ("entity", pa.string()),
        ("score", pa.float64()),
        ("positive", pa.bool_()),
        ("model_version", pa.int64()),
        *(
            (f"reason_{rank}_{what}", pa.float64() if what == "shap" else pa.string())
            for rank in range(1, REASONS + 1)
            for what in ("feature", "value", "shap")
        ),
    ]
)
COLUMNS = SCHEMA.names


def daily_scores(
    model: Model, rows: pd.DataFrame, entity: str, version: int, threshold: float
) -> pd.DataFrame:
    """One row per row of the day: as-of day, entity, score, whether it is positive, version, and three
    reasons.

    A reason is a feature, its value as text and its SHAP value in log-odds: a positive one pushed the score
    up. The strongest comes first. A model with fewer features gives fewer reasons; a missing value has no
    text.
    """
    parts = [
        _scored(model, rows.iloc[at : at + PART], entity, version, threshold)
        for at in range(0, len(rows), PART)
    ]
    return pd.concat(parts, ignore_index=True) if parts else SCHEMA.empty_table().to_pandas()


def write_scores(folder: Path, scores: pd.DataFrame) -> None:
    """scores.parquet and scores.csv with the same rows in the same order."""
    table = pa.Table.from_pandas(scores[COLUMNS], schema=SCHEMA, preserve_index=False)
    pq.write_table(table, folder / "scores.parquet")
    scores.to_csv(folder / "scores.csv", index=False, columns=COLUMNS)


def _scored(model: Model, rows: pd.DataFrame, entity: str, version: int, threshold: float) -> pd.DataFrame:
    values = shap_values(model, rows)[:, :-1]
    # The sort is stable: equal features keep the model's order, so that equal rows give equal reasons.
    ranking = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :REASONS]
    scores = np.array(as_served(model.score(rows)))
    scored = {
        AS_OF: rows[AS_OF].to_numpy(),
        "entity": rows[entity].astype(str).to_numpy(),
        "score": scores,
        "positive": scores >= threshold,
        "model_version": np.full(len(rows), version),
    }
    names = np.array([feature.name for feature in model.features], dtype=object)
    texts = np.column_stack([_texts(rows, feature.name) for feature in model.features])
    position = np.arange(len(rows))
    for rank in range(REASONS):
        if rank < ranking.shape[1]:
            at = ranking[:, rank]
            scored[f"reason_{rank + 1}_feature"] = names[at]
            scored[f"reason_{rank + 1}_value"] = texts[position, at]
            scored[f"reason_{rank + 1}_shap"] = values[position, at].astype(np.float64).round(SHAP_DIGITS)
        else:
            scored[f"reason_{rank + 1}_feature"] = np.full(len(rows), None)
            scored[f"reason_{rank + 1}_value"] = np.full(len(rows), None)
            scored[f"reason_{rank + 1}_shap"] = np.full(len(rows), np.nan)
    return pd.DataFrame(scored, columns=COLUMNS)


def _texts(rows: pd.DataFrame, feature: str) -> np.ndarray:
    """A column as text; None where it is missing."""
    if feature not in rows.columns:
        return np.full(len(rows), None, dtype=object)
    values = rows[feature]
    return values.astype(object).map(_text).to_numpy(dtype=object)


def _text(value: object) -> str | None:
    if pd.isna(value):
        return None
    # Integers that may be null arrive as doubles.
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < MOST_EXACT
    return str(int(value)) if is_whole else str(value)
