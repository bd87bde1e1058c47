"""The simple models that a trained one has to keep up with: one feature alone, and a logistic regression.

All are fitted on the training rows. A model that is no better than one column is not worth its upkeep; a
column that alone predicts the label almost perfectly probably contains it (leakage.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from bins import range_edges
from encoding import Feature, encode, encode_column
from scipy.stats import rankdata
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

# More quantiles than QuantileTransformer's own sample has rows would say nothing.
QUANTILES = 1000
SEED = 7

Scorer = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class FeatureAlone:
    """One feature as a model: it orders rows by a score that has no meaning but its order."""

    feature: Feature
    # By the training rows.
    auc: float
    scorer: Scorer

    def score(self, frame: pd.DataFrame) -> np.ndarray:
        """The scores of a frame's rows, all finite."""
        return self.scorer(_encoded(frame, self.feature))


def feature_alone(train: pd.DataFrame, labels: np.ndarray, feature: Feature) -> FeatureAlone:
    """The way of ordering rows by one feature that is best on the training rows.

    A feature is tried by its order in either direction, with missing values first or last, and by the label's
    rate in each of its groups, since its relation to the label may have no direction.
    """
    values = _encoded(train, feature)
    groups = _Groups.of(values, feature)
    rates = groups.rates(values, labels)
    ways: list[tuple[float, Scorer]] = [
        (auc(groups.held_out_rates(values, labels), labels), lambda column: rates[groups.number(column)])
    ]
    if feature.type != "string":
        for direction in (1, -1):
            for missing in (-np.inf, np.inf):
                scorer = _by_order(direction, missing)
                ways.append((auc(scorer(values), labels), scorer))
    best, scorer = max(ways, key=lambda way: way[0])
    return FeatureAlone(feature, best, scorer)


def simple_models(
    train: pd.DataFrame, labels: np.ndarray, alone: Sequence[FeatureAlone], test: pd.DataFrame
) -> dict[str, np.ndarray]:
    """The scores of the test rows by name of the model; `labels` are those of the training rows.

    Those of the one feature are ranks, which are only good for an AUC.
    """
    best = max(alone, key=lambda one: one.auc)
    features = [one.feature for one in alone]
    return {
        f"{best.feature.name} alone": pd.Series(best.score(test)).rank(pct=True).to_numpy(),
        "a logistic regression": _logistic_regression(train, labels, test, features),
    }


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """The AUC, also of infinite scores: Mann and Whitney's statistic over the number of pairs, where ties
    count half.
    """
    positive = labels == 1
    positives, negatives = np.sum(positive), np.sum(~positive)
    return float(
        (rankdata(scores)[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    )


def _encoded(frame: pd.DataFrame, feature: Feature) -> np.ndarray:
    return encode_column(frame[feature.name], feature).astype(np.float64)


def _by_order(direction: int, missing: float) -> Scorer:
    return lambda column: np.where(np.isnan(column), missing, direction * column)


@dataclass(frozen=True)
class _Groups:
    """Groups of a feature's values: its categories, or its bins; missing values are group 0."""

    edges: np.ndarray

    @staticmethod
    def of(values: np.ndarray, feature: Feature) -> "_Groups":
        if feature.type == "string":
            return _Groups(np.arange(len(feature.categories) - 1, dtype=np.float64))
        return _Groups(np.array(range_edges(values[~np.isnan(values)])))

    def number(self, values: np.ndarray) -> np.ndarray:
        """The group of each value."""
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(self.edges, values, side="left"))

    def rates(self, values: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The label's rate in each group, pulled towards the base rate as if by one more row."""
        numbers, count = self.number(values), len(self.edges) + 2
        positives = np.bincount(numbers, weights=labels, minlength=count)
        return (positives + labels.mean()) / (np.bincount(numbers, minlength=count) + 1)

    def held_out_rates(self, values: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Each row's label rate in its group, taken from the other half of the rows: a group of a few rows
        would otherwise tell their labels.
        """
        second = np.arange(len(labels)) % 2 == 1
        rates = np.empty(len(labels))
        for these in (second, ~second):
            rates[these] = self.rates(values[~these], labels[~these])[self.number(values[these])]
        return rates


def _logistic_regression(
    train: pd.DataFrame, labels: np.ndarray, test: pd.DataFrame, features: Sequence[Feature]
) -> np.ndarray:
    """Logistic regression on each number's rank among the training rows, on whether it is missing, and on
    categories.
    """
    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(n_quantiles=min(QUANTILES, len(train)), random_state=SEED),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    )
    model.fit(_columns(train, features), labels)
    return model.predict_proba(_columns(test, features))[:, 1]


def _columns(frame: pd.DataFrame, features: Sequence[Feature]) -> np.ndarray:
    """The model's matrix with a column for each category in place of its code, whose order means nothing."""
    matrix = encode(frame, features).astype(np.float64)
    columns = []
    for column, feature in zip(matrix.T, features, strict=True):
        if feature.type == "string":
            columns += [column == code for code in range(len(feature.categories))]
        else:
            columns.append(column)
    return np.column_stack(columns).astype(np.float64)
