"""Bins: every value is counted once, and what the model cannot tell apart counts alike."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from bins import CategoryBins, EqualBins, RangeBins, bins_from_json, column_values, feature_bins, numeric_bins
from encoding import Feature
from hypothesis import given
from hypothesis import strategies as st

doubles = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf]))
columns = st.lists(doubles, min_size=1, max_size=80)
texts = st.lists(st.sampled_from(["web", "ios", "tv", "", None, "<NA>"]), min_size=1, max_size=60)
features = {"double": Feature("x", "double"), "string": Feature("x", "string", ("ios", "web"))}


@given(columns, columns)
def test_every_number_is_counted_once_and_what_is_not_finite_is_missing(
    reference: list[float], values: list[float]
) -> None:
    counts = numeric_bins(np.array(reference)).count(np.array(values))

    assert counts.sum() == len(values)
    assert counts[-1] == sum(not math.isfinite(value) for value in values)


@given(columns)
def test_edges_ascend_and_no_bin_is_empty_for_its_own_values(values: list[float]) -> None:
    bins = numeric_bins(np.array(values))
    counts = bins.count(np.array(values))

    if isinstance(bins, EqualBins):
        assert counts[1] == 0
        return
    assert list(bins.edges) == sorted(set(bins.edges))
    if counts[:-1].sum():
        assert all(counts[:-1] > 0)


@given(texts)
def test_every_text_is_counted_once_and_empty_text_is_missing(values: list[str | None]) -> None:
    counts = CategoryBins(("ios", "web")).count(pd.Series(values, dtype=object))

    missing = values.count("") + values.count(None)
    other = values.count("tv") + values.count("<NA>")
    assert counts.tolist() == [values.count("ios"), values.count("web"), other, missing]


@given(columns)
def test_bins_survive_json(values: list[float]) -> None:
    bins = numeric_bins(np.array(values))

    assert bins_from_json(json.loads(json.dumps(bins.to_json()))) == bins


def test_categories_survive_json() -> None:
    bins = CategoryBins(("ios", "web"))
    assert bins_from_json(bins.to_json()) == bins


def test_a_constant_column_has_a_bin_for_everything_else() -> None:
    bins = numeric_bins(np.array([3.0, 3.0, np.nan]))

    assert bins == EqualBins(3.0)
    assert bins.count(np.array([3.0, 2.0, 4.0, np.nan])).tolist() == [1, 2, 1]


def test_a_column_with_few_values_has_one_bin_for_each() -> None:
    values = np.array([0.0] * 97 + [1.0, 2.0, 3.0])

    bins = numeric_bins(values)

    assert bins == RangeBins((0.0, 1.0, 2.0))
    assert bins.count(values).tolist() == [97, 1, 1, 1, 0]


def test_other_columns_have_decile_bins_that_include_their_upper_edge() -> None:
    values = np.arange(1.0, 101.0)

    bins = numeric_bins(values)

    assert bins == RangeBins((10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0))
    assert bins.count(values).tolist() == [10] * 10 + [0]


def test_a_price_that_equals_an_edge_is_in_the_lower_bin() -> None:
    # 11.49 is not exact in float32: an edge computed in float32 would be just below the price.
    prices = pd.Series(np.repeat(np.array([11.49, 12.99, 14.99, *np.linspace(20, 90, 12)]), 10))

    counts = feature_bins(prices, features["double"]).count(prices)

    assert counts[0] >= 10
    assert feature_bins(prices, features["double"]).count(np.array([11.49]))[0] == 1


def test_a_column_without_values_has_one_bin_beside_missing() -> None:
    bins = numeric_bins(np.array([np.nan, np.nan]))

    assert bins.count(np.array([np.nan, 1.0])).tolist() == [1, 1]


def test_an_empty_category_of_the_model_is_missing_too() -> None:
    values = pd.Series(["", "web", None], dtype=object)

    bins = feature_bins(values, Feature("x", "string", ("", "web")))

    assert bins.count(values).tolist() == [1, 0, 2]


def test_a_column_that_the_rows_lack_is_missing_in_every_row() -> None:
    frame = pd.DataFrame({"other": [1, 2]})

    assert RangeBins((1.0,)).count(column_values(frame, features["double"])).tolist() == [0, 0, 2]
    assert CategoryBins(("web",)).count(column_values(frame, features["string"])).tolist() == [0, 0, 2]


@pytest.mark.parametrize("dtype", ["Int64", "float64", "object"])
def test_numbers_are_counted_whatever_their_type_in_the_file(dtype: str) -> None:
    values = pd.Series([1, 2, None], dtype=dtype)
    frame = pd.DataFrame({"x": values})

    counts = RangeBins((1.0,)).count(column_values(frame, features["double"]))

    assert counts.tolist() == [1, 1, 1]
