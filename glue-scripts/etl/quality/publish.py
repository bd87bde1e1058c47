"""Publishing a batch that was found good. Every write is a merge that only inserts what is not there yet,
and `processed_files` comes last: a run that ends anywhere in between is simply run again, to the same end
state.
"""

import json

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.quality.tables import events_columns
from etl.shared import tables
from etl.shared.job import Job
from etl.shared.storage import StoredObject

_SAME_LINE = "t.raw_file = s.raw_file AND t.raw_position = s.raw_position AND "


def publish_events(job: Job, events: DataFrame, first_day: str, last_day: str) -> int:
    """Merge events by their id; returns how many were inserted. The days are those of the oldest and
    newest event: only what the table holds of them is searched for an id.
    """
    time = job.spec.event_time
    return _insert_missing(
        job,
        "events",
        events.select(*events_columns(job.spec)),
        f"t.{job.spec.event_id} = s.{job.spec.event_id} "
        f"AND t.{time} >= TIMESTAMP'{first_day}' AND t.{time} < TIMESTAMP'{last_day}' + INTERVAL 1 DAY",
    )


def publish_quarantine(job: Job, lines: DataFrame, files: list[StoredObject]) -> int:
    """Merge set-aside lines by file and position; returns how many were inserted."""
    return _insert_missing(job, "quarantine", _quarantine_rows(job, lines), _SAME_LINE + _file_range(files))


def settle_replayed(job: Job, lines: DataFrame, files: list[StoredObject]) -> None:
    """Replace what the quarantine says of replayed lines: those that are published, or that repeat a
    published event, leave it; others get their reason of now.
    """
    table, view = job.table("quarantine"), "daybreak_replayed"
    _quarantine_rows(job, lines).createOrReplaceTempView(view)
    try:
        job.spark.sql(
            f"MERGE INTO {table} t USING {view} s ON {_SAME_LINE + _file_range(files)} "
            "WHEN MATCHED AND s.reason IS NULL THEN DELETE "
            "WHEN MATCHED AND s.reason <> t.reason THEN UPDATE SET * "
            "WHEN NOT MATCHED AND s.reason IS NOT NULL THEN INSERT *"
        )
        # The rows of whole files that were read this time.
        job.spark.sql(
            f"DELETE FROM {table} t WHERE t.raw_position = 0 AND {_file_range(files)} AND t.raw_file IN "
            f"(SELECT raw_file FROM {view} WHERE raw_position > 0)"
        )
    finally:
        job.spark.catalog.dropTempView(view)


def _quarantine_rows(job: Job, lines: DataFrame) -> DataFrame:
    spec = job.spec
    event = F.to_json(F.struct(*spec.field_types))
    return lines.select(
        F.col("_raw_file").alias("raw_file"),
        F.col("_raw_position").alias("raw_position"),
        F.when(F.col("_outcome") == "quarantined", F.lit("transform"))
        .otherwise(F.lit("quality"))
        .alias("stage"),
        F.col("_reason").alias("reason"),
        F.col("_detail").alias("detail"),
        F.col(spec.event_id).cast("string").alias("event_id"),
        F.coalesce("_line", event).alias("event"),
        F.lit(job.plan.as_of.isoformat()).cast("date").alias("as_of"),
        F.lit(job.plan.run_id).alias("run_id"),
    )


def publish_processed_files(job: Job, files: list[StoredObject]) -> int:
    """Note the batch's files as processed."""
    # As JSON that the JVM parses: a DataFrame of Python objects would start Python workers.
    listed = json.dumps([{"raw_file": file.key, "bytes": file.bytes} for file in files])
    rows = job.spark.sql(
        "SELECT inline(from_json(:files, 'array<struct<raw_file: string, bytes: bigint>>'))",
        {"files": listed},
    ).select(
        "raw_file",
        "bytes",
        F.lit(job.plan.as_of.isoformat()).cast("date").alias("as_of"),
        F.lit(job.plan.run_id).alias("run_id"),
    )
    return _insert_missing(
        job,
        "processed_files",
        rows,
        "t.raw_file = s.raw_file AND " + _file_range(files),
    )


def _file_range(files: list[StoredObject]) -> str:
    # Names sort by their hour, so their range lets Iceberg skip the data files of other days.
    keys = [file.key.replace("'", "\\'") for file in files]
    return f"t.raw_file >= '{min(keys)}' AND t.raw_file <= '{max(keys)}'"


def _insert_missing(job: Job, name: str, rows: DataFrame, same_row: str) -> int:
    table, view = job.table(name), f"daybreak_new_{name}"
    before = tables.current_snapshot(job.spark, table)
    rows.createOrReplaceTempView(view)
    try:
        job.spark.sql(f"MERGE INTO {table} t USING {view} s ON {same_row} WHEN NOT MATCHED THEN INSERT *")
    finally:
        job.spark.catalog.dropTempView(view)
    after = tables.current_snapshot(job.spark, table)
    return 0 if after is None or after == before else tables.added_records(job.spark, table)
