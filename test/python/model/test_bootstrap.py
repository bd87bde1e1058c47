"""The weighted metrics of a replicate are those of rows that are really drawn; intervals cover the truth."""

import numpy as np
import pytest
from bootstrap import Entities, ModelRows, independent_rows, interval, resample
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics import classification_report
from sklearn.metrics import roc_auc_score

THRESHOLD = 0.5
# Few distinct scores, so that ties are frequent.
row = st.tuples(st.integers(0, 5), st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.9, 1.0]))
rows = st.lists(row, min_size=2, max_size=25).filter(lambda drawn: len({label for _, label, _ in drawn}) == 2)


def columns(drawn: list[tuple[int, int, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    names, labels, scores = (np.array(column) for column in zip(*drawn, strict=True))
    return names, labels, scores


@given(rows)
def test_when_each_entity_is_drawn_once_the_metrics_are_those_of_the_rows(drawn: list) -> None:
    names, labels, scores = columns(drawn)
    entities = Entities.of(names)
    measured = ModelRows.of(labels, scores, THRESHOLD, entities).measure(np.ones((1, entities.count)))
    expected = classification_report(labels, scores, THRESHOLD)["metrics"]
    assert {name: measured[name][0] for name in expected} == pytest.approx(expected, abs=2e-6)
    assert measured["base_rate"][0] == pytest.approx(labels.mean())


@given(rows, st.data())
def test_a_weighted_replicate_equals_rows_that_are_really_repeated(drawn: list, data: st.DataObject) -> None:
    names, labels, scores = columns(drawn)
    entities = Entities.of(names)
    times = data.draw(st.lists(st.integers(0, 3), min_size=entities.count, max_size=entities.count))
    draws = np.array([times], dtype=float)
    measured = ModelRows.of(labels, scores, THRESHOLD, entities).measure(draws)
    repeated = np.repeat(np.arange(len(labels)), draws[0][entities.codes].astype(int))
    if len(np.unique(labels[repeated])) < 2:
        assert np.isnan(measured["auc"][0])
        assert np.isnan(measured["average_precision"][0])
        return
    expected = classification_report(labels[repeated], scores[repeated], THRESHOLD)["metrics"]
    # The groups of the calibration error are those of the test rows, not of each replicate.
    del expected["calibration_error"]
    assert {name: measured[name][0] for name in expected} == pytest.approx(expected, abs=2e-6)


@given(st.integers(1, 40), st.integers(1, 120), st.integers(0, 3))
@settings(max_examples=30)
def test_every_replicate_draws_as_many_entities_as_there_are(count: int, replicates: int, seed: int) -> None:
    entities = Entities.of([f"user-{number}" for number in range(count)])
    draws = np.concatenate(list(entities.draws(replicates, seed)))
    assert draws.shape == (replicates, count)
    assert (draws.sum(axis=1) == count).all()
    np.testing.assert_array_equal(draws, np.concatenate(list(entities.draws(replicates, seed))))


def test_draws_are_multinomial() -> None:
    """Each entity is drawn once on average; the variance is that of the multinomial, 1 − 1/n."""
    draws = np.concatenate(list(Entities.of(np.arange(10)).draws(20_000, 1)))
    assert draws.mean(axis=0) == pytest.approx(np.ones(10), abs=0.04)
    assert draws.var(axis=0) == pytest.approx(np.full(10, 0.9), abs=0.05)


def noisy(count: int, seed: int, days: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with some signal; an entity has the same label and score on each of its days."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, count)
    scores = 1 / (1 + np.exp(-(labels + 1.5 * random.normal(size=count))))
    return np.tile(np.arange(count), days), np.tile(labels, days), np.tile(scores, days)


def error_of_auc(names: np.ndarray, labels: np.ndarray, scores: np.ndarray, seed: int = 5) -> float:
    entities = Entities.of(names)
    model = ModelRows.of(labels, scores, THRESHOLD, entities)
    return float(np.nanstd(resample({"one": model}, entities, seed)["one"]["auc"], ddof=1))


def test_rows_that_repeat_an_entity_are_no_further_evidence() -> None:
    once, five_times = noisy(300, 1), noisy(300, 1, days=5)
    assert error_of_auc(*five_times) == pytest.approx(error_of_auc(*once), rel=1e-9)
    _, labels, scores = five_times
    as_if_independent = error_of_auc(np.arange(len(labels)), labels, scores)
    assert as_if_independent < 0.6 * error_of_auc(*once)


def test_the_interval_covers_the_true_auc_as_often_as_it_says() -> None:
    truth = roc_auc_score(*noisy(200_000, 0)[1:])
    covered = 0
    for seed in range(1, 121):
        names, labels, scores = noisy(250, seed)
        entities = Entities.of(names)
        model = ModelRows.of(labels, scores, THRESHOLD, entities)
        found = interval(resample({"one": model}, entities, seed, replicates=200)["one"]["auc"])
        assert found is not None
        covered += found[0] <= truth <= found[1]
    # 95 % of 120 are 114; 105 are three and a half standard deviations below.
    assert covered >= 105


def test_differences_are_paired() -> None:
    """Two models that agree differ by little, however uncertain each of them is."""
    names, labels, scores = noisy(300, 1)
    entities = Entities.of(names)
    models = {
        "one": ModelRows.of(labels, scores, THRESHOLD, entities),
        "same": ModelRows.of(labels, scores, THRESHOLD, entities),
        "close": ModelRows.of(labels, np.round(scores, 2), THRESHOLD, entities),
    }
    found = resample(models, entities, 3)
    assert (found["one"]["auc"] == found["same"]["auc"]).all()
    assert np.std(found["one"]["auc"] - found["close"]["auc"]) < 0.1 * np.std(found["one"]["auc"])


def test_an_interval_of_nothing_is_none() -> None:
    assert interval(np.array([np.nan, np.nan])) is None
    assert interval(np.array([np.nan, 2.0, 2.0])) == (2.0, 2.0)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=50))
def test_rows_count_as_their_entities_if_all_have_equally_many_and_as_fewer_if_not(rows: list[int]) -> None:
    entities = np.repeat(np.arange(len(rows)), rows)

    found = independent_rows(entities)

    assert 1 <= found <= len(rows) + 1e-9
    assert (found == pytest.approx(len(rows))) == (len(set(rows)) == 1)
