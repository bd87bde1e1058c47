"""Evaluates a challenger and the versions before it on the same test rows, and judges it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from artifact import Model
from bootstrap import interval
from encoding import absent_features
from gate import Difference, Predecessor, is_better, judge
from leakage import leak_warnings
from measured import Answers, Measured, Rows
from metrics import DIGITS, classification_report
from pipeline import Pipeline
from segments import segment_metrics
from simple_models import feature_alone, simple_models
from splits import AS_OF, DatasetDescription, check_split
from threshold import Costs, ThresholdRule
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


def evaluate(
    challenger: Model,
    versions: Sequence[Version],
    train: pd.DataFrame,
    test: pd.DataFrame,
    description: DatasetDescription,
    pipeline: Pipeline,
    as_of: str,
) -> dict[str, Any]:
    """evaluation.json without the run's names: metrics, and the gate's verdict.

    Every model is measured at the threshold with which it serves, so that what serves is what is compared.

    `versions` are the champion, if a model serves, and the floor: the best version so far, if that is another
    one. Without a floor, many versions that are each a little worse than the one before would add up. `as_of`
    is the run's as-of day.
    """
    check_split(train, "train", description)
    check_split(test, "test", description)
    absent = absent_features(test, challenger.features)
    if absent:
        raise UserError(f"The test split lacks features the challenger learnt from: {', '.join(absent)}.")
    labels, train_labels = (labels_of(split, description.label) for split in (test, train))
    alone = [feature_alone(train, train_labels, feature) for feature in challenger.features]
    simple = simple_models(train, train_labels, alone, test)
    rows = Rows(labels, test[description.entity].to_numpy())
    models = {CHALLENGER: challenger} | {one.name: one.model for one in versions}
    answers = {
        name: Answers(model.score(test), pipeline.threshold.of(model.metadata))
        for name, model in models.items()
    }
    # Simple models are compared by their AUC, for which a threshold is of no matter.
    measured = rows.measure(answers | {name: Answers(scores, 0.5) for name, scores in simple.items()})

    def difference(rival: str, metric: str, chosen: np.ndarray) -> Difference | None:
        """The challenger's difference from a rival on some of the rows."""
        if chosen.all():
            return Difference.between(measured[CHALLENGER], measured[rival], metric, rows.sample)
        some = rows.where(chosen)
        if not some.has_both_classes:
            return None
        found = some.measure({name: answers[name].where(chosen) for name in (CHALLENGER, rival)})
        return Difference.between(found[CHALLENGER], found[rival], metric, some.sample)

    gates = pipeline.gates
    days = test[AS_OF].astype(str).to_numpy()
    growth = _Growth(pipeline, as_of, days)
    simple_gaps = {name: difference(name, "auc", np.ones(len(test), dtype=bool)) for name in simple}
    predecessors = {}
    for one in versions:
        unseen = one.has_not_seen(days)
        gap = difference(one.name, gates.metric, unseen)
        predecessors[one.role] = Predecessor(one.name, int(unseen.sum()), gap, growth.when_new_to(one))
    figures = {
        one.role: _report(one.model, test, rows, answers[one.name], measured[one.name], pipeline)
        for one in versions
    }
    champion = next((one for one in versions if one.role == "champion"), None)
    own = _report(challenger, test, rows, answers[CHALLENGER], measured[CHALLENGER], pipeline)
    segments = segment_metrics(pipeline.segments, test, challenger.features, rows, answers[CHALLENGER])
    return {
        "challenger": own,
        "champion": champion
        and {
            "version": str(champion.number),
            "seen_rows": len(test) - predecessors["champion"].unseen_rows,
            **figures["champion"],
        },
        "segments": segments,
        "comparisons": [
            *(_comparison("simple model", name, "auc", gap) for name, gap in simple_gaps.items() if gap),
            *(
                _comparison(role, one.name, gates.metric, one.difference)
                for role, one in predecessors.items()
                if one.difference
            ),
        ],
        "verdict": judge(
            gates, rows.sample, measured[CHALLENGER], simple_gaps, [*predecessors.values()], growth.when
        ),
        "floor_version": _floor_version(versions, predecessors),
        "test_rows": len(test),
        "base_rate": round(float(labels.mean()), DIGITS),
        # The F1 of always predicting positive, without which an F1 is hard to interpret.
        "always_positive_f1": round(float(2 * labels.mean() / (1 + labels.mean())), DIGITS),
        "warnings": leak_warnings(test, labels, alone, own["metrics"]["auc"]),
    }


def _report(
    model: Model, test: pd.DataFrame, rows: Rows, answers: Answers, measured: Measured, pipeline: Pipeline
) -> dict[str, Any]:
    """One model's part of the report. Features that the data no longer has are missing values and are
    named.
    """
    costs = pipeline.threshold.costs
    report = classification_report(rows.labels, answers.scores, answers.threshold)
    return {
        **report,
        "intervals": measured.intervals(),
        "threshold_by": _threshold_by(model, pipeline.threshold),
        "profit": costs and _profit(report["confusion"], measured, costs),
        "missing_features": absent_features(test, model.features),
        "trained_by": str(model.metadata.get("run_id", "")),
    }


def _threshold_by(model: Model, rule: ThresholdRule) -> str:
    """What decided a model's threshold: it may have been trained under another rule than today's."""
    # Versions of earlier releases chose theirs by F1.
    return rule.by if rule.fixed is not None else str(model.metadata.get("threshold_by", "f1"))


def _profit(confusion: Mapping[str, int], measured: Measured, costs: Costs) -> dict[str, Any]:
    """What acting on the predicted positives of the test rows would have brought, by row."""
    contacted, positives = confusion["tp"] + confusion["fp"], confusion["tp"] + confusion["fn"]
    rows = sum(confusion.values())
    drawn = measured.replicates
    replicates = costs.profit(drawn["recall"] * drawn["base_rate"], drawn["predicted_rate"])
    ends = interval(replicates)
    return {
        "per_row": round(costs.profit(confusion["tp"], contacted) / rows, DIGITS),
        "interval": ends and [round(end, DIGITS) for end in ends],
        "contacted": contacted,
        "per_row_of_all": round(costs.profit(positives, rows) / rows, DIGITS),
    }


def _comparison(kind: str, name: str, metric: str, gap: Difference) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "metric": metric,
        "rows": gap.sample.rows,
        "challenger": round(gap.one, DIGITS),
        "rival": round(gap.other, DIGITS),
        "difference": round(gap.estimate, DIGITS),
        "interval": [round(end, DIGITS) for end in gap.interval()],
    }


def _floor_version(versions: Sequence[Version], predecessors: Mapping[str, Predecessor]) -> int | None:
    """The version that later ones must keep up with: the best so far, until one is better by more than
    chance; None is the challenger itself.
    """
    if not versions:
        return None
    best = next((one for one in versions if one.role == "floor"), versions[0])
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
