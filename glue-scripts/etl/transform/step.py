"""Raw files to staged lines: parsed, typed, deduplicated, each with its outcome. Nothing is
published here.
"""

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
from etl.shared.storage import StoredObject
from etl.sql.mistake import refuse
from etl.sql.query import condition_mistakes
from etl.transform.deduplicate import dispose
from etl.transform.files import History, folder_before, new_files, read_history
from etl.transform.isolate import Attempts, isolate
from etl.transform.raw import read_events
from etl.transform.replay import files_of, only, selected_lines
from etl.transform.timely import Limits, set_aside_untimely


def run(job: Job, report: dict[str, Any]) -> None:
    """Extract the files not read yet, transform them, load `staged`."""
    history = read_history(job)
    selected = selected_lines(job, job.plan.replay) if job.plan.replay else None
    files = new_files(job, history) if selected is None else files_of(job, selected)
    if job.plan.release:
        files = _of_halted_run(job, job.plan.release, files)
    limits = Limits.of(job, history)
    known = _published_ids(job, history, limits) if files else None

    def staged(some: list[StoredObject]) -> DataFrame:
        lines = read_events(job.spark, job.uri("raw_events"), some, job.spec)
        return transform(lines if selected is None else only(lines, selected), job.spec, known, limits)

    attempts = Attempts.of(job)
    readable = isolate(attempts, files, lambda some: _discard(staged(some)))
    lines = staged(readable)
    if attempts.killers:
        lines = lines.unionByName(_set_aside(job, attempts.killers), allowMissingColumns=True)
    write_batch(job, files)
    attempts.begin([file.key for file in readable])
    snapshot = _replace_staged(job, lines)
    attempts.end()
    report |= _account(tables.at_snapshot(job.spark, job.table("staged"), snapshot))
    report |= {
        "raw_files": len(files),
        "staged_snapshot_id": str(snapshot),
        "published_as_of": history.published_as_of,
    }


def transform(lines: DataFrame, spec: Spec, known: DataFrame | None, limits: Limits) -> DataFrame:
    """Parsed lines to every line's event and outcome."""
    for rule in spec.row_rules:
        if rule["rule"] == "expression":
            refuse(condition_mistakes(lines.select(*spec.field_types), rule["name"], rule["sql"]))
    return dispose(set_aside_untimely(lines, spec, limits).withColumn("_rule", row_reason(spec)), known, spec)


def _of_halted_run(job: Job, release: Release, waiting: list[StoredObject]) -> list[StoredObject]:
    """The files of the batch that was halted, and no others: nobody has decided about those."""
    halted = {file.key for file in read_batch(job, release.run_id)}
    files = [file for file in waiting if file.key in halted]
    if not files:
        raise JobError(f"nothing of run {release.run_id} waits to be released: its files are published")
    return files


def _discard(lines: DataFrame) -> None:
    """Work everything out, and keep nothing of it."""
    lines.write.format("noop").mode("overwrite").save()


def _set_aside(job: Job, killers: dict[str, str]) -> DataFrame:
    """A line for each file that is set aside as a whole."""
    rows = [{"_raw_file": key, "_detail": cause} for key, cause in killers.items()]
    listed = job.spark.sql(
        "SELECT inline(from_json(:rows, 'array<struct<_raw_file: string, _detail: string>>'))",
        {"rows": json.dumps(rows)},
    )
    return listed.withColumns(
        {
            "_raw_position": F.lit(0).cast("bigint"),
            "_outcome": F.lit("quarantined"),
            "_reason": F.lit("unprocessable_file"),
            "_line": F.lit(""),
        }
    )


def _published_ids(job: Job, history: History, limits: Limits) -> DataFrame | None:
    """The ids that a new event can repeat: those of events that arrived not long ago, or happened since the
    earliest time still accepted.

    Only the data files of that range are read, however long the history is. A copy that comes later than
    that, and with another time, is taken for another event: docs/pipelines.md says so.
    """
    if not tables.has_rows(job.spark, job.table("events")):
        return None
    time = F.col(job.spec.event_time)
    if job.plan.replay:
        # What is replayed may be as old as the pipeline.
        recent = F.lit(True)
    else:
        recent = F.col("_raw_file") >= folder_before(history.newest_file, job.spec.remembered_days)
        if limits.earliest:
            recent = recent | (time >= F.lit(limits.earliest).cast("timestamp"))
    return (
        job.spark.table(job.table("events"))
        .where(recent)
        .select(job.spec.event_id, job.spec.event_time, "_raw_file", "_raw_position")
    )


def _replace_staged(job: Job, frame: DataFrame) -> int:
    """Replace the last run's lines by this run's; returns the snapshot, by which quality reads exactly these.

    The table is replaced, not emptied: it always has the columns that this version of the pipeline.yaml asks
    for.
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
