"""Iceberg tables: creating them, adding columns, and reading them at a snapshot."""

from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.errors import JobError
from etl.shared.job import Workspace

# Copy-on-write: no row is ever updated in place (merges only insert, corrections are newer rows), so
# merge-on-read would gain nothing and could leave delete files for every reader to apply. A commit deletes
# the oldest metadata file; otherwise a table with daily commits would keep one file per day forever.
PROPERTIES = {
    "format-version": "2",
    "write.delete.mode": "copy-on-write",
    "write.update.mode": "copy-on-write",
    "write.merge.mode": "copy-on-write",
    "write.metadata.previous-versions-max": "20",
    "write.metadata.delete-after-commit.enabled": "true",
}


def snapshot_if_any(spark: SparkSession, table: str) -> int | None:
    """The current snapshot; None if the table is empty or does not exist."""
    return current_snapshot(spark, table) if spark.catalog.tableExists(table) else None


def current_snapshot(spark: SparkSession, table: str) -> int | None:
    """The snapshot a reader sees now; None where nothing was ever written."""
    snapshot = load(spark, table).currentSnapshot()
    return None if snapshot is None else snapshot.snapshotId()


def added_records(spark: SparkSession, table: str) -> int:
    """How many rows the newest snapshot added, by Iceberg's own count."""
    return int(load(spark, table).currentSnapshot().summary().get("added-records") or 0)


def appended(spark: SparkSession, table: str, before: int | None, now: int | None) -> DataFrame | None:
    """The rows appended to a table between two snapshots; None if there are none.

    If the snapshots between them have expired, returns all rows: any of them may be new.
    """
    if now is None or before == now:
        return None
    is_ancestor = spark._jvm.org.apache.iceberg.util.SnapshotUtil.isAncestorOf
    if before is None or not is_ancestor(load(spark, table), now, before):
        return at_snapshot(spark, table, now)
    reader = spark.read.format("iceberg").option("start-snapshot-id", before)
    return reader.option("end-snapshot-id", now).load(table)


def may_hold(spark: SparkSession, table: str, column: str, values: list[str]) -> bool:
    """Whether a text column may contain one of the values, by the statistics of the data files. Runs no
    Spark job.
    """
    if not values:
        return False
    expressions = spark._jvm.org.apache.iceberg.expressions.Expressions
    scan = (
        load(spark, table)
        .newScan()
        .filter(expressions.greaterThanOrEqual(column, min(values)))
        .filter(expressions.lessThanOrEqual(column, max(values)))
    )
    files = scan.planFiles()
    try:
        return bool(files.iterator().hasNext())
    finally:
        files.close()


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


def load(spark: SparkSession, table: str) -> Any:
    """The table by Iceberg's own API: a query of its metadata tables would be a Spark job."""
    return spark._jvm.org.apache.iceberg.spark.Spark3Util.loadIcebergTable(spark._jsparkSession, table)


def create(
    job: Workspace,
    name: str,
    columns: dict[str, str],
    layout: str = "",
    properties: dict[str, str] | None = None,
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


def location_of(job: Workspace, name: str) -> str | None:
    """Where a new table's files go; None where the catalog decides that."""
    # A Hadoop catalog, as in the tests, chooses the location itself and refuses any other.
    uri = job.uri(name)
    return uri if uri.startswith("s3://") else None


def evolve(job: Workspace, name: str, columns: dict[str, str], source: str) -> None:
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
