"""Whether a serving model is still right: intervals, the test of its promise, the estimate without labels."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from performance import Estimate, Outcomes, Shortfall, estimated, lift, onset
from sklearn import metrics as sk

ROOT = Path(__file__).parents[3]
THRESHOLD = 0.5
ALPHA = 0.005


def sample(rows: int, seed: int, strength: float = 1.0) -> Outcomes:
    """Rows whose labels follow their scores; with a strength below 1 less than the scores say."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=rows)
    scores = 1 / (1 + np.exp(-logits))
    labels = (random.random(rows) < 1 / (1 + np.exp(-strength * logits))).astype(int)
    return Outcomes(labels, scores, np.array([f"c{index}" for index in range(rows)]))


def test_metrics_are_scikit_learns_and_lie_in_their_intervals() -> None:
    outcomes = sample(2_000, seed=1)
    measured = outcomes.metrics(THRESHOLD, seed=7, replicates=300)
    expected = {
        "auc": sk.roc_auc_score(outcomes.labels, outcomes.scores),
        "f1": sk.f1_score(outcomes.labels, outcomes.scores >= THRESHOLD),
        "log_loss": sk.log_loss(outcomes.labels, outcomes.scores),
        "base_rate": outcomes.labels.mean(),
    }
    for name, value in expected.items():
        found, bounds = measured[name].estimate, measured[name].interval
        assert found.value == pytest.approx(value)
        assert bounds is not None
        assert bounds[0] < value < bounds[1]
        # The interval is about two standard errors to either side.
        assert bounds[1] - bounds[0] == pytest.approx(4 * found.error, rel=0.2)
    assert measured["lift_top_decile"].estimate.value == pytest.approx(lift(outcomes.labels, outcomes.scores))


def test_lift_counts_the_positives_of_the_top_tenth() -> None:
    scores = np.linspace(0, 1, 100)
    labels = (scores > 0.79).astype(int)
    assert lift(labels, scores) == pytest.approx(1 / labels.mean())
    assert np.isnan(lift(np.zeros(100), scores))


def test_lift_of_one_score_for_all_is_none() -> None:
    assert lift(np.array([1, 0, 0, 0, 1, 0, 0, 0, 0, 0]), np.full(10, 0.3)) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40))
@settings(deadline=None)
def test_lift_of_weights_is_that_of_repeated_rows(rows: list[tuple[int, int, int]]) -> None:
    labels, scores, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    repeated = np.repeat(np.arange(len(rows)), weights.astype(int))
    if labels[repeated].sum() == 0:
        assert np.isnan(lift(labels, scores, weights=weights))
    else:
        assert lift(labels, scores, weights=weights) == pytest.approx(
            lift(labels[repeated], scores[repeated])
        )


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=12), st.floats(0.05, 0.95))
@settings(deadline=None)
def test_the_estimate_is_the_mean_over_all_pairs(scores: list[float], threshold: float) -> None:
    values = np.array(scores)
    pairs = [(i, j) for i in range(len(values)) for j in range(len(values)) if i != j]
    weight = {(i, j): values[i] * (1 - values[j]) for i, j in pairs}
    won = sum(
        weight[i, j] * (1.0 if values[i] > values[j] else 0.5 if values[i] == values[j] else 0.0)
        for i, j in pairs
    )
    found = estimated(values, threshold)
    assert found["auc"] == pytest.approx(won / sum(weight.values()))
    assert found["base_rate"] == pytest.approx(values.mean())


def test_the_estimate_is_right_for_calibrated_scores() -> None:
    outcomes = sample(40_000, seed=3)
    found = estimated(outcomes.scores, THRESHOLD)
    assert found["auc"] == pytest.approx(sk.roc_auc_score(outcomes.labels, outcomes.scores), abs=0.01)
    assert found["f1"] == pytest.approx(sk.f1_score(outcomes.labels, outcomes.scores >= THRESHOLD), abs=0.01)


def test_the_estimate_does_not_see_that_customers_behave_differently() -> None:
    outcomes = sample(40_000, seed=3, strength=0.0)
    assert sk.roc_auc_score(outcomes.labels, outcomes.scores) == pytest.approx(0.5, abs=0.01)
    assert estimated(outcomes.scores, THRESHOLD)["auc"] > 0.7


def test_a_kept_promise_is_rarely_reported_and_a_broken_one_nearly_always() -> None:
    promised = sample(2_000, seed=100).estimate("auc", THRESHOLD, seed=7, replicates=200)
    true_value = sample(400_000, seed=5).estimate("auc", THRESHOLD, seed=7, replicates=2).value
    checks = 200
    promises = [Estimate(true_value + promised.error * z, promised.error) for z in _normal(checks, seed=11)]
    kept = [_broken(promise, seed=1_000 + index) for index, promise in enumerate(promises)]
    # 200 checks at 0.005 have one false alarm on average; five or more have a probability of 0.4 %.
    assert sum(kept) <= 4
    broken = [
        _broken(promise, seed=5_000 + index, strength=0.5) for index, promise in enumerate(promises[:40])
    ]
    assert sum(broken) >= 36


