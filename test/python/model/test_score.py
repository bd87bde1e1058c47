"""Scoring a day: scores with reasons, and the drift report against the baseline of the version."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import contract
import numpy as np
import pandas as pd
import pytest
from artifact import Model, save
from baseline import drift_baseline
from daily_scores import COLUMNS, _texts, daily_scores, write_scores
from drift import Limits
from drift_report import drift_report
from encoding import Feature
from explanation import shap_values
from scoring import as_served
from settings import parse_settings
from splits import DatasetDescription
from training import fit

SOURCE = Path(__file__).parents[3] / "model"
LIMITS = Limits(alpha=0.005, effect=0.1)
DAY = "2026-01-12"
Rows = Callable[..., pd.DataFrame]


@pytest.fixture
def model(rows: Rows, description: DatasetDescription) -> Model:
    trained = fit(rows(600, 1), rows(300, 2), description, parse_settings({"num_round": "20"}))
    return Model(trained.booster, trained.features, {"threshold": trained.threshold, "entity": "user_id"})


def baseline_of(model: Model, evaluation: pd.DataFrame, training: pd.DataFrame) -> dict[str, Any]:
    importance = np.abs(shap_values(model, evaluation)[:, :-1]).mean(axis=0)
    names = [feature.name for feature in model.features]
    shares = dict(zip(names, importance.tolist(), strict=True))
    answers = np.array(as_served(model.score(evaluation)))
    return drift_baseline(training, evaluation, "user_id", model.features, shares, answers)


def report_of(baseline: dict[str, Any], frame: pd.DataFrame, scores: np.ndarray) -> dict[str, Any]:
    report = drift_report(baseline, frame, scores, LIMITS)
    contract.check("score-drift", {"run_id": "r", "as_of": DAY, "version": 3, "rows": len(frame), **report})
    return report


def test_every_row_has_the_served_score_and_its_three_strongest_features(model: Model, rows: Rows) -> None:
    frame = rows(50, 3, (DAY,))

    scored = daily_scores(model, frame, "user_id", 4, 0.4)

    assert scored.columns.tolist() == COLUMNS
    assert scored["entity"].tolist() == frame["user_id"].tolist()
    assert scored["score"].tolist() == as_served(model.score(frame))
    assert scored["positive"].tolist() == [score >= 0.4 for score in scored["score"]]
    assert set(scored["model_version"]) == {4}
    values = shap_values(model, frame)
    names = [feature.name for feature in model.features]
    for at, row in scored.iterrows():
        pushes = [row[f"reason_{rank}_shap"] for rank in (1, 2, 3)]
        assert [abs(push) for push in pushes] == sorted((abs(push) for push in pushes), reverse=True)
        # Three features, so the reasons and the base value make up the score.
        assert sum(pushes) + values[at, -1] == pytest.approx(values[at].sum(), abs=1e-4)
        for rank in (1, 2, 3):
            name = row[f"reason_{rank}_feature"]
            assert row[f"reason_{rank}_shap"] == pytest.approx(values[at, names.index(name)], abs=1e-5)
            stored = frame[name].iloc[at]
            text = row[f"reason_{rank}_value"]
            if pd.isna(stored):
                assert pd.isna(text)
            else:
                assert text == stored if name == "device" else float(text) == stored


def test_the_scores_do_not_depend_on_the_parts_in_which_they_are_computed(
    model: Model, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = rows(50, 3, (DAY,))
    whole = daily_scores(model, frame, "user_id", 4, 0.4)
    monkeypatch.setattr("daily_scores.PART", 7)

    pd.testing.assert_frame_equal(daily_scores(model, frame, "user_id", 4, 0.4), whole)


def test_a_feature_that_the_rows_lack_is_a_missing_value(model: Model, rows: Rows) -> None:
    frame = rows(20, 3, (DAY,)).drop(columns="device")

    scored = daily_scores(model, frame, "user_id", 4, 0.4)

    texts = [
        scored[f"reason_{rank}_value"][scored[f"reason_{rank}_feature"] == "device"] for rank in (1, 2, 3)
    ]
    assert pd.concat(texts).isna().all()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12_345_678.0, "12345678"),
        (3.0, "3"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (1e22, "1e+22"),
        (None, None),
    ],
)
def test_a_value_is_shown_with_all_its_digits(value: float | None, text: str | None) -> None:
    frame = pd.DataFrame({"spent": pd.Series([value], dtype=object)})
    assert _texts(frame, "spent").tolist() == [text]


def test_a_day_without_rows_gives_empty_files_with_the_same_columns(
    model: Model, rows: Rows, tmp_path: Path
) -> None:
    write_scores(tmp_path, daily_scores(model, rows(5, 3, (DAY,)).head(0), "user_id", 4, 0.4))

    assert pd.read_parquet(tmp_path / "scores.parquet").columns.tolist() == COLUMNS
    assert (tmp_path / "scores.csv").read_text().strip() == ",".join(COLUMNS)


def test_unchanged_rows_are_stable_and_have_bins_of_the_strongest_feature_only(
    model: Model, rows: Rows
) -> None:
    baseline = baseline_of(model, rows(600, 4), rows(600, 1))
    frame = rows(400, 5, (DAY,))

    report = report_of(baseline, frame, np.array(as_served(model.score(frame))))

    assert report["status"] == "stable"
    assert "reason" not in report
    strongest = max(report["features"].values(), key=lambda feature: feature["strength"])
    binned = [feature for feature in report["features"].values() if "bins" in feature]
    assert binned == [strongest]
    assert sum(one["current"] for one in strongest["bins"]) == 400
    assert not any(feature["drifted"] or feature["informs"] for feature in report["features"].values())


def test_identical_rows_with_empty_text_do_not_drift(model: Model, rows: Rows) -> None:
    frame = rows(600, 4).assign(device=lambda found: found["device"].where(found["device"] != "web", ""))
    baseline = baseline_of(model, frame, frame)

    report = report_of(baseline, frame, np.array(as_served(model.score(frame))))

    assert report["features"]["device"]["psi"] == 0
    assert report["score"]["psi"] == 0


def test_what_drifted_has_its_bins_beside_the_baselines(model: Model, rows: Rows) -> None:
    baseline = baseline_of(model, rows(600, 4), rows(600, 1))
    frame = rows(400, 5, (DAY,)).assign(recency=lambda found: found["recency"] * 3, device="tv")

    report = report_of(baseline, frame, np.array(as_served(model.score(frame))))

    assert report["status"] == "drift"
    assert report["reason"].startswith("2 drifted: ")
    assert "the scores drifted (PSI " in report["reason"]
    device = report["features"]["device"]
    assert device["drifted"]
    assert device["training"]["excess"] > 1
    assert device["bins"][-2:] == [
        {"kind": "other", "baseline": 0.0, "current": 400},
        {"kind": "missing", "baseline": device["bins"][-1]["baseline"], "current": 0},
    ]
    assert sum(one["current"] for one in report["features"]["recency"]["bins"]) == 400
    assert sum(one["baseline"] for one in report["score"]["bins"]) == pytest.approx(1, abs=1e-4)
    assert "bins" not in report["features"]["visits"]


def test_a_feature_that_the_model_does_not_use_only_informs(model: Model, rows: Rows) -> None:
    baseline = baseline_of(model, rows(600, 4), rows(600, 1))
    baseline["features"]["visits"]["importance"] = 0.0
    baseline["features"]["recency"]["importance"] = 1 - baseline["features"]["device"]["importance"]
    frame = rows(400, 5, (DAY,)).assign(visits=9)

    report = report_of(baseline, frame, np.array(as_served(model.score(rows(400, 5, (DAY,))))))

    visits = report["features"]["visits"]
    assert (visits["drifted"], visits["informs"]) == (False, True)
    assert visits["bins"]
    assert report["status"] == "stable"


def test_a_constant_feature_that_changes_is_seen(model: Model, rows: Rows) -> None:
    baseline = baseline_of(model, rows(600, 4).assign(visits=2), rows(600, 1))
    frame = rows(400, 5, (DAY,)).assign(visits=3)

    visits = report_of(baseline, frame, np.array(as_served(model.score(frame))))["features"]["visits"]

    assert visits["excess"] > 5
    assert visits["bins"] == [
        {"kind": "value", "value": 2.0, "baseline": 1.0, "current": 0},
        {"kind": "other", "baseline": 0.0, "current": 400},
        {"kind": "missing", "baseline": 0.0, "current": 0},
    ]


def test_few_rows_or_a_baseline_that_cannot_be_compared_with_are_skipped(model: Model, rows: Rows) -> None:
    baseline = baseline_of(model, rows(600, 4), rows(600, 1))
    frame = rows(99, 5, (DAY,))
    scores = np.array(as_served(model.score(frame)))

    assert report_of(baseline, frame, scores)["reason"] == "99 rows; 100 are needed to tell drift from chance"
    few = baseline | {"evaluation": baseline["evaluation"] | {"independent_rows": 9.4}}
    reason = report_of(few, rows(200, 5, (DAY,)), scores)["reason"]
    assert reason == "the evaluation rows of the version count as 9 independent ones; a comparison needs 10"
    del baseline["score"]
    assert "earlier release" in report_of(baseline, rows(200, 5, (DAY,)), scores)["reason"]


def test_a_report_of_many_wide_columns_stays_small(rows: Rows) -> None:
    names = [f"feature_{number}" for number in range(300)]
    categories = tuple(f"{number:02}{'漢' * 300}" for number in range(64))
    before = pd.DataFrame({name: np.repeat(categories, 10) for name in names})
    before = before.assign(as_of=DAY, user_id=[f"u{number}" for number in range(len(before))])
    features = tuple(Feature(name, "string", categories) for name in names)
    scores = np.linspace(0, 1, len(before))
    baseline = drift_baseline(before, before, "user_id", features, dict.fromkeys(names, 1.0), scores)
    after = before.assign(**dict.fromkeys(names, categories[0]))

    report = report_of(baseline, after, scores)

    binned = [feature["bins"] for feature in report["features"].values() if "bins" in feature]
    assert len(binned) == 12
    assert all(len(bins) == 14 and sum(one["current"] for one in bins) == len(after) for bins in binned)
    assert len(json.dumps(report, ensure_ascii=False).encode()) < 200_000


def test_the_entry_point_writes_scores_and_drift(
    model: Model, rows: Rows, description: DatasetDescription, tmp_path: Path
) -> None:
    inputs = tmp_path / "processing/input"
    features = [feature.to_json() for feature in model.features]
    metadata = {"features": features, "threshold": 0.5, "entity": "user_id"}
    # What serves answers differently from what was evaluated: that is no drift.
    serving = fit(rows(600, 1), rows(300, 2), description, parse_settings({"num_round": "1"}))
    save(inputs / "model", serving.booster, metadata)
    save(inputs / "evaluated", model.booster, metadata)
    frame = rows(150, 3, (DAY,))
    (inputs / "rows").mkdir()
    frame.to_parquet(inputs / "rows/part-0.parquet")
    (inputs / "baseline").mkdir()
    baseline = {"run_id": "run-1", **baseline_of(model, rows(600, 4), rows(600, 1))}
    (inputs / "baseline/baseline.json").write_text(json.dumps(baseline))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DAYBREAK_")} | {
        "DAYBREAK_PROCESSING_DIR": str(tmp_path / "processing"),
        "DAYBREAK_RUN_ID": "run-9",
        "DAYBREAK_AS_OF": DAY,
        "DAYBREAK_MODEL_VERSION": "3",
        "DAYBREAK_THRESHOLD": "auto",
        "DAYBREAK_DRIFT_ALPHA": "0.005",
        "DAYBREAK_DRIFT_EFFECT": "0.1",
    }

    command = [sys.executable, str(SOURCE / "score.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    output = tmp_path / "processing/output"
    assert {file.name for file in output.iterdir()} == {
        "scores.parquet",
        "scores.csv",
        "drift.json",
        "estimate.json",
    }
    scored = pd.read_parquet(output / "scores.parquet")
    answers = Model(serving.booster, model.features, metadata).score(frame)
    assert scored["score"].tolist() == as_served(answers)
    drift = contract.check_file("score-drift", output / "drift.json")
    assert (drift["run_id"], drift["as_of"], drift["version"], drift["rows"]) == ("run-9", DAY, 3, 150)
    assert drift["status"] == "stable"
    estimate = contract.check_file("quality-estimate", output / "estimate.json")
    assert (estimate["rows"], estimate["threshold"]) == (150, metadata["threshold"])
    assert estimate["metrics"]["base_rate"] == pytest.approx(scored["score"].mean(), abs=1e-6)
