"""One feature alone, and a logistic regression, as models that learn from the training rows only."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from encoding import Feature, fit_features
from hypothesis import given
from hypothesis import strategies as st
from simple_models import auc, feature_alone, simple_models
from splits import Column, DatasetDescription

NUMBER = Feature("spend", "double")
DEVICE = Feature("device", "string", ("android", "ios", "web"))


def labels_of(rows: int, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(rows) < 0.3).astype(np.int8)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("missing_label", [0, 1])
def test_the_direction_and_the_place_of_missing_values_come_from_the_training_rows(
    direction: int, missing_label: int
) -> None:
    random = np.random.default_rng(2)

    def rows(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
        labels = labels_of(600, seed)
        values = direction * (labels + random.random(600))
        values[(labels == missing_label) & (random.random(600) < 0.3)] = np.nan
        return pd.DataFrame({"spend": values}), labels

    (train, labels), (test, test_labels) = rows(1), rows(2)
    assert auc(feature_alone(train, labels, NUMBER).score(test), test_labels) > 0.97
    # A test period in which the relation is reversed is not fitted.
    assert auc(feature_alone(train, labels, NUMBER).score(test), 1 - test_labels) < 0.03


@pytest.mark.parametrize("feature", [NUMBER, DEVICE])
def test_a_relation_without_a_direction_is_found(feature: Feature) -> None:
    random = np.random.default_rng(3)
    codes = random.integers(0, 3, 2000)
    labels = (random.random(2000) < np.array([0.1, 0.8, 0.1])[codes]).astype(np.int8)
    values = np.array(feature.categories)[codes] if feature.categories else codes.astype(float)
    frame = pd.DataFrame({feature.name: values})
    found = feature_alone(frame[:1000], labels[:1000], feature)
    assert auc(found.score(frame[1000:]), labels[1000:]) > 0.8


def test_on_noise_the_training_rows_promise_little() -> None:
    """In-sample label rates of 64 categories would give an AUC of 0.6 and more."""
    random = np.random.default_rng(4)
    city = Feature("city", "string", tuple(f"city{number:02}" for number in range(64)))
    found = []
    for seed in range(20):
        frame = pd.DataFrame({"city": random.choice(city.categories, 600)})
        found.append(feature_alone(frame, labels_of(600, seed), city).auc)
    assert np.mean(found) == pytest.approx(0.5, abs=0.03)


@given(
    st.lists(st.one_of(st.none(), st.floats(allow_nan=True)), min_size=4, max_size=30),
    st.lists(st.one_of(st.none(), st.floats(allow_nan=True)), max_size=10),
)
def test_every_value_has_a_score_whether_training_had_such_values_or_not(train: list, test: list) -> None:
    labels = np.arange(len(train)) % 2
    found = feature_alone(pd.DataFrame({"spend": pd.Series(train, dtype=float)}), labels, NUMBER)
    scores = found.score(pd.DataFrame({"spend": pd.Series(test, dtype=float)}))
    assert len(scores) == len(test)
    assert not np.isnan(scores).any()


def test_an_unknown_category_has_a_score() -> None:
    train = pd.DataFrame({"device": ["web", "ios", "web", None] * 5})
    found = feature_alone(train, np.arange(20) % 2, DEVICE)
    assert np.isfinite(found.score(pd.DataFrame({"device": ["tv", "", None, "android"]}))).all()


def test_the_best_feature_is_named_and_the_regression_learns_from_all(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription
) -> None:
    train, test = rows(1500, 1), rows(1500, 2)
    features = fit_features(train, description.features, 64)
    labels, test_labels = (frame["churned"].to_numpy() for frame in (train, test))
    alone = [feature_alone(train, labels, feature) for feature in features]
    models = simple_models(train, labels, alone, test)
    assert list(models) == ["recency alone", "a logistic regression"]
    single, regression = (auc(scores, test_labels) for scores in models.values())
    assert 0.75 < single < regression
    scores = models["a logistic regression"]
    assert np.mean(scores) == pytest.approx(test_labels.mean(), abs=0.03)


def test_constant_empty_and_missing_columns_do_no_harm() -> None:
    random = np.random.default_rng(5)
    labels = labels_of(400)
    columns = (Column("empty", "double"), Column("same", "integer"), Column("device", "string"))
    frame = pd.DataFrame({"empty": np.nan, "same": 3, "device": None, "spend": labels + random.random(400)})
    features = fit_features(frame, (*columns, Column("spend", "double")), 64)
    alone = [feature_alone(frame, labels, feature) for feature in features]
    models = simple_models(frame, labels, alone, frame.assign(empty=1.0, device="web"))
    assert auc(models["a logistic regression"], labels) > 0.97
