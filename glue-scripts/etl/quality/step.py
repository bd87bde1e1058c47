"""Checks the staged lines, then publishes them, or halts and changes nothing."""

from dataclasses import asdict
from typing import Any

from etl.quality import publish
from etl.quality.meanwhile import settle, settled_files
from etl.quality.rules import Verdict, dataset_rules, judge, measure, refusals
from etl.quality.tables import ensure_events, ensure_processed_files, ensure_quarantine
from etl.shared import tables
from etl.shared.batch import read_batch
from etl.shared.errors import DatasetRuleBroken
from etl.shared.job import Job


def run(job: Job, report: dict[str, Any]) -> None:
    """Extract this run's staged lines, apply the dataset rules, load `events`, `quarantine` and
    `processed_files`.
    """
    transformed = job.read_report("transform")
    files = read_batch(job)
    for ensure in (ensure_events, ensure_quarantine, ensure_processed_files):
        ensure(job)
    staged = tables.at_snapshot(job.spark, job.table("staged"), int(transformed["staged_snapshot_id"]))
    done = settled_files(job, transformed, files)
    lines = settle(job, staged, transformed, done)
    # Lines that were read again after a crash are included: the dataset rules judge the batch as it arrived.
    # Otherwise a rerun, most of whose rows are already published, could break a rule that the first attempt
    # passed.
    # The dataset rules do not apply to replayed lines, which are not a batch as it arrived.
    unjudged = job.plan.replay is not None or _nothing_new_to_judge(job, transformed)
    rules = [] if unjudged else dataset_rules(job.spec, job.plan.as_of)
    measured = measure(lines, job.spec, rules)
    verdicts = judge(measured, rules)
    report |= {
        "rows_in": measured["judged"],
        "rows_published": 0,
        "quarantined": {
            name: measured[f"row.{name}"] for name in refusals(job.spec) if measured[f"row.{name}"]
        },
        "rules": [verdict.as_json() for verdict in verdicts],
        "released": asdict(job.plan.release) if job.plan.release else None,
        "published": False,
        "events_snapshot_id": tables.json_snapshot(tables.current_snapshot(job.spark, job.table("events"))),
    }
    if job.plan.release is None:
        halt_on_broken(verdicts)

    if measured["publishable"]:
        report["rows_published"] = publish.publish_events(job, lines)
    keys = [file.key for file in files]
    if tables.may_hold(job.spark, job.table("quarantine"), "raw_file", keys):
        # Rows that are being replayed, or that an interrupted run left.
        publish.replace_quarantine(job, lines, files)
    elif measured["set_aside"]:
        publish.publish_quarantine(job, lines)
    waiting = [file for file in files if file.key not in done]
    if waiting and not job.plan.replay:
        publish.publish_processed_files(job, waiting)
    snapshot = tables.current_snapshot(job.spark, job.table("events"))
    report |= {"published": True, "events_snapshot_id": tables.json_snapshot(snapshot)}


def halt_on_broken(verdicts: list[Verdict]) -> None:
    """Raise if a rule that halts is broken; the message is the alert's text."""
    broken = [verdict for verdict in verdicts if not verdict.passed and verdict.severity == "halt"]
    if broken:
        listed = "; ".join(f"{one.rule}: expected {one.expected}, was {one.actual}" for one in broken)
        raise DatasetRuleBroken(
            f"nothing was published, {len(broken)} dataset rule(s) broken: {listed}. "
            "A person can release the batch anyway."
        )


def _nothing_new_to_judge(job: Job, transformed: dict[str, Any]) -> bool:
    """Whether there are no files because an earlier run of this as-of day has published them.

    A training run that drift starts on the day of a scheduled run must not fail for lack of new events.
    """
    newest = transformed["published_as_of"]
    return transformed["raw_files"] == 0 and newest is not None and newest >= job.plan.as_of.isoformat()
