"""The drift statistic: its algebra, and its rates of false and missed alarms in short simulations."""

import math

import numpy as np
import pytest
from bins import numeric_bins
from bootstrap import independent_rows
from drift import (
    LEAST_ROWS,
    Difference,
    Limits,
    Rule,
    _exact,
    compare,
    feature_rules,
    informing_rule,
    score_rule,
)
from drift_simulation import false_alarms, missed_shifts
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats

LIMITS = Limits(alpha=0.005, effect=0.1)
counts = st.lists(st.integers(0, 2000), min_size=2, max_size=12)
pairs = st.integers(2, 12).flatmap(
    lambda bins: st.tuples(*[st.lists(st.integers(0, 2000), min_size=bins, max_size=bins)] * 2)
)


@given(pairs)
def test_a_difference_is_finite_and_its_index_is_never_negative(pair: tuple[list[int], list[int]]) -> None:
    assume(all(sum(side) > 0 for side in pair))

    difference = compare(*map(np.array, pair))

    assert math.isfinite(difference.psi)
    assert difference.psi >= 0
    assert 0 <= difference.p_value <= 1
    assert difference.excess <= difference.psi


@given(pairs)
def test_the_order_of_the_bins_does_not_matter_where_none_is_rare(pair: tuple[list[int], list[int]]) -> None:
    one, other = (100 + np.array(side) for side in pair)

    assert_equal(compare(one, other), compare(one[::-1], other[::-1]))


@given(pairs)
def test_the_order_of_the_samples_does_not_matter(pair: tuple[list[int], list[int]]) -> None:
    assume(all(sum(side) > 0 for side in pair))
    one, other = map(np.array, pair)

    assert_equal(compare(one, other), compare(other, one))


def assert_equal(one: Difference, other: Difference) -> None:
    assert one.psi == pytest.approx(other.psi, rel=1e-6, abs=1e-9)
    assert one.log_p == pytest.approx(other.log_p, rel=1e-6, abs=1e-9)


@given(counts, st.integers(1, 20))
def test_equal_shares_are_no_difference(reference: list[int], factor: int) -> None:
    assume(sum(reference) > 0)

    difference = compare(np.array(reference), np.array(reference) * factor)

    # The pseudocounts pull the shares of the smaller sample a little more.
    assert difference.p_value > 0.99
    assert difference.excess < 0.1


def test_the_statistics_equal_the_textbook_formulas_where_no_bin_is_rare() -> None:
    difference = compare(np.array([500, 500]), np.array([600, 400]))

    p, q = np.array([500.5, 500.5]) / 1001, np.array([600.5, 400.5]) / 1001
    psi = float(np.sum((q - p) * np.log(q / p)))
    assert difference.psi == pytest.approx(psi)
    assert difference.excess == pytest.approx(psi - (1 / 1000 + 1 / 1000))
    # χ² = Σ (100 − 50)² / 550 … = 20.2 with one degree of freedom; p of scipy's chi2_contingency.
    assert difference.p_value == pytest.approx(6.9687e-06, rel=1e-3)


def test_a_reference_of_few_entities_is_weaker_evidence() -> None:
    reference, current = np.array([500, 500]), np.array([60, 40])

    assert compare(reference, current, 100).p_value > compare(reference, current).p_value
    assert compare(reference, current, 100).excess < compare(reference, current).excess


def test_rare_bins_are_pooled_and_a_new_category_is_still_seen() -> None:
    reference = np.array([900, 90, *[1] * 10, 0])
    current = np.array([45, 5, *[0] * 10, 50])

    difference = compare(reference, current)

    assert difference.excess > 1
    assert difference.p_value < 1e-20
    assert compare(np.array([900, *[1] * 40]), np.array([100, *[0] * 40])).p_value > 0.01


