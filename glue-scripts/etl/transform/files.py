"""Finds the raw files that a run has to read: those that no published run has processed.

The cost depends on the number of new files, not on the history.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.job import Job
from etl.shared.storage import StoredObject

# Firehose names a file after the hour of its first record, and retries a failed delivery for up to a day.
_LATE_FILES_DAYS = 2


@dataclass(frozen=True)
class History:
    """What earlier published runs have processed."""

    # The snapshot of `processed_files` that was read.
    snapshot: int | None
    newest_file: str | None
    # The newest as-of day of all runs, including an earlier attempt of this one, and of the other runs.
    published_as_of: str | None
    earlier_as_of: str | None

    def earliest_accepted(self, allowed_lateness_days: int) -> str | None:
        """The day before which an event is late; None if nothing has been published yet."""
        if self.earlier_as_of is None:
            return None
        return (date.fromisoformat(self.earlier_as_of) - timedelta(days=allowed_lateness_days)).isoformat()


def read_history(job: Job) -> History:
    """The history according to `processed_files`."""
    snapshot = tables.snapshot_if_any(job.spark, job.table("processed_files"))
    if snapshot is None:
        return History(None, None, None, None)
    files = tables.at_snapshot(job.spark, job.table("processed_files"), snapshot)
    # Iceberg answers the maximum of a whole column from its statistics, without reading a data file.
    newest_file, published = files.agg(F.max("raw_file"), F.max("as_of")).collect()[0]
    earlier = published
    if published >= job.plan.as_of:
        # Only then can this run itself have published before.
        earlier = files.where(F.col("run_id") != job.plan.run_id).agg(F.max("as_of")).collect()[0][0]
    return History(snapshot, newest_file, published.isoformat(), earlier and earlier.isoformat())


def folder_before(newest_file: str | None, days: int) -> str:
    """The folder of the day so many days before the newest file; "" if files are not named by hour."""
    day = re.match(r"(\d{4})/(\d{2})/(\d{2})/", newest_file or "")
    if not day:
        return ""
    start = date(*(int(part) for part in day.groups())) - timedelta(days=days)
    return f"{start:%Y/%m/%d}"


def new_files(job: Job, history: History) -> list[StoredObject]:
    """The raw files that no published run has read, in the order of their names."""
    start = folder_before(history.newest_file, _LATE_FILES_DAYS)
    listed = [file for file in job.storage.list_objects(job.uri("raw_events"), start) if file.bytes > 0]
    if not listed or history.newest_file is None:
        return listed
    processed = tables.at_snapshot(job.spark, job.table("processed_files"), history.snapshot)
    processed = processed.where(F.col("raw_file") > start)
    done = {row[0] for row in processed.select("raw_file").collect()}
    return [file for file in listed if file.key not in done]


def published_file(job: Job, history: History) -> list[StoredObject]:
    """The newest file that a published run has read, if it is still there."""
    start = folder_before(history.newest_file, _LATE_FILES_DAYS)
    listed = job.storage.list_objects(job.uri("raw_events"), start)
    return [file for file in listed if file.key == history.newest_file]
