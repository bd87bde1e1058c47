"""Drift of a day's rows against the baseline of the serving version: drift.json."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from bins import bins_from_json, column_values
from drift import (
    LEAST_REFERENCE,
    LEAST_ROWS,
    Difference,
    Limits,
    Rule,
    compare,
    feature_rules,
    informing_rule,
    score_rule,
)
from encoding import Feature

# The report is read by a workflow, whose messages are limited to 256 KB: bins of so many features only, each
# with so many categories of its own.
MOST_BINNED = 12
MOST_CATEGORIES = 12
LONGEST_CATEGORY = 60
DIGITS = 6


def drift_report(
    baseline: Mapping[str, Any], rows: pd.DataFrame, scores: np.ndarray, limits: Limits
) -> dict[str, Any]:
    """Status, reason, and the difference of every feature and of the scores. `scores` are as served."""
    if "score" not in baseline:
        return _skipped("the version's baseline was written by an earlier release, without counts of rows")
    known = _independent_rows(baseline["evaluation"])
    if known < LEAST_REFERENCE:
        return _skipped(
            f"the evaluation rows of the version count as {known:.0f} independent ones; a comparison needs "
            f"{LEAST_REFERENCE}"
        )
    if len(rows) < LEAST_ROWS:
        return _skipped(f"{len(rows)} rows; {LEAST_ROWS} are needed to tell drift from chance")
    features = _measure_features(baseline, rows, limits)
    score = _measure(baseline["score"], baseline, scores, score_rule(limits))
    if score["drifted"]:
        score["bins"] = _compared_bins(baseline["score"], scores)
    drifted = [name for name in _strongest(features) if features[name]["drifted"]]
    reasons = []
    if drifted:
        reasons.append(f"{len(drifted)} drifted: {', '.join(drifted)}")
    if score["drifted"]:
        reasons.append(f"the scores drifted (PSI {score['psi']:.3f})")
    return {
        "status": "drift" if reasons else "stable",
        **({"reason": "; ".join(reasons)} if reasons else {}),
        "features": features,
        "score": score,
    }


def _skipped(reason: str) -> dict[str, Any]:
    return {"status": "skipped", "reason": reason, "features": {}, "score": None}


def _measure_features(
    baseline: Mapping[str, Any], rows: pd.DataFrame, limits: Limits
) -> dict[str, dict[str, Any]]:
    described = baseline["features"]
    rules = feature_rules([one["importance"] for one in described.values()], limits)
    informing = informing_rule(len(described), limits)
    values = {name: _values(name, one, rows) for name, one in described.items()}
    features = {}
    for (name, one), rule in zip(described.items(), rules, strict=True):
        measured = _measure(one, baseline, values[name], rule, informing)
        training = _difference(one, baseline, values[name], "training")
        features[name] = {"importance": one["importance"], **measured, "training": _statistics(training)}
    strongest = _strongest(features)
    told = [name for name in strongest if features[name]["drifted"] or features[name]["informs"]]
    # Where nothing changed, a reader sees what came closest to it.
    used = [name for name in strongest if features[name]["importance"] > 0]
    closest = [name for name in used if features[name]["strength"] > 0][:1]
    for name in told[:MOST_BINNED] or closest:
        features[name]["bins"] = _compared_bins(described[name], values[name])
    return features


def _values(name: str, described: Mapping[str, Any], rows: pd.DataFrame) -> pd.Series | np.ndarray:
    kind = "string" if described["type"] == "categorical" else "double"
    return column_values(rows, Feature(name, kind))


def _measure(
    described: Mapping[str, Any],
    baseline: Mapping[str, Any],
    values: pd.Series | np.ndarray,
    rule: Rule | None,
    informing: Rule | None = None,
) -> dict[str, Any]:
    """The difference from the evaluation rows, judged. A column without a rule of its own can only inform."""
    difference = _difference(described, baseline, values, "evaluation")
    applied = rule or informing
    strength = 0.0 if applied is None else applied.strength(difference)
    return {
        **_statistics(difference),
        "strength": round(strength, DIGITS),
        "drifted": rule is not None and strength >= 1,
        "informs": rule is None and strength >= 1,
    }


def _difference(
    described: Mapping[str, Any],
    baseline: Mapping[str, Any],
    values: pd.Series | np.ndarray,
    reference: str,
) -> Difference:
    current = bins_from_json(described).count(values)
    return compare(np.array(described[reference]), current, _independent_rows(baseline[reference]))


def _independent_rows(reference: Mapping[str, Any]) -> float:
    # Baselines of earlier releases have the number of entities only.
    return float(reference.get("independent_rows", reference["entities"]))


def _statistics(difference: Difference) -> dict[str, float]:
    return {
        "psi": round(difference.psi, DIGITS),
        "excess": round(difference.excess, DIGITS),
        "p_value": difference.p_value,
    }


def _strongest(features: Mapping[str, dict[str, Any]]) -> list[str]:
    return sorted(features, key=lambda name: -features[name]["strength"])


def _compared_bins(described: Mapping[str, Any], values: pd.Series | np.ndarray) -> list[dict[str, Any]]:
    """Each bin with its limits or category, its share of the evaluation rows and its rows of the day."""
    reference, current = described["evaluation"], bins_from_json(described).count(values).tolist()
    total = max(1, sum(reference))
    sides = [
        {"baseline": round(before / total, DIGITS), "current": now}
        for before, now in zip(reference, current, strict=True)
    ]
    *inner, missing = sides
    last = {"kind": "missing", **missing}
    if described["type"] == "numeric":
        limits = [None, *described["edges"], None]
        ranges = [
            {"kind": "range", "above": limits[at], "up_to": limits[at + 1], **side}
            for at, side in enumerate(inner)
        ]
        return [*ranges, last]
    *known, other = inner
    if described["type"] == "constant":
        return [{"kind": "value", "value": described["value"], **known[0]}, {"kind": "other", **other}, last]
    return [*_categories(described["categories"], known, other, sum(current)), last]


def _categories(
    names: list[str], known: list[dict[str, Any]], other: dict[str, Any], rows: int
) -> list[dict[str, Any]]:
    """The most common categories of either side, in the model's order; the rest count as other."""

    def weight(at: int) -> float:
        return max(known[at]["baseline"], known[at]["current"] / max(1, rows))

    own = set(sorted(range(len(names)), key=weight, reverse=True)[:MOST_CATEGORIES])
    rest = [side for at, side in enumerate(known) if at not in own]
    return [
        *({"kind": "category", "category": _shortened(names[at]), **known[at]} for at in sorted(own)),
        {
            "kind": "other",
            # The sum of many rounded shares may exceed 1.
            "baseline": min(1.0, round(sum(side["baseline"] for side in [*rest, other]), DIGITS)),
            "current": sum(side["current"] for side in [*rest, other]),
        },
    ]


def _shortened(category: str) -> str:
    return category if len(category) <= LONGEST_CATEGORY else f"{category[: LONGEST_CATEGORY - 1]}…"
