"""The tables that quality writes: their columns and their layout."""

from etl.shared.job import Job
from etl.shared.quarantine import COLUMNS
from etl.shared.spec import Spec
from etl.shared.tables import create, evolve

# Where an event came from: kept beside its own fields, whose names cannot start with an underscore.
_ORIGIN = {"_raw_file": "string", "_raw_position": "bigint"}
_PROCESSED_FILES = {"raw_file": "string", "bytes": "bigint", "as_of": "date", "run_id": "string"}
# Full file names in the statistics let Iceberg find a file's rows without reading data files.
_FILE_STATISTICS = {"write.metadata.metrics.column.raw_file": "full"}


def events_columns(spec: Spec) -> dict[str, str]:
    """The columns of `events`."""
    return spec.field_types | _ORIGIN


def ensure_events(job: Job) -> None:
    """Create `events` on the first run; later add the columns that pipeline.yaml has gained."""
    # By month: a day's run writes about a day of events, so a data file spans a day and Iceberg's file
    # statistics prune to the day anyway; daily partitions would only cut the first load of a small shop into
    # hundreds of tiny files.
    columns = events_columns(job.spec)
    create(job, "events", columns, f"PARTITIONED BY (months({job.spec.event_time}))")
    evolve(job, "events", columns, "pipeline.yaml's events.fields")


def ensure_quarantine(job: Job) -> None:
    """Create `quarantine` on the first run; later add the columns that a release has added."""
    create(job, "quarantine", COLUMNS, "PARTITIONED BY (as_of)", _FILE_STATISTICS)
    evolve(job, "quarantine", COLUMNS, "this release")


def ensure_processed_files(job: Job) -> None:
    """Create `processed_files` on the first run."""
    create(job, "processed_files", _PROCESSED_FILES, properties=_FILE_STATISTICS)
