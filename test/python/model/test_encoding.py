"""Encoding columns for the model: vocabularies come from training data only, unusable values are missing."""

import numpy as np
import pandas as pd
import pytest
from encoding import Feature, absent_features, encode, fit_features
from splits import Column
from user_error import UserError


def test_a_vocabulary_contains_the_most_frequent_values_in_alphabetical_order() -> None:
    frame = pd.DataFrame({"device": ["web"] * 3 + ["tv"] + ["ios"] * 2 + [None]})

    (feature,) = fit_features(frame, [Column("device", "string")], max_categories=2)

    assert feature.categories == ("ios", "web")
    assert Feature.from_json(feature.to_json()) == feature


def test_empty_text_is_missing_for_the_model_as_it_is_for_the_drift_check() -> None:
    columns = [Column("device", "string")]
    frame = pd.DataFrame({"device": ["web", "", "", None]})

    features = fit_features(frame, columns, max_categories=10)

    assert features[0].categories == ("web",)
    assert np.isnan(encode(frame, features)[1:]).all()


def test_unknown_values_nulls_and_infinities_are_missing() -> None:
    features = (Feature("device", "string", ("ios", "web")), Feature("recency", "double"))
    frame = pd.DataFrame({"device": ["web", "tv", None, "ios"], "recency": [1.5, np.nan, np.inf, -np.inf]})

    matrix = encode(frame, features)

    np.testing.assert_array_equal(matrix[:, 0], [1, np.nan, np.nan, 0])
    np.testing.assert_array_equal(matrix[:, 1], [1.5, np.nan, np.nan, np.nan])


def test_nullable_integers_are_encoded() -> None:
    frame = pd.DataFrame({"visits": pd.array([3, None], dtype="Int64")})

    np.testing.assert_array_equal(encode(frame, [Feature("visits", "integer")]), [[3], [np.nan]])


def test_a_feature_without_a_column_is_missing_in_every_row_and_named() -> None:
    features = (Feature("gone", "double"), Feature("recency", "double"))
    frame = pd.DataFrame({"recency": [1.0, 2.0]})

    assert absent_features(frame, features) == ["gone"]
    np.testing.assert_array_equal(encode(frame, features), [[np.nan, 1], [np.nan, 2]])


def test_text_in_a_numeric_column_is_a_user_error() -> None:
    with pytest.raises(UserError, match="recency is declared double"):
        encode(pd.DataFrame({"recency": ["soon"]}), [Feature("recency", "double")])