@given(st.integers(50, 100_000), st.integers(LEAST_ROWS, 100_000), st.floats(0.5, 1))
@example(10_000, 100, 1.0)
@example(50, 1000, 1.0)
def test_what_nobody_had_is_seen_when_most_have_it_however_different_the_samples_sizes(
    reference: int, rows: int, share: float
) -> None:
    new = math.ceil(rows * share)
    constant = compare(np.array([reference, 0, 0]), np.array([rows - new, new, 0]))
    categories = compare(
        np.array([reference - reference // 2, reference // 2, 0]), np.array([rows - new, 0, new])
    )

    assert score_rule(LIMITS).strength(constant) >= 1
    assert score_rule(LIMITS).strength(categories) >= 1


def test_a_small_reference_does_not_hide_that_all_values_have_changed() -> None:
    # Ten deciles of 40 entities: each bin is rare.
    reference = np.array([4] * 10 + [0])

    assert score_rule(LIMITS).strength(compare(reference, np.array([0] * 9 + [1000, 0]))) >= 1
    assert score_rule(LIMITS).strength(compare(reference, np.array([0] * 7 + [33, 33, 34, 0]))) >= 1
    assert score_rule(LIMITS).strength(compare(reference, np.array([100] * 10 + [0]))) < 1


@given(st.integers(0, 30), st.integers(20, 300), st.integers(100, 3000))
def test_the_exact_test_of_the_last_bin_is_the_binomial_one(count: int, reference: int, rows: int) -> None:
    one, other = np.array([reference, count]), np.array([rows, 5])
    share = one.sum() / (one.sum() + other.sum())

    expected = stats.binomtest(count, count + 5, share, alternative="greater").pvalue
    expected = min(expected, stats.binomtest(count, count + 5, share, alternative="less").pvalue)
    assert math.exp(_exact(one, other)) == pytest.approx(min(1.0, 2 * expected))


def test_entities_with_many_rows_do_not_make_unchanged_data_alarm() -> None:
    checks = range(200)
    alarmed = sum(_alarms_with_unequal_entities(seed) for seed in checks)
    # With the number of entities as the reference's size it was one check in six.
    assert alarmed <= 2


def _alarms_with_unequal_entities(seed: int) -> bool:
    """A tenth of 150 entities has twelve equal rows each, the others have one."""
    random = np.random.default_rng(seed)
    owners = np.repeat(np.arange(150), np.where(random.random(150) < 0.1, 12, 1))
    reference, current = random.standard_normal(150)[owners], random.standard_normal(1000)
    bins = numeric_bins(reference)
    difference = compare(bins.count(reference), bins.count(current), independent_rows(owners))
    return score_rule(LIMITS).strength(difference) >= 1


def test_a_comparison_without_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="needs rows on both sides"):
        compare(np.array([1, 2]), np.array([0, 0]))


def test_the_error_probability_is_shared_by_importance() -> None:
    rules = feature_rules([0.6, 0.3, 0.1, 0.0], LIMITS)

    assert rules[3] is None
    used = [rule for rule in rules if rule is not None]
    assert [rule.p_value for rule in used] == pytest.approx([0.0015, 0.00075, 0.00025])
    assert sum(rule.p_value for rule in used) + score_rule(LIMITS).p_value == pytest.approx(0.005)
    # Two features have at least the equal share of 1/4; the third has 0.4 of it.
    assert [rule.excess for rule in used] == pytest.approx([0.1, 0.1, 0.25])


def test_a_model_without_important_features_watches_its_scores_only() -> None:
    assert feature_rules([0.0, 0.0], LIMITS) == [None, None]
    assert informing_rule(4, LIMITS) == Rule(0.00125, 0.1)


@pytest.mark.parametrize(
    ("reference", "current", "drifted"),
    [
        ([500, 500], [505, 495], False),
        # Significant but small: many rows.
        ([50_000, 50_000], [51_000, 49_000], False),
        # Large but not significant: few rows.
        ([500, 500], [11, 5], False),
        ([500, 500], [900, 100], True),
    ],
)
def test_drift_needs_significance_and_size(reference: list[int], current: list[int], drifted: bool) -> None:
    strength = score_rule(LIMITS).strength(compare(np.array(reference), np.array(current)))
    assert (strength >= 1) == drifted


# `npm run bench -- judgement` has the long ones.
@pytest.mark.parametrize("rows", [100, 1000])
def test_stationary_data_alarms_in_at_most_one_check_in_a_hundred(rows: int) -> None:
    assert false_alarms(rows, checks=100) <= 0.01


def test_a_shift_of_an_important_feature_is_seen_in_nine_checks_of_ten() -> None:
    assert missed_shifts(1000, shift=0.4, checks=50) <= 0.1
