"""Keeps the tables that a job writes within bounds: deletes rows that may no longer be kept, expires old
snapshots with the files that only they need, and merges small files.

The jobs do this and not Glue's table optimizers: an optimizer belongs to a table that exists when the stack
is deployed, and most of these tables are created by the jobs.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from etl.shared.job import Dataset, Workspace
from etl.shared.tables import load

# Where fewer data files are read, merging them gains nothing.
FEWEST_FILES = 100


def maintain(work: Workspace, now: datetime | None = None) -> None:
    """Maintain every table whose retention this job was given: that of the tables that it writes."""
    for name, dataset in work.datasets.items():
        if dataset.snapshot_days is None or not work.spark.catalog.tableExists(work.table(name)):
            continue
        done = _maintain(work, work.table(name), dataset, now or datetime.now(UTC))
        if done:
            print(f"Maintained the table {name}: {', '.join(done)}")


def _maintain(work: Workspace, table: str, dataset: Dataset, now: datetime) -> list[str]:
    done = []
    iceberg = load(work.spark, table)
    if dataset.row_days is not None:
        before = now - timedelta(days=dataset.row_days)
        if _delete_rows(work, table, iceberg, before):
            done.append(f"deleted rows older than {dataset.row_days} days")
            iceberg.refresh()
    files = _merge_files(work, iceberg, dataset.table)
    if files:
        done.append(f"merged {files} small files")
        iceberg.refresh()
    expired = _expire(iceberg, now - timedelta(days=dataset.snapshot_days or 0))
    if expired:
        done.append(f"expired {expired} snapshots older than {dataset.snapshot_days} days")
    return done


def _delete_rows(work: Workspace, table: str, iceberg: Any, before: datetime) -> bool:
    """Delete the rows that were quarantined before a time; rows of an earlier release have only their as-of
    day.
    """
    expressions = work.spark._jvm.org.apache.iceberg.expressions.Expressions
    moment = before.isoformat()
    # By the statistics of the data files: most days have nothing to delete, and then no Spark job runs.
    may_match = getattr(expressions, "or")(
        expressions.lessThan("quarantined_at", moment), expressions.isNull("quarantined_at")
    )
    files = iceberg.newScan().filter(may_match).planFiles()
    try:
        if not files.iterator().hasNext():
            return False
    finally:
        files.close()
    work.spark.sql(
        f"DELETE FROM {table} WHERE quarantined_at < TIMESTAMP '{moment}' "
        f"OR (quarantined_at IS NULL AND as_of < DATE '{before:%Y-%m-%d}')"
    )
    return True


def _merge_files(work: Workspace, iceberg: Any, name: str | None) -> int:
    snapshot = iceberg.currentSnapshot()
    if snapshot is None or int(snapshot.summary().get("total-data-files") or 0) < FEWEST_FILES:
        return 0
    merged = work.spark.sql(
        f"CALL lake.system.rewrite_data_files(table => '{name}', options => map('min-input-files', '5'))"
    )
    return int(merged.collect()[0]["rewritten_data_files_count"])


def _expire(iceberg: Any, before: datetime) -> int:
    current, cutoff = iceberg.currentSnapshot(), int(before.timestamp() * 1000)
    old = [
        snapshot.snapshotId()
        for snapshot in iceberg.snapshots()
        if snapshot.timestampMillis() < cutoff and snapshot.snapshotId() != current.snapshotId()
    ]
    if old:
        iceberg.expireSnapshots().expireOlderThan(cutoff).retainLast(1).commit()
    return len(old)
