"""The quality of policies on the same rows, with intervals of each and of their differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from artifact import Model
from bootstrap import Entities, ModelRows, Replicates, interval, resample
from history import History

REPLICATES = 500
DIGITS = 6


@dataclass(frozen=True)
class _Day:
    """The rows of a day, as one version scored them."""

    rows: int
    positives: int
    metrics: Mapping[str, float]
    replicates: Replicates


def compare(
    history: History, models: Mapping[str, Model], policies: Mapping[str, Sequence[tuple[str, str]]]
) -> dict[str, Any]:
    """`policies`: the version that served on each day, by policy; all have the same days.

    A policy's quality is the mean over its days, weighted by their rows. Entities are drawn for all days at
    once, so that an entity's rows of different days stay together (the cluster bootstrap).
    """
    pairs = sorted({pair for served in policies.values() for pair in served})
    measured = _measure(history, models, pairs)
    overall = {
        name: {
            metric: _mean([measured[pair] for pair in served], metric) for metric in ("auc", "f1", "log_loss")
        }
        for name, served in policies.items()
    }
    metric = history.metric
    return {
        name: {
            "days": [_described(day, version, measured[day, version], metric) for day, version in served],
            "overall": {
                "metric": _estimate(*overall[name][metric]),
                "log_loss": _estimate(*overall[name]["log_loss"]),
            },
            "differences": {
                other: _estimate(
                    overall[name][metric][0] - overall[other][metric][0],
                    overall[name][metric][1] - overall[other][metric][1],
                )
                for other in policies
                if other != name
            },
        }
        for name, served in policies.items()
    }


def _measure(
    history: History, models: Mapping[str, Model], pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], _Day]:
    frames = {day: history.labelled([day]) for day in {day for day, _ in pairs}}
    numbered = Entities.of(np.concatenate([history.entities(frame) for frame in frames.values()]))
    parts = np.split(numbered.codes, np.cumsum([len(frame) for frame in frames.values()])[:-1])
    codes = dict(zip(frames, parts, strict=True))
    prepared = {
        (day, version): ModelRows.of(
            history.labels(frames[day]),
            models[version].score(frames[day]),
            history.threshold(models[version]),
            Entities(codes[day], numbered.count),
        )
        for day, version in pairs
    }
    names = {pair: "/".join(pair) for pair in pairs}
    drawn = resample(
        {names[pair]: rows for pair, rows in prepared.items()}, numbered, history.seed, REPLICATES
    )
    once = np.ones((1, numbered.count))
    return {
        pair: _Day(
            rows=len(frames[pair[0]]),
            positives=int(history.labels(frames[pair[0]]).sum()),
            metrics={name: float(value[0]) for name, value in rows.measure(once).items()},
            replicates=drawn[names[pair]],
        )
        for pair, rows in prepared.items()
    }


def _mean(days: Sequence[_Day], metric: str) -> tuple[float, np.ndarray]:
    """The mean over days, weighted by rows, and its replicates; a day of one class only has no AUC."""
    known = [day for day in days if not np.isnan(day.metrics[metric])]
    if not known:
        return float("nan"), np.full(REPLICATES, np.nan)
    weights = np.array([day.rows for day in known], dtype=np.float64)
    value = float(np.average([day.metrics[metric] for day in known], weights=weights))
    drawn = np.ma.masked_invalid(np.array([day.replicates[metric] for day in known]))
    return value, np.ma.average(drawn, axis=0, weights=weights).filled(np.nan)


def _described(day: str, version: str, measured: _Day, metric: str) -> dict[str, Any]:
    return {
        "as_of": day,
        "version": version,
        "rows": measured.rows,
        "positives": measured.positives,
        "metric": _estimate(measured.metrics[metric], measured.replicates[metric]),
        "log_loss": _number(measured.metrics["log_loss"]),
    }


def _estimate(value: float, replicates: np.ndarray) -> dict[str, float | None]:
    low, high = interval(replicates) or (None, None)
    return {"value": _number(value), "low": _number(low), "high": _number(high)}


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(value, DIGITS)
