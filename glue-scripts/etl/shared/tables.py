"""Iceberg tables: creating them, adding columns, and reading them at a snapshot."""

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.errors import JobError
from etl.shared.job import Job

# Copy-on-write: no row is ever updated in place (merges only insert, corrections are newer rows), so
# merge-on-read would gain nothing and could leave delete files for every reader to apply. A commit deletes
# the oldest metadata file; otherwise a table with daily commits would keep one file a day for ever.
PROPERTIES = {
    "format-version": "2",
    "write.delete.mode": "copy-on-write",
    "write.update.mode": "copy-on-write",
    "write.merge.mode": "copy-on-write",
    "write.metadata.previous-versions-max": "20",
    "write.metadata.delete-after-commit.enabled": "true",
}


def has_rows(spark: SparkSession, table: str) -> bool:
    """Whether the table exists and was ever written to."""
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
    """The table by Iceberg's own API: a query of its metadata tables would be a Spark job."""
    return spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, table)


def create(
    job: Job, name: str, columns: dict[str, str], layout: str = "", properties: dict[str, str] | None = None
) -> None:
    """Create a table where there is none."""
    if job.spark.catalog.tableExists(job.table(name)):
        return
    listed = ", ".join(f"`{column}` {type_name}" for column, type_name in columns.items())
    listed_properties = ", ".join(
        f"'{key}'='{value}'" for key, value in (PROPERTIES | (properties or {})).items()
    )
    location = location_of(job, name)
    place = f"LOCATION '{location}'" if location else ""
    job.spark.sql(
        f"CREATE TABLE IF NOT EXISTS {job.table(name)} ({listed}) USING iceberg {layout} {place} "
        f"TBLPROPERTIES ({listed_properties})"
    )


def location_of(job: Job, name: str) -> str | None:
    """Where a new table's files go; None where the catalog decides that."""
    # A Hadoop catalog, as in the tests, chooses the location itself and refuses any other.
    uri = job.uri(name)
    return uri if uri.startswith("s3://") else None


def evolve(job: Job, name: str, columns: dict[str, str], source: str) -> None:
    """Add the columns that a table lacks; `source` is where they are declared."""
    stored = dict(job.spark.table(job.table(name)).dtypes)
    check_types(job.table(name), stored, columns, source)
    added = [f"`{column}` {type_name}" for column, type_name in columns.items() if column not in stored]
    if added:
        job.spark.sql(f"ALTER TABLE {job.table(name)} ADD COLUMNS ({', '.join(added)})")


def check_types(table: str, stored: dict[str, str], wanted: dict[str, str], source: str) -> None:
    """Raise where the type of a stored column differs from the one that `source` declares."""
    for column, type_name in wanted.items():
        if column in stored and stored[column] != type_name:
            raise JobError(
                f"{table}: column {column} is {stored[column]}, but {source} now says {type_name}: the type "
                "of a column cannot change once there is data; give the field another name"
            )
