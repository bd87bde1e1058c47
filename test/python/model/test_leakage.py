"""A feature that holds the label is named; noise, and data with an honest signal, are not."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from artifact import Model
from encoding import Feature
from evaluation import evaluate
from leakage import leak_warnings
from pipeline import Pipeline
from settings import parse_settings
from simple_models import feature_alone
from splits import Column, DatasetDescription
from training import fit

NUMBER = Feature("spend", "double")
STATE = Feature("state", "integer")
DEVICE = Feature("device", "string", ("android", "ios", "web"))
OTHERS = ["android", "web"]


def warnings_of(
    rows: pd.DataFrame, labels: np.ndarray, features: list[Feature], model_auc: float
) -> list[str]:
    """The warnings where training rows and test rows are the same, which is when noise looks best."""
    alone = [feature_alone(rows, labels, feature) for feature in features]
    return leak_warnings(rows, labels, alone, model_auc)


def labels_of(count: int, positives: int, seed: int) -> np.ndarray:
    labels = np.zeros(count, dtype=np.int8)
    labels[np.random.default_rng(seed).permutation(count)[:positives]] = 1
    return labels


@pytest.mark.parametrize("positives", [10, 30, 150, 290])
def test_noise_does_not_warn(positives: int) -> None:
    for seed in range(60):
        random = np.random.default_rng(1000 + seed)
        labels = labels_of(300, positives, seed)
        many = Feature("city", "string", tuple(f"city{number:02}" for number in range(64)))
        columns = {
            NUMBER: random.gamma(1, 1, 300),
            Feature("visits", "integer"): random.integers(0, 4, 300),
            Feature("gaps", "double"): np.where(random.random(300) < 0.5, np.nan, random.random(300)),
            Feature("empty", "double"): np.full(300, np.nan),
            Feature("constant", "integer"): np.full(300, 3),
            DEVICE: random.choice(["web", "ios", "android", None], 300),
            many: random.choice(many.categories, 300),
        }
        test = pd.DataFrame({feature.name: values for feature, values in columns.items()})
        assert warnings_of(test, labels, list(columns), 0.9) == []


@pytest.mark.parametrize(
    ("feature", "leak"),
    [
        (NUMBER, lambda labels, random: labels * 100 + random.random(len(labels))),
        (NUMBER, lambda labels, random: -labels * 100 + random.random(len(labels))),
        # The value is missing exactly where the label is 1, or where it is 0.
        (NUMBER, lambda labels, random: np.where(labels == 1, np.nan, random.random(len(labels)))),
        (NUMBER, lambda labels, random: np.where(labels == 0, np.nan, random.random(len(labels)))),
        # A code without an order: 1 means positive, 0 and 2 do not.
        (STATE, lambda labels, random: np.where(labels == 1, 1, 2 * random.integers(0, 2, len(labels)))),
        (DEVICE, lambda labels, random: np.where(labels == 1, "ios", random.choice(OTHERS, len(labels)))),
        (DEVICE, lambda labels, random: np.where(labels == 1, None, "web")),
        # One row in a hundred differs.
        (NUMBER, lambda labels, random: np.where(random.random(len(labels)) < 0.01, 1 - labels, labels)),
    ],
)  # fmt: skip
def test_a_feature_that_nearly_equals_the_label_is_named(
    feature: Feature, leak: Callable[[np.ndarray, np.random.Generator], np.ndarray]
) -> None:
    labels = labels_of(1000, 300, 1)
    test = pd.DataFrame({feature.name: leak(labels, np.random.default_rng(2)), "other": np.arange(1000) % 7})
    (warning,) = warnings_of(test, labels, [feature, Feature("other", "integer")], 0.97)
    assert f"The feature {feature.name} nearly equals the label: alone it has an AUC of " in warning


def test_a_model_that_is_too_good_is_named_although_no_feature_is() -> None:
    labels = labels_of(1000, 300, 1)
    test = pd.DataFrame({"spend": np.random.default_rng(2).random(1000)})
    assert leak_warnings(test, labels, [], 0.9799) == []
    assert leak_warnings(test, labels, [], 0.98) == [
        "The model's AUC of 0.980 is unusually high. Check that no feature uses anything that becomes known "
        "after the as-of day."
    ]


def test_with_few_rows_of_a_class_nothing_can_be_told() -> None:
    labels = labels_of(100, 9, 1)
    test = pd.DataFrame({"spend": labels.astype(float)})
    assert feature_alone(test, labels, NUMBER).auc == 1.0
    assert warnings_of(test, labels, [NUMBER], 1.0) == []
    assert warnings_of(test, 1 - labels, [NUMBER], 1.0) == []
    enough = labels_of(100, 10, 1)
    assert len(warnings_of(pd.DataFrame({"spend": enough}), enough, [NUMBER], 1.0)) == 2


def test_an_honest_model_has_no_warnings_and_a_leaking_one_has_both(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription, pipeline: Pipeline
) -> None:
    def warnings(leak: bool) -> list[str]:
        parts = [rows(count, seed) for count, seed in ((600, 1), (200, 2), (300, 3))]
        features = description.features
        if leak:
            parts = [part.assign(next_visit=1.0 - part["churned"]) for part in parts]
            features = (*features, Column("next_visit", "double"))
        told = DatasetDescription(features, description.label, description.entity, description.run_id)
        train, validation, test = parts
        fitted = fit(train, validation, told, parse_settings({"num_round": 30, "eta": 0.3}))
        model = Model(fitted.booster, fitted.features, {"threshold": fitted.threshold})
        return evaluate(model, [], train, test, told, pipeline, "2025-02-13")["warnings"]

    assert warnings(leak=False) == []
    feature, model = warnings(leak=True)
    assert "The feature next_visit nearly equals the label: alone it has an AUC of 1.000" in feature
    assert "The model's AUC of 1.000 is unusually high" in model
