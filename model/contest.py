"""A challenger on its test rows, against simple models and against the versions before it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from artifact import Model
from encoding import absent_features
from gate import Difference, Predecessor, Rule, is_better, judge
from measured import Answers, Measured, Rows
from pipeline import Pipeline
from simple_models import FeatureAlone, feature_alone, simple_models
from splits import AS_OF, DatasetDescription, check_split
from training import labels_of
from user_error import UserError

CHALLENGER = "the challenger"
ROLES = ("champion", "floor")


@dataclass(frozen=True)
class Version:
    """A registered model with which a new one is compared."""

    role: str
    model: Model
    number: int
    # The last day whose events the labels that it learnt from depend on; None if that is not known.
    last_label_day: str | None

    @property
    def name(self) -> str:
        """What a reader calls it."""
        return f"v{self.number}, {'the serving version' if self.role == 'champion' else 'the best so far'}"

    def has_not_seen(self, days: np.ndarray) -> np.ndarray:
        """Which rows of these as-of days it has not learnt from."""
        if self.last_label_day is None:
            return np.zeros(len(days), dtype=bool)
        return days > self.last_label_day


@dataclass(frozen=True)
class Rival:
    """A version before the challenger, on the challenger's test rows."""

    version: Version
    rows: Rows
    answers: Answers

    @cached_property
    def measured(self) -> Measured:
        """On all test rows, also on those that it has learnt from."""
        return self.rows.measure({self.version.name: self.answers})[self.version.name]


@dataclass(frozen=True)
class Judgement:
    """What the gate says about a challenger, and the comparisons on which that rests."""

    verdict: list[Rule]
    # By role.
    predecessors: Mapping[str, Predecessor]
    # The version that later ones must keep up with; None is the challenger itself.
    floor_version: int | None


@dataclass(frozen=True)
class Challenge:
    """A challenger on its test rows. It is measured at the threshold with which it serves, as every version
    is, so that what serves is what is compared.
    """

    rows: Rows
    # The as-of day of each row.
    days: np.ndarray
    answers: Answers
    measured: Measured
    # How far the challenger is above each simple model, by AUC.
    simple: Mapping[str, Difference]

    @staticmethod
    def of(
        challenger: Model,
        train: pd.DataFrame,
        test: pd.DataFrame,
        alone: Sequence[FeatureAlone],
        description: DatasetDescription,
        pipeline: Pipeline,
    ) -> "Challenge":
        """Measure a challenger. `alone` is each of its features as a model (`features_alone`)."""
        rows = Rows(labels_of(test, description.label), test[description.entity].to_numpy())
        answers = _answers(challenger, test, pipeline)
        scores = simple_models(train, labels_of(train, description.label), alone, test)
        # They are compared by their AUC, for which a threshold is of no matter.
        simple = {name: Answers(some, 0.5) for name, some in scores.items()}
        measured = rows.measure({CHALLENGER: answers, **simple})
        own = measured[CHALLENGER]
        gaps = {name: Difference.between(own, measured[name], "auc", rows.sample) for name in simple}
        return Challenge(rows, test[AS_OF].astype(str).to_numpy(), answers, own, gaps)

    def rival(self, version: Version, test: pd.DataFrame, pipeline: Pipeline) -> Rival:
        """A version on the challenger's test rows."""
        return Rival(version, self.rows, _answers(version.model, test, pipeline))

    def judge(self, rivals: Sequence[Rival], pipeline: Pipeline, as_of: str) -> Judgement:
        """The gate's verdict.

        `rivals` are the champion, if a model serves, and the floor: the best version so far, if that is
        another one. Without a floor, many versions that are each a little worse than the one before would add
        up. `as_of` is the run's as-of day.
        """
        gates = pipeline.gates
        growth = _Growth(pipeline, as_of, self.days)
        predecessors = {}
        for one in rivals:
            version = one.version
            unseen = version.has_not_seen(self.days)
            gap = self._difference(one, gates.metric, unseen)
            when = growth.when_new_to(version)
            predecessors[version.role] = Predecessor(version.name, int(unseen.sum()), gap, when)
        verdict = judge(
            gates, self.rows.sample, self.measured, self.simple, [*predecessors.values()], growth.when
        )
        return Judgement(verdict, predecessors, _floor_version(rivals, predecessors))

    def _difference(self, rival: Rival, metric: str, chosen: np.ndarray) -> Difference | None:
        """The challenger's difference from a rival on some of the rows."""
        if chosen.all():
            return Difference.between(self.measured, rival.measured, metric, self.rows.sample)
        some = self.rows.where(chosen)
        if not some.has_both_classes:
            return None
        name = rival.version.name
        answers = {CHALLENGER: self.answers, name: rival.answers}
        found = some.measure({model: one.where(chosen) for model, one in answers.items()})
        return Difference.between(found[CHALLENGER], found[name], metric, some.sample)


def features_alone(
    challenger: Model, train: pd.DataFrame, test: pd.DataFrame, description: DatasetDescription
) -> list[FeatureAlone]:
    """Each feature of a challenger as a model of its own. Raises UserError if a split cannot be used."""
    check_split(train, "train", description)
    check_split(test, "test", description)
    absent = absent_features(test, challenger.features)
    if absent:
        raise UserError(f"The test split lacks features the challenger learnt from: {', '.join(absent)}.")
    labels = labels_of(train, description.label)
    return [feature_alone(train, labels, feature) for feature in challenger.features]


def _answers(model: Model, test: pd.DataFrame, pipeline: Pipeline) -> Answers:
    return Answers(model.score(test), pipeline.threshold.of(model.metadata))


def _floor_version(rivals: Sequence[Rival], predecessors: Mapping[str, Predecessor]) -> int | None:
    """The best version so far, until one is better by more than chance."""
    if not rivals:
        return None
    best = next((one for one in rivals if one.version.role == "floor"), rivals[0]).version
    return None if is_better(predecessors[best.role].difference) else best.number


MORE_TEST_ROWS = "A longer training.history_days or a larger training.test_share gives more test rows."


@dataclass(frozen=True)
class _Growth:
    """How many test rows later runs have, if the days stay as they are."""

    pipeline: Pipeline
    as_of: str
    days: np.ndarray

    def run_with(self, rows: int) -> str | None:
        """About the first as-of day of a run with so many test rows; None if no run will have them."""
        return self.pipeline.run_with_test_slices(self.as_of, self._slices, self.slices_of(rows))

    def slices_of(self, rows: int) -> int:
        """How many days have so many rows."""
        return math.ceil(rows * self._slices / len(self.days))

    @property
    def _slices(self) -> int:
        return len(np.unique(self.days))

    def when(self, rows: int) -> str:
        """When a run has so many test rows."""
        day = self.run_with(rows)
        return MORE_TEST_ROWS if day is None else f"A run as of about {day} has so many."

    def when_new_to(self, version: Version) -> Callable[[int], str]:
        """When a run has so many test rows from which a version has not learnt."""

        def when(rows: int) -> str:
            if version.last_label_day is None:
                return f"The lineage of v{version.number} does not say from which rows it has learnt."
            learnt = f"v{version.number} has learnt from labels up to {version.last_label_day}"
            grown = self.run_with(rows)
            if grown is None:
                return f"{learnt}, and the test rows are too few. {MORE_TEST_ROWS}"
            new = self.pipeline.run_with_slices_after(version.last_label_day, self.slices_of(rows))
            return f"{learnt}. A run as of {max(grown, new)} or later has enough."

        return when
