"""Published events to feature rows: offline for every cutoff of the plan, online for the newest, and the
as-of day's for the score stage.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.features import online_store
from etl.features import rows as feature_rows
from etl.features.state import Computed, published_since
from etl.features.table import ensure_features
from etl.shared import tables
from etl.shared.feature_table import event_time_text, newest_rows, write_rows
from etl.shared.job import Job, iso
from etl.shared.storage import read_optional_json, write_json
from etl.sql.results import features_as_of


@dataclass(frozen=True)
class Changes:
    """Rows to append to the feature table: how many, and how many of them are deletions."""

    rows: DataFrame
    appended: int
    deleted: int


def run(job: Job, report: dict[str, Any], put: online_store.PutRecord | None = None) -> None:
    """Extract the events in reach of the cutoffs, compute their features, load both stores."""
    spec, as_of = job.spec, job.plan.as_of.isoformat()
    ensure_features(job)
    events_snapshot = tables.snapshot_from_json(job.read_report("quality")["events_snapshot_id"])
    computed = Computed.parse(read_optional_json(job.storage, _state_uri(job)), spec.features_definition)
    published = published_since(job, computed.events_snapshot, events_snapshot)
    if published:
        computed.forget_stale(*published, spec.window_days)
    days = computed.to_compute([day.isoformat() for day in job.plan.cutoffs], as_of)

    events = tables.at_snapshot(job.spark, job.table("events"), events_snapshot)
    result = job.keep(transform(events, job, days))
    summary = feature_rows.check_and_summarize(result, spec, days)
    changes = _changes(job, result, summary["rows"], days)
    online_rows = 0
    # All at once: the online store is waited for, and Spark works meanwhile.
    with ThreadPoolExecutor(2) as threads:
        writing = [threads.submit(_append, job, changes.rows)] if changes.appended else []
        if job.plan.champion is not None:
            of_day = result.where(F.date_format("as_of", "yyyy-MM-dd") == as_of)
            writing.append(threads.submit(write_rows, of_day, spec, f"{job.plan.scoring_set_uri}/rows"))
        if as_of == max([*computed.days, *days]):
            # A rerun of the day puts the changed records; the first run, and one after a crash, puts all of
            # them.
            online = (
                changes.rows.where(~F.col("is_deleted"))
                if computed.online == as_of
                else feature_rows.as_rows(result, spec)
            )
            online_rows = _put_online(job, online.where(F.col("event_time") == event_time_text(as_of)), put)
            computed.online, computed.online_at = as_of, iso(datetime.now(UTC))
        for written in writing:
            written.result()
    report |= {
        "cutoffs_computed": len(days),
        "rows_computed": summary["rows"],
        "rows_appended": changes.appended,
        "rows_deleted": changes.deleted,
        "rows_unchanged": summary["rows"] - (changes.appended - changes.deleted),
        "online_rows": online_rows,
        "feature_snapshot_id": tables.json_snapshot(
            tables.current_snapshot(job.spark, job.table("features"))
        ),
        "columns": summary["columns"],
    }
    # Written last: a run that fails before this is repeated, and finds its own rows unchanged.
    computed.days |= set(days)
    computed.events_snapshot = events_snapshot
    write_json(job.storage, _state_uri(job), computed.as_json())


def transform(events: DataFrame, job: Job, days: list[str]) -> DataFrame:
    """Events to (as_of, entity, features) for the given as-of days."""
    return features_as_of(job.spark, job.spec, events, days)


def _changes(job: Job, result: DataFrame, rows: int, days: list[str]) -> Changes:
    """What to append so that the feature table holds the `rows` rows of the result."""
    computed = feature_rows.as_rows(result, job.spec)
    table = job.table("features")
    event_times = [event_time_text(day) for day in days]
    # Most days are new: the file statistics show that nothing is stored for them.
    if not tables.may_hold(job.spark, table, "event_time", event_times):
        return Changes(computed.withColumn("is_deleted", F.lit(False)), rows, 0)
    stored = tables.at_snapshot(job.spark, table, tables.current_snapshot(job.spark, table))
    newest = newest_rows(stored, job.spec, event_times)
    changed = job.keep(feature_rows.changed_rows(computed, newest, job.spec))
    return Changes(
        changed, *changed.agg(F.count(F.lit(1)), F.count(F.when(F.col("is_deleted"), True))).collect()[0]
    )


def _append(job: Job, rows: DataFrame) -> None:
    written = feature_rows.as_written(rows, job.spec, F.current_timestamp())
    # Sorted by event time, so that Iceberg's file statistics find the rows of a cutoff.
    written.sortWithinPartitions("event_time", job.spec.entity).writeTo(job.table("features")).append()


def _put_online(job: Job, rows: DataFrame, put: online_store.PutRecord | None) -> int:
    columns = [job.spec.entity, "event_time", *job.spec.feature_columns]
    records = (online_store.record(row.asDict(), columns) for row in rows.select(*columns).toLocalIterator())
    return online_store.put_records(put or online_store.client(), job.feature_group, records)


def _state_uri(job: Job) -> str:
    return f"{job.uri('feature_state')}/computed.json"
