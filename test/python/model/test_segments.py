"""Segments divide the rows: each row is in exactly one."""

import numpy as np
import pandas as pd
from encoding import Feature
from hypothesis import given, settings
from hypothesis import strategies as st
from segments import LEAST_ROWS_OF_A_CLASS, MOST_CATEGORIES, OTHER, Segments

numbers = st.one_of(st.none(), st.sampled_from([np.inf, -np.inf]), st.integers(-5, 5), st.floats(-5, 5))
texts = st.one_of(st.none(), st.just(""), st.text("abcdefghijklmnopqrst", min_size=1, max_size=1))


def check_partition(parts: list[tuple[str, np.ndarray]], rows: int) -> None:
    assert len({name for name, _ in parts}) == len(parts)
    assert np.sum([chosen for _, chosen in parts], axis=0).tolist() == [1] * rows


@settings(max_examples=60)
@given(st.lists(numbers, min_size=1, max_size=40), st.lists(st.integers(-5, 5), min_size=1, unique=True))
def test_every_number_is_in_one_range(values: list, cuts: list[int]) -> None:
    frame = pd.DataFrame({"spend": np.array([np.nan if one is None else float(one) for one in values])})
    parts = Segments("spend", tuple(sorted(map(float, cuts)))).divide(frame, Feature("spend", "double"))

    check_partition(parts, len(values))
    named = dict(parts)
    # A value that equals a cut point belongs to the lower range, as in the bins of the drift check.
    assert named[f"up to {min(cuts):g}"][frame["spend"] == min(cuts)].all()
    assert not named[f"above {max(cuts):g}"][frame["spend"] == max(cuts)].any()


@settings(max_examples=60)
@given(st.lists(texts, min_size=1, max_size=60))
def test_every_text_is_in_one_category_the_rare_ones_in_other(values: list) -> None:
    frame = pd.DataFrame({"device": pd.Series(values, dtype=object)})
    parts = Segments("device", None).divide(frame, Feature("device", "string", ("a",)))

    check_partition(parts, len(values))
    distinct = {value for value in values if value}
    assert (OTHER in dict(parts)) == (len(distinct) > MOST_CATEGORIES)


def test_too_few_rows_are_those_whose_auc_says_nothing() -> None:
    """By Mann and Whitney's error of scores that say nothing."""
    least = LEAST_ROWS_OF_A_CLASS
    assert np.sqrt((2 * least + 1) / (12 * least * least)) > 0.07
