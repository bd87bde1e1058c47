"""Challenger and champion are evaluated on the same rows, whichever features they were trained with."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from artifact import Model
from evaluation import Champion, evaluate
from explanation import shap_summary, shap_values
from settings import parse_settings
from splits import Column, DatasetDescription
from training import fit
from user_error import UserError

SETTINGS = parse_settings({"num_round": 30, "eta": 0.2})


def train(train_rows: pd.DataFrame, validation: pd.DataFrame, description: DatasetDescription) -> Model:
    model = fit(train_rows, validation, description, SETTINGS)
    return Model(model.booster, model.features, {"threshold": model.threshold, "run_id": "run-1"})


@pytest.fixture
def challenger(rows: Callable[..., pd.DataFrame], description: DatasetDescription) -> Model:
    return train(rows(600, 1), rows(200, 2), description)


def test_a_model_that_is_both_challenger_and_champion_gets_equal_figures(
    challenger: Model, rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    test = rows(300, 3)

    report = evaluate(challenger, Champion(challenger, "4"), test, description, 0.5)

    assert report["champion"]["version"] == "4"
    assert {**report["champion"], "version": None} == {**report["challenger"], "version": None}
    assert report["test_rows"] == 300
    assert report["base_rate"] == pytest.approx(test["churned"].mean(), abs=1e-6)
    confusion = report["challenger"]["confusion"]
    assert sum(confusion.values()) == report["test_rows"]


def test_metrics_use_the_serving_threshold_and_the_report_has_the_recommended_one(
    challenger: Model, rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    served = evaluate(challenger, None, rows(300, 3), description, 0.9)
    unset = evaluate(challenger, None, rows(300, 3), description)

    assert served["champion"] is None
    assert served["challenger"]["threshold"] == 0.9
    assert served["challenger"]["metrics"]["auc"] == unset["challenger"]["metrics"]["auc"]
    assert served["challenger"]["metrics"]["recall"] < unset["challenger"]["metrics"]["recall"]
    assert unset["challenger"]["threshold"] == served["challenger"]["recommended_threshold"]
    assert unset["challenger"]["metrics"]["f1"] == served["challenger"]["f1_at_recommended_threshold"]


def test_a_champion_with_other_features_is_evaluated_without_them_and_the_report_says_so(
    challenger: Model, rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    earlier = replace(description, features=(*description.features, Column("basket", "double")))
    widened = rows(600, 1).assign(basket=1.0)
    champion = train(widened, rows(200, 2).assign(basket=1.0), earlier)

    report = evaluate(challenger, Champion(champion, "1"), rows(300, 3), description)

    assert report["champion"]["missing_features"] == ["basket"]
    assert report["challenger"]["missing_features"] == []


def test_a_challenger_without_its_features_is_an_error(
    challenger: Model, rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    narrowed = replace(description, features=description.features[:1])

    with pytest.raises(UserError, match="challenger learnt from: device"):
        evaluate(challenger, None, rows(300, 3).drop(columns="device"), narrowed)


def test_shap_values_sum_to_the_score_in_log_odds(
    challenger: Model, rows: Callable[..., pd.DataFrame]
) -> None:
    frame = rows(50, 3)
    scores = challenger.score(frame).astype(np.float64)

    values = shap_values(challenger, frame)

    np.testing.assert_allclose(values.sum(axis=1), np.log(scores / (1 - scores)), atol=1e-4)


def test_the_shap_summary_ranks_features_and_samples_their_values(
    challenger: Model, rows: Callable[..., pd.DataFrame]
) -> None:
    summary = shap_summary(challenger, rows(100, 3), seed=7)

    importance = [feature["mean_abs_shap"] for feature in summary["features"]]
    assert importance == sorted(importance, reverse=True)
    assert summary["features"][0]["name"] == "recency"
    assert {type(point["value"]) for point in summary["sample"]} <= {str, float, type(None)}
    assert summary == shap_summary(challenger, rows(100, 3), seed=7)
