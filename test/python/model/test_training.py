"""Training learns from the data and is deterministic; scores do not depend on how they are computed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from artifact import load, save
from encoding import encode
from scoring import as_served
from settings import parse_settings
from sklearn.metrics import roc_auc_score
from splits import DatasetDescription
from threshold import ThresholdRule, best_f1_threshold
from training import TrainedModel, fit, refit
from user_error import UserError

SETTINGS = parse_settings({"num_round": 80, "eta": 0.2, "max_depth": 3})


def metadata_of(model: TrainedModel) -> dict[str, object]:
    return {"features": [feature.to_json() for feature in model.features], "threshold": model.threshold}


@pytest.fixture
def model(rows: Callable[..., pd.DataFrame], description: DatasetDescription) -> TrainedModel:
    return fit(rows(800, 1), rows(300, 2), description, SETTINGS)


def test_training_uses_numeric_and_text_features(
    model: TrainedModel, rows: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    save(tmp_path, model.booster, metadata_of(model))
    test = rows(600, 3)

    scores = load(tmp_path).score(test)

    assert roc_auc_score(test["churned"], scores) > 0.75
    ios = scores[(test["device"] == "ios").to_numpy()].mean()
    web = scores[(test["device"] == "web").to_numpy()].mean()
    assert ios > web + 0.1


def test_the_same_data_gives_the_same_bytes(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        model = fit(rows(800, 1), rows(300, 2), description, SETTINGS)
        save(tmp_path / name, model.booster, metadata_of(model))

    for file in ("model.ubj", "metadata.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_threshold_is_chosen_on_scores_as_they_are_served(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between scores that differ in the seventh digit, a threshold would decide otherwise when it serves."""
    seen: list[float] = []

    def choose(rule: ThresholdRule, labels: np.ndarray, scores: np.ndarray) -> float:
        seen.extend(scores.tolist())
        return 0.5

    monkeypatch.setattr(ThresholdRule, "choose", choose)
    fit(rows(800, 1), rows(300, 2), description, SETTINGS)

    assert len(seen) == 300
    assert seen == as_served(np.array(seen))


def test_another_seed_gives_another_model(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription, tmp_path: Path
) -> None:
    for seed in (1, 2):
        model = fit(rows(800, 1), rows(300, 2), description, replace(SETTINGS, seed=seed))
        save(tmp_path / str(seed), model.booster, metadata_of(model))

    assert (tmp_path / "1" / "model.ubj").read_bytes() != (tmp_path / "2" / "model.ubj").read_bytes()


def test_only_the_trees_up_to_the_best_iteration_are_kept(model: TrainedModel) -> None:
    assert model.best_iteration + 1 < SETTINGS.num_round
    assert model.booster.num_boosted_rounds() == model.best_iteration + 1


def test_the_fast_and_the_general_prediction_give_equal_scores(
    model: TrainedModel, rows: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    save(tmp_path, model.booster, metadata_of(model))
    matrix = encode(rows(200, 5), model.features)
    types = [feature.xgboost_type for feature in model.features]
    names = [feature.name for feature in model.features]
    slow = model.booster.predict(
        xgb.DMatrix(matrix, feature_names=names, feature_types=types, enable_categorical=True)
    )

    np.testing.assert_allclose(load(tmp_path).score_matrix(matrix), slow, rtol=1e-6)


def test_the_threshold_is_the_best_on_the_validation_split_unless_set(
    model: TrainedModel, rows: Callable[..., pd.DataFrame], description: DatasetDescription, tmp_path: Path
) -> None:
    save(tmp_path, model.booster, metadata_of(model))
    validation = rows(300, 2)

    best = best_f1_threshold(validation["churned"].to_numpy(), load(tmp_path).score(validation))
    assert model.threshold == pytest.approx(best, abs=1e-6)
    fixed = replace(SETTINGS, threshold=ThresholdRule(0.4, None))
    assert fit(rows(800, 1), validation, description, fixed).threshold == 0.4


def test_data_with_one_class_is_a_user_error(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    with pytest.raises(UserError, match="validation split have churned = 0"):
        fit(rows(100, 1), rows(100, 2).assign(churned=0), description, SETTINGS)


def test_training_works_with_a_feature_that_is_always_missing(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    empty = {"visits": pd.array([pd.NA] * 400, dtype="Int64"), "device": None}
    validation = rows(200, 2)

    model = fit(rows(400, 1).assign(**empty), validation, description, SETTINGS)

    assert model.features[2].categories == ()


def test_a_refit_has_no_more_rounds_and_sees_all_rows(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    parts = [rows(400, seed) for seed in (1, 2, 3)]
    trained = fit(parts[0], parts[1], description, SETTINGS)
    rounds = trained.best_iteration + 1
    again = refit(parts[0], description, SETTINGS, rounds)
    # On the same rows it is the same model, so that its rows are all that the refit changes.
    frame = encode(parts[2], again.features)
    same = trained.booster.inplace_predict(frame)
    assert np.array_equal(again.booster.inplace_predict(frame), same)
    everything = refit(pd.concat(parts, ignore_index=True), description, SETTINGS, rounds)
    assert everything.booster.num_boosted_rounds() == rounds
    assert not np.array_equal(everything.booster.inplace_predict(encode(parts[2], everything.features)), same)
