"""The pipeline's Iceberg tables: their columns, their layout, and reading them at a snapshot."""

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.errors import JobError
from etl.shared.job import Job
from etl.shared.spec import SPARK_TYPES, Spec

# Copy-on-write: nothing here is ever updated in place (merges only insert, corrections are newer rows), so
# merge-on-read would buy nothing and could leave delete files for every reader to apply. Old metadata is
# dropped by the commit that replaces it, or a table committed to daily keeps a file for each day for ever.
PROPERTIES = {
    "format-version": "2",
    "write.delete.mode": "copy-on-write",
    "write.update.mode": "copy-on-write",
    "write.merge.mode": "copy-on-write",
    "write.metadata.previous-versions-max": "20",
    "write.metadata.delete-after-commit.enabled": "true",
}

# Where a row came from: kept beside the event's own fields, whose names cannot start with an underscore.
ORIGIN = {"_raw_file": "string", "_raw_position": "bigint"}
DISPOSITION = {"_outcome": "string", "_reason": "string", "_detail": "string", "_line": "string"}

QUARANTINE = {
    "raw_file": "string",
    "raw_position": "bigint",
    "stage": "string",
    "reason": "string",
    "detail": "string",
    "event_id": "string",
    "event": "string",
    "as_of": "date",
    "run_id": "string",
}
PROCESSED_FILES = {"raw_file": "string", "bytes": "bigint", "as_of": "date", "run_id": "string"}


def events_columns(spec: Spec) -> dict[str, str]:
    """The columns of `events`."""
    return spec.field_types | ORIGIN


def features_columns(spec: Spec) -> dict[str, str]:
    """The columns of the feature group's offline table, as SageMaker makes them."""
    return {
        spec.entity: "string",
        "event_time": "string",
        **{name: SPARK_TYPES[type_name] for name, type_name in spec.feature_columns.items()},
        "write_time": "timestamp",
        "api_invocation_time": "timestamp",
        "is_deleted": "boolean",
    }


def ensure_events(job: Job) -> None:
    """Make `events` on the first run, add the columns that the pipeline.yaml has gained since."""
    # By month: a day's run writes about a day of events, so a data file spans a day and Iceberg's file
    # statistics prune to the day anyway; daily partitions would only cut the first load of a small shop into
    # hundreds of tiny files.
    columns = events_columns(job.spec)
    _create(job, "events", columns, f"PARTITIONED BY (months({job.spec.event_time}))")
    _evolve(job, "events", columns, "pipeline.yaml's events.fields")


def ensure_quarantine(job: Job) -> None:
    """Make `quarantine` on the first run."""
    _create(job, "quarantine", QUARANTINE, "PARTITIONED BY (as_of)")


def ensure_processed_files(job: Job) -> None:
    """Make `processed_files` on the first run."""
    _create(job, "processed_files", PROCESSED_FILES)


def ensure_features(job: Job) -> None:
    """Check the feature group's offline table; make it where the feature group was created without one."""
    columns = features_columns(job.spec)
    _create(job, "features", columns)
    stored = dict(job.spark.table(job.table("features")).dtypes)
    missing = [name for name in columns if name not in stored]
    if missing:
        raise JobError(
            f"the feature group's table {job.table('features')} has no column {', '.join(missing)}: "
            "features.columns of the pipeline.yaml was extended; deploy the pipeline again so that the "
            "feature group gets it"
        )
    _check_types(job.table("features"), stored, columns, "features.columns")


def replace_staged(job: Job, frame: DataFrame) -> int:
    """Put this run's lines in place of the last run's; returns the snapshot, so that another run cannot
    slip in its own.

    The table is replaced, not emptied: it always has the columns that this version of the pipeline.yaml asks
    for.
    """
    writer = frame.writeTo(job.table("staged")).using("iceberg")
    for key, value in PROPERTIES.items():
        writer = writer.tableProperty(key, value)
    location = _location(job, "staged")
    if location:
        writer = writer.tableProperty("location", location)
    writer.createOrReplace()
    snapshot = current_snapshot(job.spark, job.table("staged"))
    if snapshot is None:
        raise JobError(f"{job.table('staged')} has no snapshot after it was written")
    return snapshot


def has_rows(spark: SparkSession, table: str) -> bool:
    """Whether anything was ever written to a table, which need not exist yet."""
    return spark.catalog.tableExists(table) and current_snapshot(spark, table) is not None


def current_snapshot(spark: SparkSession, table: str) -> int | None:
    """The snapshot a reader sees now; None where nothing was ever written."""
    snapshot = _load(spark, table).currentSnapshot()
    return None if snapshot is None else snapshot.snapshotId()


def added_records(spark: SparkSession, table: str) -> int:
    """How many rows the newest snapshot added, by Iceberg's own count."""
    return int(_load(spark, table).currentSnapshot().summary().get("added-records") or 0)


def at_snapshot(spark: SparkSession, table: str, snapshot: int | None) -> DataFrame:
    """A table as of one snapshot; without one, its columns and no rows."""
    if snapshot is None:
        return spark.table(table).where(F.lit(False))
    return spark.sql(f"SELECT * FROM {table} VERSION AS OF {snapshot}")


def json_snapshot(snapshot: int | None) -> str | None:
    """A snapshot id as reports carry it: text, since JavaScript cannot hold 63 bits in a number."""
    return None if snapshot is None else str(snapshot)


def snapshot_from_json(value: str | None) -> int | None:
    """The inverse of `json_snapshot`."""
    return None if value is None else int(value)


def _load(spark: SparkSession, table: str) -> Any:
    """Iceberg's own view of a table. Its metadata tables say the same, but each question to them is a
    Spark job.
    """
    return spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, table)


def _create(job: Job, name: str, columns: dict[str, str], layout: str = "") -> None:
    listed = ", ".join(f"`{column}` {type_name}" for column, type_name in columns.items())
    properties = ", ".join(f"'{key}'='{value}'" for key, value in PROPERTIES.items())
    location = _location(job, name)
    place = f"LOCATION '{location}'" if location else ""
    job.spark.sql(
        f"CREATE TABLE IF NOT EXISTS {job.table(name)} ({listed}) USING iceberg {layout} {place} "
        f"TBLPROPERTIES ({properties})"
    )


def _location(job: Job, name: str) -> str | None:
    # A catalog of plain folders, as in tests, gives tables their place itself and takes no other.
    uri = job.uri(name)
    return uri if uri.startswith("s3://") else None


def _evolve(job: Job, name: str, columns: dict[str, str], source: str) -> None:
    stored = dict(job.spark.table(job.table(name)).dtypes)
    _check_types(job.table(name), stored, columns, source)
    added = [f"`{column}` {type_name}" for column, type_name in columns.items() if column not in stored]
    if added:
        job.spark.sql(f"ALTER TABLE {job.table(name)} ADD COLUMNS ({', '.join(added)})")


def _check_types(table: str, stored: dict[str, str], wanted: dict[str, str], source: str) -> None:
    for column, type_name in wanted.items():
        if column in stored and stored[column] != type_name:
            raise JobError(
                f"{table}: column {column} is {stored[column]}, but {source} now says {type_name}: a "
                "column's "
                "type cannot change once there is data; give the field another name"
            )
