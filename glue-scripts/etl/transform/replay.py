"""Quarantined lines, processed once more: from their raw files, by the rules of now."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.errors import JobError
from etl.shared.job import Job
from etl.shared.spec import Replay
from etl.shared.storage import StoredObject


def selected_lines(job: Job, replay: Replay) -> DataFrame:
    """(_raw_file, _raw_position) of the quarantined lines to replay; position 0 means the whole file."""
    if not tables.has_rows(job.spark, job.table("quarantine")):
        raise JobError("there is nothing in quarantine to replay")
    lines = job.spark.table(job.table("quarantine"))
    if replay.reason is not None:
        lines = lines.where(F.col("reason") == replay.reason)
    if replay.run_id is not None:
        lines = lines.where(F.col("run_id") == replay.run_id)
    return job.keep(
        lines.select(F.col("raw_file").alias("_raw_file"), F.col("raw_position").alias("_raw_position"))
    )


def files_of(job: Job, selected: DataFrame) -> list[StoredObject]:
    """The files that selected lines are in."""
    names = selected.select(F.col("_raw_file").alias("raw_file")).distinct()
    rows = job.spark.table(job.table("processed_files")).join(names, "raw_file", how="left_semi")
    return [StoredObject(row["raw_file"], row["bytes"]) for row in rows.orderBy("raw_file").collect()]


def only(lines: DataFrame, selected: DataFrame) -> DataFrame:
    """Those of the files' lines that are selected."""
    file, position = F.col("_selected._raw_file"), F.col("_selected._raw_position")
    of_file = F.col("_lines._raw_file") == file
    of_line = (F.col("_lines._raw_position") == position) | (position == 0)
    return lines.alias("_lines").join(selected.alias("_selected"), of_file & of_line, how="left_semi")
