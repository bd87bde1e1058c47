"""Is the model still right? Scores whose labels have become known, against the promise of the evaluation."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from performance import Estimate, Measured, Shortfall, onset

from etl.monitor import outcomes
from etl.monitor.outcomes import Sampled
from etl.monitor.plan import MaturedDay, QualityPlan
from etl.shared import tables
from etl.shared.job import Workspace, iso
from etl.shared.spec import Spec
from etl.shared.storage import read_json, write_json

SEED = 7
DIGITS = 6
NAMES = {"auc": "AUC", "f1": "F1"}


@dataclass(frozen=True)
class Promise:
    """What the evaluation of a version said of it: its metrics with their intervals, and its threshold."""

    metrics: Mapping[str, float | None]
    intervals: Mapping[str, list[float] | None]
    threshold: float

    @staticmethod
    def parse(evaluation: dict[str, Any]) -> "Promise":
        """From evaluation.json, whose challenger is the version; earlier releases wrote no intervals."""
        own = evaluation["challenger"]
        metrics = own["metrics"] | {"base_rate": evaluation["base_rate"]}
        return Promise(metrics, own.get("intervals", {}), own["threshold"])

    def estimate(self, metric: str) -> Estimate | None:
        """A metric with its standard error; None if the evaluation does not have it."""
        value, ends = self.metrics.get(metric), self.intervals.get(metric)
        return None if value is None or ends is None else Estimate.of_interval(value, ends)


def run(
    work: Workspace, plan: QualityPlan, version: int | None, send: Callable[[dict[str, float]], None]
) -> dict[str, Any]:
    """Judge the new days and every version with scores in the window; returns the report of the check.

    `version` is the one that serves, and `send` takes metrics to CloudWatch.
    """
    now = iso(datetime.now(UTC))
    promises = {
        uri: Promise.parse(read_json(work.storage, uri)) for uri in {day.evaluation_uri for day in plan.days}
    }
    new = [day for day in plan.days if not day.judged]
    snapshot = tables.current_snapshot(work.spark, work.table("events"))
    outcomes.record(work, new, snapshot)
    pooled: dict[int, list[MaturedDay]] = {}
    for day in plan.days:
        if day.as_of >= plan.since:
            pooled.setdefault(day.version, []).append(day)
    versions = [
        _judged(work, days, promises[days[-1].evaluation_uri])
        for _, days in sorted(pooled.items(), reverse=True)
    ]
    report = {
        **_verdict(version, versions),
        "version": version,
        "as_of": plan.as_of,
        "newest_day": plan.days[-1].as_of,
        "metric": work.spec.judged_metric,
        "versions": versions,
        "new_days": [day.as_of for day in new],
        "checked_at": now,
    }
    folder = work.uri("model_quality")
    # Written before the metric is sent, because the alarm that it raises reads it. The days count as judged
    # only afterwards: otherwise what a check finds would be lost if it is interrupted in between.
    write_json(work.storage, f"{folder}/latest.json", report)
    if report["status"] != "skipped":
        send({"QualityShortfall": next(one["strength"] for one in versions if one["version"] == version)})
    for day in new:
        judged = {
            "as_of": day.as_of,
            "run_id": day.run_id,
            "version": day.version,
            **_described(outcomes.read(work, [day]), promises[day.evaluation_uri])[0],
            "events_snapshot_id": tables.json_snapshot(snapshot),
            "judged_at": now,
        }
        write_json(work.storage, f"{folder}/days/{day.as_of}.json", judged)
    write_json(work.storage, f"{folder}/checks/{report['newest_day']}.json", report)
    return report


def _verdict(version: int | None, versions: list[dict[str, Any]]) -> dict[str, Any]:
    """The verdict about the serving version."""
    if version is None:
        return {"status": "skipped", "reason": "no version is serving"}
    own = next((one for one in versions if one["version"] == version), None)
    if own is None:
        return {"status": "skipped", "reason": f"no score of v{version} in the window has a known label yet"}
    return {"status": own["status"], "reason": own["reason"]}


def _judged(work: Workspace, days: list[MaturedDay], promise: Promise) -> dict[str, Any]:
    """What the pooled days of one version say of its promise."""
    spec, found = work.spec, outcomes.read(work, days)
    described, measured = _described(found, promise)
    described |= {"version": days[0].version, "days": [day.as_of for day in days]}
    promised = promise.estimate(spec.judged_metric)
    problem = found.outcomes.too_few
    if promised is None:
        problem = f"the evaluation of v{days[0].version} has no interval of the metric {spec.judged_metric}"
    if problem is not None or promised is None:
        return described | {
            "status": "skipped",
            "reason": problem,
            "p_value": None,
            "strength": 0,
            "onset": None,
        }
    shortfall = Shortfall(promised, measured[spec.judged_metric].estimate)
    broken = shortfall.is_broken(spec.quality_alpha)
    return described | {
        "status": "broken" if broken else "kept",
        "reason": _reason(described, spec),
        "p_value": shortfall.p_value,
        "strength": round(min(shortfall.strength(spec.quality_alpha), 1e6), DIGITS),
        "onset": onset(found.days, found.outcomes, promised, spec.judged_metric, promise.threshold, SEED)
        if broken
        else None,
    }


def _described(found: Sampled, promise: Promise) -> tuple[dict[str, Any], dict[str, Measured]]:
    """The numbers of some rows for a report, and their metrics."""
    measured = found.outcomes.metrics(promise.threshold, SEED)
    return {
        "rows": found.rows,
        "positives": found.positives,
        "measured_rows": len(found.outcomes.labels),
        "threshold": promise.threshold,
        "metrics": {
            name: {
                "value": _figure(one.estimate.value),
                "interval": one.interval and [_figure(end) for end in one.interval],
                "promised": promise.metrics.get(name),
                "promised_interval": promise.intervals.get(name),
            }
            for name, one in measured.items()
        },
    }, measured


def _reason(described: dict[str, Any], spec: Spec) -> str:
    one = described["metrics"][spec.judged_metric]
    days = described["days"]
    over = f"as of {days[0]}" if len(days) == 1 else f"of {len(days)} as-of days ({days[0]} to {days[-1]})"
    return (
        f"{NAMES[spec.judged_metric]} {_with_interval(one['value'], one['interval'])} on {described['rows']} "
        f"scores {over}; "
        f"the evaluation of v{described['version']} promised "
        f"{_with_interval(one['promised'], one['promised_interval'])}"
    )


def _with_interval(value: float, ends: list[float]) -> str:
    return f"{value:.3f} [{ends[0]:.3f}, {ends[1]:.3f}]"


def _figure(value: float) -> float | None:
    return round(value, DIGITS) if math.isfinite(value) else None
