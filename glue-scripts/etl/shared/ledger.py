"""Which raw files a run has to read: those that no published run has read. The cost grows with what is
new.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame

from etl.shared import tables
from etl.shared.job import Job
from etl.shared.storage import StoredObject, read_json, write_json

# Firehose names a file by the hour of its first record, and may deliver it a day late after failed attempts.
_LATE_FILES = timedelta(days=2)


@dataclass(frozen=True)
class History:
    """What earlier published runs have left."""

    newest_file: str | None
    # The newest as-of day of any run, this one's own first attempt included, and of the runs before this one.
    published_as_of: str | None
    earlier_as_of: str | None

    def earliest_accepted(self, allowed_lateness_days: int) -> str | None:
        """The day before which an event is late; None as long as nothing was published."""
        if self.earlier_as_of is None:
            return None
        return (date.fromisoformat(self.earlier_as_of) - timedelta(days=allowed_lateness_days)).isoformat()


def read_history(job: Job) -> History:
    """What the ledger says of the runs so far; there is none before the first publication."""
    if not tables.has_rows(job.spark, job.table("processed_files")):
        return History(None, None, None)
    row = job.spark.sql(
        "SELECT max(raw_file), string(max(as_of)), "
        f"string(max(as_of) FILTER (WHERE run_id <> '{job.plan.run_id}')) FROM {job.table('processed_files')}"
    ).collect()[0]
    return History(*row)


def listing_start(newest_file: str | None) -> str:
    """The key after which new files can be: a little before the newest that was read."""
    day = re.match(r"(\d{4})/(\d{2})/(\d{2})/", newest_file or "")
    if not day:
        return ""
    start = date(*(int(part) for part in day.groups())) - _LATE_FILES
    return f"{start:%Y/%m/%d}"


def new_files(job: Job, history: History) -> list[StoredObject]:
    """The raw files that no published run has read, in the order of their names."""
    start = listing_start(history.newest_file)
    listed = [file for file in job.storage.list_objects(job.uri("raw_events"), start) if file.bytes > 0]
    if not listed or history.newest_file is None:
        return listed
    known = job.spark.sql(
        f"SELECT raw_file FROM {job.table('processed_files')} WHERE raw_file > '{start}'"
    ).collect()
    done = {row[0] for row in known}
    return [file for file in listed if file.key not in done]


def write_batch(job: Job, files: list[StoredObject]) -> None:
    """Note the files of this run's batch for the job that publishes."""
    write_json(job.storage, job.report("transform-files"), [[file.key, file.bytes] for file in files])


def read_batch(job: Job) -> list[StoredObject]:
    """The inverse of `write_batch`."""
    return [StoredObject(key, size) for key, size in read_json(job.storage, job.report("transform-files"))]


def ledger_rows(job: Job, files: list[StoredObject]) -> DataFrame:
    """Rows of `processed_files` for a batch."""
    schema = ", ".join(f"{name} {type_name}" for name, type_name in tables.PROCESSED_FILES.items())
    rows = [(file.key, file.bytes, job.plan.as_of, job.plan.run_id) for file in files]
    return job.spark.createDataFrame(rows, schema)
