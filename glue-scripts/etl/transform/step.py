"""Raw files to staged lines: parsed, typed, deduplicated, each with its outcome. Nothing is
published here.
"""

import re
from datetime import timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.batch import write_batch
from etl.shared.errors import JobError
from etl.shared.job import Job
from etl.shared.storage import StoredObject
from etl.transform.deduplicate import dispose
from etl.transform.files import new_files, read_history
from etl.transform.parse import parse_events, set_aside_untimely, split_lines


def run(job: Job, report: dict[str, Any]) -> None:
    """Extract the files not read yet, transform them, load `staged`."""
    history = read_history(job)
    files = new_files(job, history)
    earliest = history.earliest_accepted(job.spec.allowed_lateness_days)
    end = (job.plan.as_of + timedelta(days=1)).isoformat()
    staged = transform(
        _read_files(job, files),
        job,
        known=_published_ids(job, earliest, end) if files else None,
        earliest=earliest,
        end=end,
    )
    write_batch(job, files)
    snapshot = _replace_staged(job, staged)
    report |= _account(tables.at_snapshot(job.spark, job.table("staged"), snapshot))
    report |= {
        "raw_files": len(files),
        "staged_snapshot_id": str(snapshot),
        "published_as_of": history.published_as_of,
    }


def transform(
    files: DataFrame, job: Job, known: DataFrame | None, earliest: str | None, end: str
) -> DataFrame:
    """(_raw_file, text) to every line's event and outcome."""
    events = parse_events(split_lines(files), job.spec)
    return dispose(set_aside_untimely(events, job.spec, earliest, end), known, job.spec)


def _read_files(job: Job, files: list[StoredObject]) -> DataFrame:
    if not files:
        return job.spark.sql("SELECT '' AS _raw_file, '' AS text WHERE false")
    root = job.uri("raw_events")
    addresses = [f"{root}/{file.key}" for file in files]
    # Spark names the file with a scheme of its own: what follows the dataset's folder is the file's key.
    folder = re.escape(root.rpartition("://")[2].lstrip("/"))
    key = F.regexp_extract("_metadata.file_path", f"/{folder}/(.*)$", 1)
    return job.spark.read.text(addresses, wholetext=True).select(
        key.alias("_raw_file"), F.col("value").alias("text")
    )


def _published_ids(job: Job, earliest: str | None, end: str) -> DataFrame | None:
    """The published events whose id a new event can repeat.

    A new event lies between the earliest time still accepted and the end of the as-of day, and a copy of it
    happened at the same time: only the partitions of that range are read, however long the history is.
    """
    if not tables.has_rows(job.spark, job.table("events")):
        return None
    time = F.col(job.spec.event_time)
    within = time < F.lit(end).cast("timestamp")
    if earliest:
        within = within & (time >= F.lit(earliest).cast("timestamp"))
    return (
        job.spark.table(job.table("events"))
        .where(within)
        .select(job.spec.event_id, "_raw_file", "_raw_position")
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
    outcome = dict.fromkeys(("new", "duplicate", "reread", "quarantined"), 0)
    quarantined: dict[str, int] = {}
    for row in counts:
        outcome[row["_outcome"]] += row["count"]
        if row["_reason"] is not None:
            quarantined[row["_reason"]] = row["count"]
    return {
        "lines_read": sum(outcome.values()),
        "staged_rows": outcome["new"],
        "duplicates_removed": outcome["duplicate"],
        "reread_rows": outcome["reread"],
        "quarantined": dict(sorted(quarantined.items())),
    }
