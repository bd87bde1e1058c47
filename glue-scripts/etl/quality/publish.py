"""Publishes a valid batch: events, then quarantined lines, then the names of the processed files.

If a run is interrupted, the next one completes it with the same result: transform recognizes published
events, and the rows that the interrupted run quarantined are replaced.
"""

import json

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.quality.tables import events_columns
from etl.shared import tables
from etl.shared.job import Job
from etl.shared.quarantine import is_selected, quoted
from etl.shared.storage import StoredObject

_SET_ASIDE = ("quarantined", "refused")


def publish_events(job: Job, lines: DataFrame) -> int:
    """Append the new events; returns their number."""
    columns = events_columns(job.spec)
    stored = job.spark.table(job.table("events")).dtypes
    # Fields that were removed from pipeline.yaml are still columns of the table.
    dropped = [F.lit(None).cast(kind).alias(name) for name, kind in stored if name not in columns]
    events = lines.where(F.col("_outcome") == "new").select(*columns, *dropped)
    events.writeTo(job.table("events")).append()
    return tables.added_records(job.spark, job.table("events"))


def publish_quarantine(job: Job, lines: DataFrame) -> None:
    """Append the quarantined lines."""
    rows = lines.where(F.col("_outcome").isin(*_SET_ASIDE))
    _quarantine_rows(job, rows).writeTo(job.table("quarantine")).append()


def replace_quarantine(job: Job, lines: DataFrame, files: list[StoredObject]) -> None:
    """Update the quarantine for lines that it may already contain: published lines and duplicates are
    removed, the others get their current reason.
    """
    table, view, read = job.table("quarantine"), "daybreak_lines", "daybreak_files"
    mine = lines.where(F.col("_outcome") != "settled")
    _quarantine_rows(job, mine).createOrReplaceTempView(view)
    same_line = "t.raw_file = s.raw_file AND t.raw_position = s.raw_position"
    try:
        job.spark.sql(
            f"MERGE INTO {table} t USING {view} s ON {same_line} AND {_file_range(files)} "
            "WHEN MATCHED AND s.reason IS NULL THEN DELETE "
            "WHEN MATCHED AND s.reason <> t.reason THEN UPDATE SET * "
            "WHEN NOT MATCHED AND s.reason IS NOT NULL THEN INSERT *"
        )
        if job.plan.replay:
            # Rows that represented a whole file, or the rest of one, whose lines have now been read.
            _file_rows(job, files).createOrReplaceTempView(read)
            job.spark.sql(
                f"DELETE FROM {table} t WHERE {_file_range(files)} AND {is_selected(job.plan.replay)} AND "
                f"t.raw_file IN (SELECT raw_file FROM {read}) AND "
                f"NOT EXISTS (SELECT 1 FROM {view} s WHERE {same_line})"
            )
    finally:
        job.spark.catalog.dropTempView(view)
        job.spark.catalog.dropTempView(read)


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
        F.current_timestamp().alias("quarantined_at"),
    )


def publish_processed_files(job: Job, files: list[StoredObject]) -> None:
    """Note files as processed."""
    rows = _file_rows(job, files).select(
        "raw_file",
        "bytes",
        F.lit(job.plan.as_of.isoformat()).cast("date").alias("as_of"),
        F.lit(job.plan.run_id).alias("run_id"),
    )
    rows.writeTo(job.table("processed_files")).append()


def _file_rows(job: Job, files: list[StoredObject]) -> DataFrame:
    # As JSON that the JVM parses: a DataFrame of Python objects would start Python workers.
    listed = json.dumps([{"raw_file": file.key, "bytes": file.bytes} for file in files])
    return job.spark.sql(
        "SELECT inline(from_json(:files, 'array<struct<raw_file: string, bytes: bigint>>'))",
        {"files": listed},
    )


def _file_range(files: list[StoredObject]) -> str:
    # Names sort by their hour, so their range lets Iceberg skip the data files of other days.
    keys = [file.key for file in files]
    return f"t.raw_file >= {quoted(min(keys))} AND t.raw_file <= {quoted(max(keys))}"
