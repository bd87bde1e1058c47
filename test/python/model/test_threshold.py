"""The threshold: the best one on the rows where it is chosen, and nearly the best one on others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics import confusion, rates
from threshold import Costs, ThresholdRule, best_f1_threshold

COSTS = Costs(contact_cost=2, saved_value=40, save_rate=0.3)
BY_F1, BY_PROFIT = ThresholdRule(None, None), ThresholdRule(None, COSTS)
# Few distinct scores, so that ties are frequent.
row = st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.10001, 0.3, 0.5, 0.9]))
rows = st.lists(row, min_size=1, max_size=25).filter(lambda drawn: any(label for label, _ in drawn))


def columns(drawn: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    labels, scores = zip(*drawn, strict=True)
    return np.array(labels), np.array(scores)


def profit(labels: np.ndarray, scores: np.ndarray, threshold: float, costs: Costs = COSTS) -> float:
    counts = confusion(labels, scores, threshold)
    return costs.profit(counts["tp"], counts["tp"] + counts["fp"])


@settings(max_examples=60)
@given(rows, st.floats(0, 1))
def test_no_threshold_is_better_where_it_is_chosen(drawn: list, other: float) -> None:
    labels, scores = columns(drawn)

    def f1(threshold: float) -> float:
        return rates(confusion(labels, scores, threshold))["f1"]

    assert f1(BY_F1.choose(labels, scores)) >= f1(other) - 1e-12
    assert profit(labels, scores, BY_PROFIT.choose(labels, scores)) >= profit(labels, scores, other) - 1e-9


@settings(max_examples=30)
@given(rows, st.floats(0.1, 100))
def test_the_unit_of_the_costs_is_of_no_matter(drawn: list, unit: float) -> None:
    labels, scores = columns(drawn)
    scaled = ThresholdRule(None, Costs(unit * COSTS.contact_cost, unit * COSTS.saved_value, COSTS.save_rate))

    assert scaled.choose(labels, scores) == BY_PROFIT.choose(labels, scores)


def test_nobody_is_acted_on_where_it_never_pays() -> None:
    assert ThresholdRule(None, Costs(11.9, 40, 0.3)).choose(np.array([0, 1]), np.array([0.8, 0.2])) == 1.0


def test_of_equally_good_thresholds_the_highest_is_chosen() -> None:
    labels, scores = np.array([1, 0, 0, 0, 0, 0, 1]), np.linspace(0.9, 0.3, 7)
    # Six rows cost as much as one positive brings.
    assert BY_PROFIT.choose(labels, scores) == pytest.approx(0.85)


def test_rounding_the_scores_as_they_are_served_changes_no_decision() -> None:
    random = np.random.default_rng(2)
    scores = random.random(2000).astype(np.float32)
    labels = (random.random(2000) < scores).astype(int)
    for rule in (BY_F1, BY_PROFIT):
        threshold = rule.choose(labels, scores)
        served = np.round(scores.astype(np.float64), 6)
        assert ((scores >= threshold) == (served >= threshold)).mean() > 0.999


@pytest.mark.parametrize("overconfidence", [0.5, 1.0, 2.0])
def test_the_threshold_of_validation_rows_is_nearly_the_best_on_fresh_rows(overconfidence: float) -> None:
    """Of scores that are probabilities, and of scores that are too extreme or too timid, where the threshold
    that follows from the costs alone is not the best one.
    """

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(seed)
        log_odds = 1.5 * random.standard_normal(count) - 1
        labels = random.random(count) < 1 / (1 + np.exp(-log_odds))
        return labels.astype(int), 1 / (1 + np.exp(-overconfidence * log_odds))

    labels, scores = draw(100_000, 0)
    best = profit(labels, scores, BY_PROFIT.choose(labels, scores))
    best_f1 = rates(confusion(labels, scores, best_f1_threshold(labels, scores)))["f1"]
    profits, f1 = [], []
    for seed in range(1, 21):
        chosen = draw(1000, seed)
        profits.append(profit(labels, scores, BY_PROFIT.choose(*chosen)))
        f1.append(rates(confusion(labels, scores, BY_F1.choose(*chosen)))["f1"])
    assert np.mean(profits) >= 0.97 * best
    assert min(profits) >= 0.9 * best
    assert np.mean(f1) >= 0.98 * best_f1
    by_costs = profit(labels, scores, COSTS.threshold_of_probabilities)
    assert by_costs >= 0.99 * best if overconfidence == 1 else by_costs < best


def test_what_serves_is_fixed_by_the_pipeline_or_the_models_own() -> None:
    assert ThresholdRule.parse(0.4, None).of({"threshold": 0.7}) == 0.4
    assert ThresholdRule.parse("auto", None).of({"threshold": 0.7}) == 0.7
    asked = ThresholdRule.parse("auto", '{"contact_cost": 2, "saved_value": 40, "save_rate": 0.3}')
    assert (asked, asked.by) == (BY_PROFIT, "profit")
    assert ThresholdRule.parse("0.4", None).by == "fixed"
