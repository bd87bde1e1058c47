"""Simulated verdicts of the gate: noise, challengers that are worse or equal, and many small steps down.

Labels and scores of an entity's rows resemble one another. A model's scores are normal within each class, so
that its true AUC is known: Φ(m / √2) where the classes' means are m apart (Green and Swets, "Signal Detection
Theory and Psychophysics", 1966). Two models share most of what they get wrong, as a model and its retrained
successor do.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from bootstrap import REPLICATES
from gate import Difference, Gates, Predecessor, Rule, is_better, judge
from measured import Answers, Rows
from scipy import stats

SCHEMA = Path(__file__).parents[2] / "pipelines" / "pipeline.schema.json"
# How much of the variance lies between entities.
BETWEEN = 0.5
ROWS_OF_AN_ENTITY = 2
# With it, the standard error of a difference is that of CDNOW's v2 from v1: 0.004 at 2,000 rows.
SHARED = 0.95
SERVING_AUC = 0.75


@cache
def default_gates() -> Gates:
    """The gate of a pipeline.yaml that says nothing about it."""
    known = json.loads(SCHEMA.read_text("utf-8"))["properties"]["gates"]["properties"]

    def defaults(of: str) -> dict:
        return {name: described["default"] for name, described in known[of]["properties"].items()}

    return Gates.parse(
        {
            "minimum": known["minimum"]["default"],
            "champion": defaults("champion"),
            "lift": defaults("lift"),
            "min_test_rows": known["min_test_rows"]["default"],
        }
    )


@dataclass(frozen=True)
class Draw:
    """Test rows, and what all models get wrong about them."""

    rows: Rows
    common: np.ndarray
    random: np.random.Generator

    @staticmethod
    def of(
        seed: int,
        count: int,
        base_rate: float,
        rows_of_entity: int = ROWS_OF_AN_ENTITY,
        between: float = BETWEEN,
    ) -> "Draw":
        """Draw the rows of a seed."""
        random = np.random.default_rng(seed)
        entities = np.arange(count) // rows_of_entity
        labels = _by_entity(random, entities, between) > stats.norm.isf(base_rate)
        return Draw(Rows(labels.astype(np.int8), entities), _by_entity(random, entities, between), random)

    def answers(self, auc: float) -> Answers:
        """A model's answers; at an AUC of 0.5 they say nothing."""
        apart = np.sqrt(2) * stats.norm.ppf(auc)
        own = self.random.standard_normal(len(self.common))
        noise = np.sqrt(SHARED) * self.common + np.sqrt(1 - SHARED) * own
        return Answers(stats.norm.cdf(apart * self.rows.labels + noise), 0.5)


def _by_entity(random: np.random.Generator, entities: np.ndarray, between: float) -> np.ndarray:
    """Standard normal values that are alike within an entity."""
    own = random.standard_normal(entities[-1] + 1)[entities]
    return np.sqrt(between) * own + np.sqrt(1 - between) * random.standard_normal(len(entities))


def _never(_rows: int) -> str:
    return ""


def is_passed(verdict: list[Rule]) -> bool:
    """Whether the gate passes a model; an evaluation that cannot be computed has no rules and passes none."""
    return bool(verdict) and all(rule["passed"] for rule in verdict)


def noise_verdict(seed: int, count: int, base_rate: float, replicates: int = REPLICATES) -> list[Rule]:
    """The verdict about a first model whose scores say nothing."""
    return _verdict_of_noise(Draw.of(seed, count, base_rate), replicates)


def noise_of_few_verdict(seed: int, count: int, rows: int, replicates: int = REPLICATES) -> list[Rule]:
    """The same where every entity has so many test rows, which are nearly the same."""
    return _verdict_of_noise(Draw.of(seed, count, 0.3, rows, between=0.95), replicates)


def _verdict_of_noise(test: Draw, replicates: int) -> list[Rule]:
    """The verdict about scores of these rows that say nothing."""
    if not test.rows.has_both_classes:
        return []
    challenger = test.rows.measure({"challenger": test.answers(0.5)}, replicates)["challenger"]
    return judge(default_gates(), test.rows.sample, challenger, {}, [], _never)


def challenger_verdict(seed: int, count: int, difference: float, replicates: int = REPLICATES) -> list[Rule]:
    """The verdict about a challenger whose true AUC differs from the champion's by so much."""
    test = Draw.of(seed, count, 0.3)
    answers = {"challenger": test.answers(SERVING_AUC + difference), "champion": test.answers(SERVING_AUC)}
    measured = test.rows.measure(answers, replicates)
    gap = Difference.between(measured["challenger"], measured["champion"], "auc", test.rows.sample)
    champion = Predecessor("v1", count, gap, _never)
    return judge(default_gates(), test.rows.sample, measured["challenger"], {}, [champion], _never)


def decline(
    seed: int, tries: int, step: float, with_floor: bool, count: int = 2000, replicates: int = REPLICATES
) -> float:
    """How far the served AUC truly falls if every challenger is worse than the champion by the same step."""
    gates = default_gates()
    serving = best = SERVING_AUC
    for number in range(tries):
        test = Draw.of(seed * tries + number, count, 0.3)
        models = {"challenger": serving - step, "champion": serving, "floor": best}
        measured = test.rows.measure({name: test.answers(auc) for name, auc in models.items()}, replicates)
        gaps = {
            name: Difference.between(measured["challenger"], measured[name], "auc", test.rows.sample)
            for name in ("champion", "floor")
        }
        rivals = ["champion", "floor"] if with_floor else ["champion"]
        predecessors = [Predecessor(name, count, gaps[name], _never) for name in rivals]
        verdict = judge(gates, test.rows.sample, measured["challenger"], {}, predecessors, _never)
        if is_passed(verdict):
            serving -= step
            best = serving if is_better(gaps["floor"]) else best
    return SERVING_AUC - serving
