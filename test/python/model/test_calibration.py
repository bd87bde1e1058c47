"""Calibration groups: of equal size, complete, and with a small error for calibrated scores."""

import numpy as np
import pytest
from calibration import calibration_bins, expected_calibration_error
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=80), st.integers(1, 12))
def test_every_row_is_in_one_group_and_groups_are_of_equal_size(
    pairs: list[tuple[int, float]], bins: int
) -> None:
    labels = np.array([label for label, _ in pairs])
    scores = np.array([score for _, score in pairs])

    groups = calibration_bins(labels, scores, bins)

    counts = [group["count"] for group in groups]
    assert sum(counts) == len(pairs)
    assert max(counts) - min(counts) <= 1
    means = [group["mean_score"] for group in groups]
    assert means == sorted(means)
    positives = sum(group["observed_rate"] * group["count"] for group in groups)
    assert positives == pytest.approx(labels.sum(), abs=1e-3)


def test_scores_that_are_true_probabilities_have_a_small_error() -> None:
    random = np.random.default_rng(5)
    scores = random.random(50_000)
    labels = (random.random(50_000) < scores).astype(int)

    assert expected_calibration_error(calibration_bins(labels, scores)) < 0.01


def test_overconfident_scores_have_a_large_error() -> None:
    labels = np.tile([0, 1], 500)

    assert expected_calibration_error(calibration_bins(labels, np.full(1000, 0.9))) == pytest.approx(0.4)
