"""Metrics of a model in parts of the test rows: one good figure can hide a segment that is served badly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from bins import column_values
from encoding import Feature
from measured import Answers, Rows
from metrics import DIGITS

METRICS = ("auc", "f1", "log_loss")
# With fewer rows of a class, even an AUC of no skill has a standard error above 0.07.
LEAST_ROWS_OF_A_CLASS = 30
MOST_CATEGORIES = 12
CATEGORIES = "categories"
# In brackets, because a category may have any other name.
MISSING = "(missing)"
OTHER = "(other)"


@dataclass(frozen=True)
class Segments:
    """One column of `segments` in pipeline.yaml: the cut points of a number, or none of a category."""

    column: str
    cuts: tuple[float, ...] | None

    @staticmethod
    def parse(declared: Mapping[str, Any]) -> "tuple[Segments, ...]":
        """From the resolved pipeline.yaml."""
        return tuple(
            Segments(name, None if parts == CATEGORIES else tuple(float(cut) for cut in parts))
            for name, parts in declared.items()
        )

    def divide(self, rows: pd.DataFrame, feature: Feature) -> list[tuple[str, np.ndarray]]:
        """The segments with their rows: every row is in one. A range may be empty."""
        values = column_values(rows, feature)
        return _categories(values) if self.cuts is None else _ranges(np.asarray(values), self.cuts)


def segment_metrics(
    declared: Sequence[Segments],
    test: pd.DataFrame,
    features: Sequence[Feature],
    rows: Rows,
    answers: Answers,
) -> list[dict[str, Any]]:
    """One entry for each segment: its rows, and metrics with intervals where there are enough of them."""
    known = {feature.name: feature for feature in features}
    return [
        {"column": one.column, "segment": name, **_measure(rows.where(chosen), answers.where(chosen))}
        for one in declared
        for name, chosen in one.divide(test, known[one.column])
    ]


def _measure(rows: Rows, answers: Answers) -> dict[str, Any]:
    sample = rows.sample
    facts = {
        "rows": sample.rows,
        "entities": sample.entities,
        "base_rate": round(sample.base_rate, DIGITS) if sample.rows else None,
    }
    if min(sample.positives, sample.rows - sample.positives) < LEAST_ROWS_OF_A_CLASS:
        return {**facts, "metrics": None}
    measured = rows.measure({"challenger": answers})["challenger"]
    intervals = measured.intervals()
    return {
        **facts,
        "metrics": {name: {"value": measured.metrics[name], "interval": intervals[name]} for name in METRICS},
    }


def _ranges(values: np.ndarray, cuts: Sequence[float]) -> list[tuple[str, np.ndarray]]:
    """Ranges that include their upper end, as the bins of the drift check do."""
    present = np.isfinite(values)
    numbers = np.where(present, np.searchsorted(np.array(cuts), values, side="left"), -1)
    names = [f"up to {cuts[0]:g}"]
    names += [f"above {low:g} up to {high:g}" for low, high in pairwise(cuts)]
    names.append(f"above {cuts[-1]:g}")
    found = [(name, numbers == number) for number, name in enumerate(names)]
    return found if present.all() else [*found, (MISSING, ~present)]


def _categories(values: pd.Series | np.ndarray) -> list[tuple[str, np.ndarray]]:
    """The most frequent categories, those that are left together, and rows without a value."""
    texts = pd.Series(values, dtype=object).reset_index(drop=True)
    texts = texts.where(texts.notna() & (texts != ""), None)
    counts = texts.dropna().astype(str).value_counts()
    shown = sorted(counts.index, key=lambda name: (-counts[name], name))[:MOST_CATEGORIES]
    text = texts.map(lambda value: None if value is None else str(value))
    found = [(name, (text == name).to_numpy(dtype=bool)) for name in shown]
    missing = text.isna().to_numpy(dtype=bool)
    other = ~missing & ~text.isin(shown).to_numpy(dtype=bool)
    rest = [(OTHER, other), (MISSING, missing)]
    return [*found, *((name, chosen) for name, chosen in rest if chosen.any())]
