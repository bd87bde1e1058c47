"""Evaluates a challenger and the versions before it on the same test rows: evaluation.json."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from artifact import Model
from bootstrap import interval
from contest import Challenge, Version, features_alone
from encoding import absent_features
from gate import Difference
from leakage import leak_warnings
from measured import Answers, Measured, Rows
from metrics import DIGITS, classification_report
from pipeline import Pipeline
from segments import segment_metrics
from splits import DatasetDescription
from threshold import Costs, ThresholdRule


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

    `versions` are those that Challenge.judge compares it with, and `as_of` is the run's as-of day.
    """
    alone = features_alone(challenger, train, test, description)
    challenge = Challenge.of(challenger, train, test, alone, description, pipeline)
    rivals = [challenge.rival(version, test, pipeline) for version in versions]
    judgement = challenge.judge(rivals, pipeline, as_of)
    predecessors, rows = judgement.predecessors, challenge.rows
    champion = next((one for one in rivals if one.version.role == "champion"), None)
    own = _report(challenger, test, rows, challenge.answers, challenge.measured, pipeline)
    base_rate = float(rows.labels.mean())
    return {
        "challenger": own,
        "champion": champion
        and {
            "version": str(champion.version.number),
            "seen_rows": len(test) - predecessors["champion"].unseen_rows,
            **_report(champion.version.model, test, rows, champion.answers, champion.measured, pipeline),
        },
        "segments": segment_metrics(pipeline.segments, test, challenger.features, rows, challenge.answers),
        "comparisons": [
            *(_comparison("simple model", name, "auc", gap) for name, gap in challenge.simple.items()),
            *(
                _comparison(role, one.name, pipeline.gates.metric, one.difference)
                for role, one in predecessors.items()
                if one.difference
            ),
        ],
        "verdict": judgement.verdict,
        "floor_version": judgement.floor_version,
        "test_rows": len(test),
        "base_rate": round(base_rate, DIGITS),
        # The F1 of always predicting positive, without which an F1 is hard to interpret.
        "always_positive_f1": round(2 * base_rate / (1 + base_rate), DIGITS),
        "warnings": leak_warnings(test, rows.labels, alone, own["metrics"]["auc"]),
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
