"""Parses, types and deduplicates raw files to staged lines, each with its outcome. Publishes nothing."""

import json
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.batch import read_batch, write_batch
from etl.shared.errors import JobError
from etl.shared.job import Job
from etl.shared.row_rules import row_reason
from etl.shared.spec import Release, Spec
from etl.shared.storage import StoredObject, read_optional_json
from etl.sql.mistake import refuse
from etl.sql.query import condition_mistakes
from etl.transform.deduplicate import dispose
from etl.transform.files import History, folder_before, new_files, published_file, read_history
from etl.transform.isolate import Attempts, Span, isolate
from etl.transform.raw import contents, read_events
from etl.transform.replay import files_of, only, selected_lines
from etl.transform.timely import Limits, set_aside_untimely


def run(job: Job, report: dict[str, Any]) -> None:
    """Extract the files not read yet, transform them, load `staged`."""
    history = read_history(job)
    events_snapshot = tables.snapshot_if_any(job.spark, job.table("events"))
    selected = selected_lines(job, job.plan.replay) if job.plan.replay else None
    files = new_files(job, history) if selected is None else files_of(job, selected)
    if job.plan.release:
        files = _of_halted_run(job, job.plan.release, files)
    limits = Limits.of(job, history)
    known = _published_ids(job, events_snapshot, history, limits) if files else None

    def staged(some: list[StoredObject], span: Span | None = None) -> DataFrame:
        lines = read_events(job.spark, job.uri("raw_events"), some, job.spec)
        if span:
            lines = lines.where(F.col("_raw_position").between(*span))
        if selected is not None:
            lines = only(lines, selected)
        return transform(without(lines, attempts.lines), job.spec, known, limits)

    attempts = Attempts.of(job)
    readable = isolate(
        attempts, files, lambda some, span: _discard(staged(some, span)), lambda: published_file(job, history)
    )
    lines = staged(readable)
    if attempts.killers or attempts.lines:
        lines = lines.unionByName(_set_aside(job, attempts, selected), allowMissingColumns=True)
    write_batch(job, files)
    attempts.begin(readable)
    snapshot = _replace_staged(job, lines)
    attempts.end()
    report |= _account(tables.at_snapshot(job.spark, job.table("staged"), snapshot))
    report |= {
        "raw_files": len(files),
        "staged_snapshot_id": str(snapshot),
        "published_as_of": history.published_as_of,
        "events_snapshot_id": tables.json_snapshot(events_snapshot),
        "processed_files_snapshot_id": tables.json_snapshot(history.snapshot),
    }


def transform(lines: DataFrame, spec: Spec, known: DataFrame | None, limits: Limits) -> DataFrame:
    """Parsed lines to every line's event and outcome."""
    for rule in spec.row_rules:
        if rule["rule"] == "expression":
            refuse(condition_mistakes(lines.select(*spec.field_types), rule["name"], rule["sql"]))
    return dispose(set_aside_untimely(lines, spec, limits).withColumn("_rule", row_reason(spec)), known, spec)


def without(lines: DataFrame, left_out: dict[str, dict[int, str]]) -> DataFrame:
    """Removes the lines at the given positions of the given files."""
    for key, positions in left_out.items():
        lines = lines.where((F.col("_raw_file") != key) | ~F.col("_raw_position").isin(*positions))
    return lines


def _of_halted_run(job: Job, release: Release, waiting: list[StoredObject]) -> list[StoredObject]:
    """The files of the halted batch only, because the decision to release covers no others."""
    judged = read_optional_json(job.storage, job.report("quality", release.run_id)) or {"rules": []}
    if not any(not rule["passed"] and rule["severity"] == "halt" for rule in judged["rules"]):
        raise JobError(
            f"no dataset rule has halted a run {release.run_id}, so there is nothing to release. Expected "
            "the run's name from the alert about the halted run"
        )
    halted = {file.key for file in read_batch(job, release.run_id)}
    files = [file for file in waiting if file.key in halted]
    if not files:
        raise JobError(
            f"the files of run {release.run_id} are already published, so there is nothing to release"
        )
    return files


def _discard(lines: DataFrame) -> None:
    """Computes the rows and discards them, to see whether that fails."""
    lines.write.format("noop").mode("overwrite").save()


