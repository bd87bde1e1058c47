"""Warms the JVM up (class loading, plan compilation) before the first job."""

import logging
import shutil
from pathlib import Path

from pyspark.sql import SparkSession

log = logging.getLogger("daybreak.spark")

_ROWS = [
    '{"event_id": "1", "customer_id": "a", "event_time": "2026-01-01T00:00:00Z", "amount": 1.5}',
    '{"event_id": "2", "customer_id": "b", "event_time": "2026-01-02T00:00:00Z", "amount": 2.5}',
]
_CATALOG = "warm_up"


def run(root: SparkSession, folder: Path) -> None:
    """Runs the jobs' kinds of query on a local Iceberg table: read JSON, deduplicate, aggregate, write."""
    place = folder / "warm-up"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    (place / "events.json").write_text("\n".join(_ROWS))
    session = root.newSession()
    session.conf.set(f"spark.sql.catalog.{_CATALOG}", "org.apache.iceberg.spark.SparkCatalog")
    session.conf.set(f"spark.sql.catalog.{_CATALOG}.type", "hadoop")
    session.conf.set(f"spark.sql.catalog.{_CATALOG}.warehouse", str(place / "warehouse"))
    try:
        _statements(session, place)
    except Exception:
        # Not fatal: the first jobs are only slower.
        log.exception("the Spark session could not be warmed up")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _statements(session: SparkSession, place: Path) -> None:
    schema = "event_id string, customer_id string, event_time timestamp, amount double"
    table = f"{_CATALOG}.shop.events"
    session.read.schema(schema).json(str(place / "events.json")).createOrReplaceTempView("raw")
    session.sql(
        f"CREATE TABLE {table} ({schema}) USING iceberg PARTITIONED BY (days(event_time)) "
        "TBLPROPERTIES ('format-version' = '2')"
    )
    session.sql(
        f"INSERT INTO {table} SELECT event_id, customer_id, event_time, amount FROM "
        "(SELECT *, row_number() OVER (PARTITION BY event_id ORDER BY event_time) AS copy FROM raw) "
        "WHERE copy = 1"
    )
    session.sql(
        f"SELECT r.customer_id, count(*), sum(e.amount), max(e.event_time) FROM {table} e "
        "JOIN raw r ON r.event_id = e.event_id GROUP BY r.customer_id"
    ).collect()
    session.sql(f"SELECT max(snapshot_id) FROM {table}.snapshots").collect()
