"""The drift baseline: shares that sum to one, and bin edges that separate different values."""

import numpy as np
import pandas as pd
import pytest
from baseline import categorical_baseline, drift_baseline, inner_edges, numeric_baseline
from encoding import Feature
from hypothesis import given
from hypothesis import strategies as st

numbers = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=80)


@given(numbers)
def test_shares_and_missing_sum_to_one(values: list[float]) -> None:
    described = numeric_baseline(np.array(values))

    assert len(described["shares"]) == len(described["edges"]) + 1
    assert sum(described["shares"]) + described["missing"] == pytest.approx(1.0)
    assert described["count"] == len(values)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=80))
def test_edges_are_ascending_and_no_bin_of_the_baseline_is_empty(values: list[float]) -> None:
    described = numeric_baseline(np.array(values))

    assert described["edges"] == sorted(set(described["edges"]))
    assert all(share > 0 for share in described["shares"])


def test_a_column_with_few_values_has_one_bin_for_each() -> None:
    values = np.array([0.0] * 97 + [1.0, 2.0, 3.0])

    described = numeric_baseline(values)

    assert described["edges"] == [0.0, 1.0, 2.0]
    assert described["shares"] == pytest.approx([0.97, 0.01, 0.01, 0.01])


def test_other_columns_have_decile_bins_that_include_their_upper_edge() -> None:
    values = np.arange(1.0, 101.0)

    assert inner_edges(values) == [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]
    assert numeric_baseline(values)["shares"] == pytest.approx([0.1] * 10)


def test_a_price_that_equals_an_edge_is_in_the_lower_bin() -> None:
    # 11.49 is not exact in float32: an edge computed in float32 would be just below the price.
    prices = np.repeat(np.array([11.49, 12.99, 14.99, *np.linspace(20, 90, 12)]), 10)

    described = numeric_baseline(prices)

    assert np.searchsorted(described["edges"], 11.49, side="left") == 0


def test_a_column_without_values_is_entirely_missing() -> None:
    assert numeric_baseline(np.array([np.nan, np.nan])) == {
        "type": "numeric",
        "edges": [],
        "shares": [0.0],
        "missing": 1.0,
        "count": 2,
    }


@given(st.lists(st.sampled_from(["web", "ios", "tv", None]), min_size=1, max_size=60))
def test_categories_other_and_missing_sum_to_one(values: list[str | None]) -> None:
    described = categorical_baseline(pd.Series(values, dtype=object), ["ios", "web"])

    assert sum(described["shares"]) + described["other"] + described["missing"] == pytest.approx(1.0)
    assert described["other"] == pytest.approx(values.count("tv") / len(values))


def test_the_baseline_has_every_feature_and_the_prediction() -> None:
    frame = pd.DataFrame({"recency": [1.0, 2.0, np.nan, np.inf], "device": ["web", None, "tv", "web"]})
    features = (Feature("recency", "double"), Feature("device", "string", ("web",)))

    described = drift_baseline(frame, features, np.array([0.1, 0.2, 0.2, 0.3]))

    assert set(described["features"]) == {"recency", "device"}
    assert described["features"]["recency"]["missing"] == 0.5
    assert described["features"]["device"]["shares"] == [0.5]
    assert described["prediction"]["edges"] == [0.1, 0.2]
