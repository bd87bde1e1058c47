"""What the jobs do with old rows, old snapshots and small files of their tables."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import contract
import pytest
from etl_shop import Shop, event
from pyspark.sql import functions as F

from etl.shared import maintenance, tables
from etl.shared.job import Workspace, open_workspace

LATER = datetime.now(UTC) + timedelta(days=91)


@pytest.fixture
def published(shop: Shop) -> Shop:
    """Two published batches, the second with a quarantined line."""
    shop.land([event(1, "1998-01-01")])
    shop.publish("1998-01-02")
    shop.land([event(2, "1998-01-02"), "no json"], "1998/01/02/00/batch-2")
    shop.publish("1998-01-03")
    return shop


def workspace(shop: Shop, **retention: dict[str, int]) -> Workspace:
    """The shop's tables, some with a retention."""
    arguments = shop.arguments("1998-01-01")
    datasets = json.loads(arguments["datasets"])
    given = {name: at | retention.get(name, {}) for name, at in datasets.items()}
    contract.check("job-datasets", given)
    return open_workspace(shop.spark, arguments | {"datasets": json.dumps(given)})


def snapshots(work: Workspace, name: str) -> list[int]:
    return [it.snapshotId() for it in tables.load(work.spark, work.table(name)).snapshots()]


def test_old_snapshots_expire_and_the_current_one_stays(published: Shop) -> None:
    work = workspace(published, events={"snapshot_days": 90})
    before, rows = snapshots(work, "events"), published.rows("events", "event_id")
    maintenance.maintain(work, LATER - timedelta(days=2))
    assert snapshots(work, "events") == before
    maintenance.maintain(work, LATER)
    assert snapshots(work, "events") == before[-1:]
    assert published.rows("events", "event_id") == rows
    # Nothing is left to expire, and nothing is committed.
    maintenance.maintain(work, LATER)
    assert snapshots(work, "events") == before[-1:]


def test_a_table_whose_retention_the_job_was_not_given_is_left_alone(published: Shop) -> None:
    work = workspace(published)
    before = snapshots(work, "events")
    maintenance.maintain(work, LATER)
    assert snapshots(work, "events") == before


def test_quarantined_rows_are_deleted_after_their_days_and_then_their_files(published: Shop) -> None:
    work = workspace(published, quarantine={"snapshot_days": 7, "row_days": 90})
    before = snapshots(work, "quarantine")
    maintenance.maintain(work, LATER - timedelta(days=2))
    assert published.rows("quarantine", "reason") == [("not_json",)]
    assert snapshots(work, "quarantine") == before[-1:]
    maintenance.maintain(work, LATER)
    assert published.rows("quarantine", "reason") == []


def test_rows_of_an_earlier_release_are_kept_by_their_as_of_day(published: Shop) -> None:
    work = workspace(published, quarantine={"snapshot_days": 7, "row_days": 90})
    old = published.spark.table(work.table("quarantine")).withColumn(
        "quarantined_at", F.lit(None).cast("timestamp")
    )
    recent = old.withColumn("as_of", F.current_date()).withColumn("reason", F.lit("recent"))
    published.spark.createDataFrame(old.union(recent).collect(), old.schema).writeTo(
        work.table("quarantine")
    ).append()
    maintenance.maintain(work)
    # That of the fixture has the time at which it was quarantined: now, whatever its as-of day.
    assert published.rows("quarantine", "reason") == [("not_json",), ("recent",)]


def test_small_files_are_merged_and_readers_of_new_rows_see_no_rows_twice(
    published: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "FEWEST_FILES", 5)
    for number in range(3, 9):
        published.land([event(number, "1998-01-03")], f"1998/01/03/00/batch-{number}")
        published.publish("1998-01-04")
    work = workspace(published, events={"snapshot_days": 90})
    spark, table = published.spark, work.table("events")
    before, rows = tables.current_snapshot(spark, table), published.rows("events", "event_id")
    maintenance.maintain(work)
    merged = tables.current_snapshot(spark, table)
    assert merged != before
    assert spark.sql(f"SELECT count(*) FROM {table}.files").collect()[0][0] == 1
    assert published.rows("events", "event_id") == rows

    def appended() -> list[Any]:
        found = tables.appended(spark, table, before, tables.current_snapshot(spark, table))
        return [] if found is None else [row.event_id for row in found.collect()]

    assert appended() == []
    published.land([event(10, "1998-01-04")], "1998/01/04/00/batch-10")
    published.publish("1998-01-05")
    assert appended() == ["e10"]
