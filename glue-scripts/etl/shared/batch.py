"""The raw files of a run's batch: transform reads them, and quality records them as processed."""

from etl.shared.job import Job
from etl.shared.storage import StoredObject, read_json, write_json


def write_batch(job: Job, files: list[StoredObject]) -> None:
    """Pass the files of this run's batch to the step that publishes it."""
    write_json(job.storage, job.report("transform-files"), [[file.key, file.bytes] for file in files])


def read_batch(job: Job, run_id: str | None = None) -> list[StoredObject]:
    """The inverse of `write_batch`, for this run or another."""
    uri = job.report("transform-files", run_id)
    return [StoredObject(key, size) for key, size in read_json(job.storage, uri)]
