"""Policies are compared on the same rows, with the same draws of entities."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from comparison import compare
from history import History
from sklearn import metrics as sk

DAYS = ["2026-01-05", "2026-01-12", "2026-01-19"]


class ByColumn:
    """A model that answers with a column."""

    def __init__(self, column: str, threshold: float = 0.5) -> None:
        self.column = column
        self.metadata = {"threshold": threshold}

    def score(self, frame: pd.DataFrame) -> np.ndarray:
        return frame[self.column].to_numpy()


def history(rows_of_a_day: int = 300) -> History:
    random = np.random.default_rng(3)
    frames = []
    for number, day in enumerate(DAYS):
        count = rows_of_a_day * (1 + number)
        truth = random.random(count)
        frames.append(
            pd.DataFrame(
                {
                    "as_of": day,
                    "customer": [f"c{index}" for index in range(count)],
                    "good": truth,
                    "poor": 0.2 * truth + 0.8 * random.random(count),
                    "churned": (random.random(count) < truth).astype(float),
                }
            )
        )
    spec: dict[str, Any] = {
        "entity": "customer",
        "features": {"columns": {"good": {"type": "double"}}},
        "label": {"name": "churned"},
        "training": {"hyperparameters": {}, "seed": 7},
        "serving": {"threshold": 0.5},
        "gates": {"champion": {"metric": "auc"}},
    }
    return History(pd.concat(frames, ignore_index=True), spec)


def test_a_policys_quality_is_the_mean_over_its_days_weighted_by_rows() -> None:
    past = history()
    models: Any = {"a": ByColumn("good")}
    found = compare(past, models, {"never": [(day, "a") for day in DAYS]})["never"]
    daily, rows = [], []
    for day in DAYS:
        frame = past.of([day])
        daily.append(sk.roc_auc_score(frame["churned"], frame["good"]))
        rows.append(len(frame))
    assert [day["metric"]["value"] for day in found["days"]] == pytest.approx(daily, abs=1e-6)
    assert [day["rows"] for day in found["days"]] == rows
    overall = found["overall"]["metric"]
    assert overall["value"] == pytest.approx(np.average(daily, weights=rows), abs=1e-6)
    assert overall["low"] < overall["value"] < overall["high"]


def test_policies_with_the_same_models_do_not_differ_at_all() -> None:
    models: Any = {"a": ByColumn("good")}
    served = [(day, "a") for day in DAYS]
    found = compare(history(), models, {"never": served, "monthly": list(served)})
    assert found["never"]["differences"]["monthly"] == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_better_model_is_better_by_more_than_chance() -> None:
    models: Any = {"a": ByColumn("poor"), "b": ByColumn("good")}
    found = compare(
        history(),
        models,
        {
            "never": [(day, "a") for day in DAYS],
            "weekly": [(day, "a" if day == DAYS[0] else "b") for day in DAYS],
        },
    )
    gained = found["weekly"]["differences"]["never"]
    assert gained["low"] > 0
    lost = found["never"]["differences"]["weekly"]
    assert lost["value"] == pytest.approx(-gained["value"])
    assert lost["high"] == pytest.approx(-gained["low"], abs=1e-6)


def test_paired_differences_vary_less_than_the_policies_do() -> None:
    models: Any = {"a": ByColumn("poor"), "b": ByColumn("good")}
    found = compare(
        history(),
        models,
        {name: [(day, version) for day in DAYS] for name, version in (("x", "a"), ("y", "b"))},
    )

    def width(estimate: dict[str, float]) -> float:
        return estimate["high"] - estimate["low"]

    alone = np.hypot(width(found["x"]["overall"]["metric"]), width(found["y"]["overall"]["metric"]))
    assert width(found["y"]["differences"]["x"]) < alone


def test_a_day_of_one_class_has_no_auc_and_does_not_count() -> None:
    past = history()
    past.rows.loc[past.rows["as_of"] == DAYS[1], "churned"] = 1.0
    models: Any = {"a": ByColumn("good")}
    found = compare(past, models, {"never": [(day, "a") for day in DAYS]})["never"]
    assert found["days"][1]["metric"] == {"value": None, "low": None, "high": None}
    known = [
        (day["metric"]["value"], day["rows"]) for day in found["days"] if day["metric"]["value"] is not None
    ]
    values, rows = zip(*known, strict=True)
    assert found["overall"]["metric"]["value"] == pytest.approx(np.average(values, weights=rows), abs=1e-6)