def _broken(promise: Estimate, seed: int, strength: float = 1.0) -> bool:
    observed = sample(1_000, seed, strength).estimate("auc", THRESHOLD, seed=7, replicates=100)
    return Shortfall(promise, observed).is_broken(ALPHA)


def _normal(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=count)


@given(st.floats(1e-300, 0.25))
@settings(deadline=None)
def test_every_level_that_a_pipeline_may_have_has_its_limit(alpha: float) -> None:
    shortfall = Shortfall(Estimate(0.8, 0.01), Estimate(0.7, 0.01))
    assert shortfall.is_broken(alpha) == (shortfall.p_value <= alpha)
    assert not Shortfall(Estimate(0.7, 0.01), Estimate(0.8, 0.01)).is_broken(alpha)


def test_without_an_error_only_a_shortfall_is_reported() -> None:
    assert Shortfall(Estimate(0.8, 0.0), Estimate(0.7, 0.0)).is_broken(ALPHA)
    assert not Shortfall(Estimate(0.7, 0.0), Estimate(0.7, 0.0)).is_broken(ALPHA)


def test_one_class_only_is_no_shortfall() -> None:
    outcomes = Outcomes(np.ones(200), np.linspace(0, 1, 200), np.array([f"c{index}" for index in range(200)]))
    observed = outcomes.estimate("auc", THRESHOLD, seed=7, replicates=20)
    assert not Shortfall(Estimate(0.8, 0.01), observed).is_broken(ALPHA)


@pytest.mark.parametrize("rows", [300, 3_000])
def test_a_model_as_good_as_promised_is_reported_in_at_most_one_check_in_a_hundred(rows: int) -> None:
    """At the default level of monitoring.quality it is about one in a thousand."""
    alpha, checks = 0.001, 400
    found = 0
    for check in range(checks):
        # A promise measured on other rows, as in an evaluation: both are drawn anew.
        promised = sample(1_000, seed=20_000 + check).estimate("auc", THRESHOLD, seed=7, replicates=60)
        observed = sample(rows, seed=40_000 + check).estimate("auc", THRESHOLD, seed=7, replicates=60)
        found += Shortfall(promised, observed).is_broken(alpha)
    assert found <= checks // 100


def test_looking_every_day_at_a_sliding_window_of_a_steady_model_rarely_reports_it() -> None:
    """A year of daily checks, each of which sees 27 of the 28 days that the one before it saw."""
    alpha, years, days, window = 0.001, 40, 365, 28
    reported = 0
    random = np.random.default_rng(3)
    for _ in range(years):
        # By day, the deviation of the mean of that day's scores; a sliding mean of them has the dependence
        # of overlapping windows. The promise has an error of its own, the same in all checks of a version.
        daily = random.normal(size=days + window)
        pooled = np.convolve(daily, np.ones(window) / window, mode="valid")
        error = 1 / np.sqrt(window)
        promised = Estimate(random.normal() * error, error)
        reported += any(Shortfall(promised, Estimate(float(one), error)).is_broken(alpha) for one in pooled)
    # About one version in twenty is reported in a whole year.
    assert reported / years <= 0.15


def test_the_many_scores_of_a_few_entities_are_too_little_evidence() -> None:
    days = 28
    labels = np.repeat([0, 1] * 19, days)
    few = Outcomes(labels, np.linspace(0, 1, len(labels)), np.repeat(np.arange(38), days).astype(str))
    assert "count as 19 independent ones" in (few.too_few or "")
    labels = np.repeat([0, 1] * 20, days)
    enough = Outcomes(labels, np.linspace(0, 1, len(labels)), np.repeat(np.arange(40), days).astype(str))
    assert enough.too_few is None


def test_the_standard_error_of_an_interval_is_that_of_the_estimate() -> None:
    assert Estimate.of_interval(0.7, (0.7 - 1.959964, 0.7 + 1.959964)).error == pytest.approx(1)


def test_the_onset_is_the_day_since_which_the_scores_are_wrong() -> None:
    good, bad = sample(900, seed=1), sample(600, seed=2, strength=-0.5)
    both = Outcomes(*(np.concatenate(parts) for parts in zip(_parts(good), _parts(bad), strict=True)))
    days = np.repeat(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"], 300)
    promised = sample(2_000, seed=9).estimate("auc", THRESHOLD, seed=7, replicates=100)
    assert onset(days, both, promised, "auc", THRESHOLD, seed=7) == "2026-01-04"


def _parts(outcomes: Outcomes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return outcomes.labels, outcomes.scores, outcomes.entities


def test_the_monitor_job_needs_nothing_but_numpy(tmp_path: Path) -> None:
    """It gets these modules of the model's code (infra/sources.ts)."""
    names = ("bootstrap.py", "calibration.py", "performance.py")
    for name in names:
        (tmp_path / name).write_bytes((ROOT / "model" / name).read_bytes())
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import performance\n"
        "print(sorted({'scipy', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