def _set_aside(job: Job, attempts: Attempts, selected: DataFrame | None) -> DataFrame:
    """Rows for the files that are quarantined as a whole, and for single lines on which the step fails."""
    rows = [
        {"_raw_file": key, "_raw_position": 0, "_reason": "unprocessable_file", "_detail": cause, "_line": ""}
        for key, cause in attempts.killers.items()
    ]
    for key, found in attempts.lines.items():
        texts = contents(job, key, found)
        rows += [
            {
                "_raw_file": key,
                "_raw_position": position,
                "_reason": "unprocessable_line",
                "_detail": cause,
                "_line": texts.get(position, ""),
            }
            for position, cause in found.items()
        ]
    listed = job.spark.sql(
        "SELECT inline(from_json(:rows, 'array<struct<_raw_file: string, _raw_position: bigint, "
        "_reason: string, _detail: string, _line: string>>'))",
        {"rows": json.dumps(rows)},
    ).withColumn("_outcome", F.lit("quarantined"))
    if selected is None:
        return listed
    # In a replay, only the selected lines of a file are quarantined again; its other lines are published.
    wanted = selected.withColumnRenamed("_raw_position", "_wanted")
    position, is_whole = F.col("_raw_position"), F.col("_raw_position") == 0
    is_line = (position == F.col("_wanted")) | (F.col("_to_the_end") & (position >= F.col("_wanted")))
    return (
        listed.join(wanted, "_raw_file")
        .where(is_whole | is_line)
        .withColumn("_raw_position", F.when(is_whole, F.col("_wanted")).otherwise(position))
        .drop("_wanted", "_to_the_end")
        .dropDuplicates(["_raw_file", "_raw_position"])
    )


def _published_ids(job: Job, snapshot: int | None, history: History, limits: Limits) -> DataFrame | None:
    """The IDs that a new event is compared with: those of events that arrived recently, or that happened at
    or after the earliest accepted time.

    Only the data files of that range are read, however long the history is. A copy that arrives even later
    with another time counts as another event, as docs/pipelines.md explains.
    """
    if snapshot is None:
        return None
    time = F.col(job.spec.event_time)
    if job.plan.replay:
        # Replayed lines may be as old as the pipeline.
        recent = F.lit(True)
    else:
        recent = F.col("_raw_file") >= folder_before(history.newest_file, job.spec.remembered_days)
        if limits.earliest:
            recent = recent | (time >= F.lit(limits.earliest).cast("timestamp"))
    return (
        tables.at_snapshot(job.spark, job.table("events"), snapshot)
        .where(recent)
        .select(job.spec.event_id, job.spec.event_time, "_raw_file", "_raw_position")
    )


def _replace_staged(job: Job, frame: DataFrame) -> int:
    """Replaces the last run's lines with this run's; returns the snapshot, from which quality reads them.

    The table is replaced instead of emptied, so that it has the columns of the current pipeline.yaml.
    """
    writer = frame.writeTo(job.table("staged")).using("iceberg")
    for key, value in tables.PROPERTIES.items():
        writer = writer.tableProperty(key, value)
    location = tables.location_of(job, "staged")
    if location:
        writer = writer.tableProperty("location", location)
    writer.createOrReplace()
    snapshot = tables.current_snapshot(job.spark, job.table("staged"))
    if snapshot is None:
        raise JobError(f"{job.table('staged')} has no snapshot after it was written")
    return snapshot


def _account(staged: DataFrame) -> dict[str, Any]:
    counts = staged.groupBy("_outcome", "_reason").count().collect()
    outcome = dict.fromkeys(("new", "refused", "duplicate", "reread", "quarantined"), 0)
    quarantined: dict[str, int] = {}
    for row in counts:
        outcome[row["_outcome"]] += row["count"]
        if row["_outcome"] == "quarantined":
            quarantined[row["_reason"]] = row["count"]
    return {
        "lines_read": sum(outcome.values()),
        "staged_rows": outcome["new"] + outcome["refused"],
        "duplicates_removed": outcome["duplicate"],
        "reread_rows": outcome["reread"],
        "quarantined": dict(sorted(quarantined.items())),
    }
