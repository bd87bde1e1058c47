"""The gate's rates of wrong verdicts, in short simulations; `npm run bench -- judgement` has the long ones.

Each simulation also shows that its rule is needed: what would pass without it.
"""

from dataclasses import replace

import pytest
from gate import judge
from gate_simulation import Draw, challenger_verdict, decline, default_gates, is_passed, noise_verdict
from sklearn.metrics import roc_auc_score

REPLICATES = 200


def auc_of_noise(seed: int) -> float:
    test = Draw.of(seed, 500, 0.05)
    return float(roc_auc_score(test.rows.labels, test.answers(0.5).scores))


def test_noise_does_not_pass_although_it_often_reaches_the_minimum() -> None:
    lucky = [seed for seed in range(300) if auc_of_noise(seed) >= default_gates().minimum["auc"]]
    assert len(lucky) >= 6
    assert not any(is_passed(noise_verdict(seed, 500, 0.05, REPLICATES)) for seed in lucky)


@pytest.mark.parametrize("seed", [40, 370, 529, 796, 860])
def test_noise_does_not_pass_where_a_few_entities_have_all_test_rows(seed: int) -> None:
    # As many rows as the gate asks for, of five entities: counted as five clusters, this noise would pass.
    draw = Draw.of(seed, 500, 0.3, rows_of_entity=100, between=0.95)
    measured = draw.rows.measure({"challenger": draw.answers(0.5)}, REPLICATES)["challenger"]

    def passes(independent: float) -> bool:
        sample = replace(draw.rows.sample, independent=independent)
        return is_passed(judge(default_gates(), sample, measured, {}, [], lambda rows: ""))

    assert passes(float(draw.rows.sample.entities))
    assert not passes(draw.rows.sample.independent)


def test_a_challenger_worse_by_twice_the_margin_does_not_pass_but_a_better_one_does() -> None:
    def passed(difference: float) -> int:
        return sum(is_passed(challenger_verdict(seed, 500, difference, REPLICATES)) for seed in range(30))

    assert passed(-0.02) == 0
    assert passed(0.03) >= 27


def test_small_steps_down_do_not_add_up() -> None:
    def lost(with_floor: bool) -> float:
        return decline(1, 20, 0.0025, with_floor, 1500, REPLICATES)

    assert lost(with_floor=True) <= 0.01 < lost(with_floor=False)
