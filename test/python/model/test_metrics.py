"""Metrics compared with scikit-learn, and the properties of curves."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from metrics import classification_report, confusion, rates, thin
from sklearn import metrics as sk

scored = st.lists(
    st.tuples(st.integers(0, 1), st.floats(0.0, 1.0, width=32)), min_size=2, max_size=60
).filter(lambda pairs: len({label for label, _ in pairs}) == 2)


def arrays(pairs: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([label for label, _ in pairs]), np.array([score for _, score in pairs], dtype=np.float32)


@settings(max_examples=40)
@given(scored, st.floats(0.0, 1.0))
def test_rates_equal_those_of_scikit_learn(pairs: list[tuple[int, float]], threshold: float) -> None:
    labels, scores = arrays(pairs)
    answers = (scores >= threshold).astype(int)

    measured = rates(confusion(labels, scores, threshold))

    assert measured["precision"] == pytest.approx(sk.precision_score(labels, answers, zero_division=0))
    assert measured["recall"] == pytest.approx(sk.recall_score(labels, answers, zero_division=0))
    assert measured["f1"] == pytest.approx(sk.f1_score(labels, answers, zero_division=0))
    assert measured["accuracy"] == pytest.approx(sk.accuracy_score(labels, answers))


@settings(max_examples=40)
@given(scored, st.floats(0.0, 1.0))
def test_confusion_counts_every_row_once(pairs: list[tuple[int, float]], threshold: float) -> None:
    labels, scores = arrays(pairs)

    counts = confusion(labels, scores, threshold)

    assert sum(counts.values()) == len(labels)
    assert counts["tp"] + counts["fn"] == labels.sum()


@settings(max_examples=40)
@given(scored)
def test_auc_is_the_probability_that_a_positive_scores_higher(pairs: list[tuple[int, float]]) -> None:
    labels, scores = arrays(pairs)
    positives, negatives = scores[labels == 1], scores[labels == 0]
    # The Mann–Whitney statistic, in which ties count half.
    wins = np.mean([(p > n) + 0.5 * (p == n) for p in positives for n in negatives])

    report = classification_report(labels, scores, 0.5)

    assert report["metrics"]["auc"] == pytest.approx(wins, abs=1e-6)


@settings(max_examples=40)
@given(scored)
def test_curves_have_the_right_end_points(pairs: list[tuple[int, float]]) -> None:
    labels, scores = arrays(pairs)

    report = classification_report(labels, scores, 0.5)

    assert report["roc"][0] == [0.0, 0.0]
    assert report["roc"][-1] == [1.0, 1.0]
    recalls = [recall for recall, _ in report["precision_recall"]]
    assert recalls == sorted(recalls)
    assert recalls[-1] == 1.0


def test_perfect_and_useless_scores() -> None:
    labels = np.array([0, 0, 1, 1])

    perfect = classification_report(labels, np.array([0.0, 0.0, 1.0, 1.0]), 0.5)
    useless = classification_report(labels, np.full(4, 0.5), 0.5)

    assert perfect["metrics"]["auc"] == perfect["metrics"]["f1"] == 1.0
    assert perfect["metrics"]["brier"] == 0.0
    assert useless["metrics"]["auc"] == 0.5
    assert useless["metrics"]["brier"] == 0.25
    assert useless["metrics"]["log_loss"] == pytest.approx(np.log(2), abs=1e-6)


@given(st.integers(1, 5_000), st.integers(2, 101))
def test_thinning_keeps_both_end_points_and_respects_the_limit(length: int, limit: int) -> None:
    assume(length >= 2)
    x = np.linspace(0, 1, length)

    points = thin(x, x, limit)

    assert len(points) <= limit
    assert points[0] == [0.0, 0.0]
    assert points[-1] == [1.0, 1.0]
