"""Selects the quarantined lines that are processed again, from their raw files and by the current rules."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.errors import JobError
from etl.shared.job import Job
from etl.shared.quarantine import UNREADABLE_FILE, is_selected
from etl.shared.spec import Replay
from etl.shared.storage import StoredObject


def selected_lines(job: Job, replay: Replay) -> DataFrame:
    """The quarantined lines to replay, as _raw_file, _raw_position and _to_the_end."""
    if tables.snapshot_if_any(job.spark, job.table("quarantine")) is None:
        raise JobError("there is nothing in quarantine to replay")
    lines = job.spark.table(job.table("quarantine")).where(is_selected(replay))
    position = F.col("raw_position")
    # The row of a whole file represents all of its lines; that of an unreadable file, the rest of them.
    to_the_end = (position == 0) | (F.col("reason") == UNREADABLE_FILE)
    return job.keep(
        lines.select(
            F.col("raw_file").alias("_raw_file"),
            position.alias("_raw_position"),
            to_the_end.alias("_to_the_end"),
        )
    )


def files_of(job: Job, selected: DataFrame) -> list[StoredObject]:
    """The raw files that contain the selected lines."""
    names = selected.select(F.col("_raw_file").alias("raw_file")).distinct()
    rows = job.spark.table(job.table("processed_files")).join(names, "raw_file", how="left_semi")
    return [StoredObject(row["raw_file"], row["bytes"]) for row in rows.orderBy("raw_file").collect()]


def only(lines: DataFrame, selected: DataFrame) -> DataFrame:
    """The selected lines among the lines of the files."""
    line, wanted = F.col("_lines._raw_position"), F.col("_selected._raw_position")
    of_file = F.col("_lines._raw_file") == F.col("_selected._raw_file")
    of_line = (line == wanted) | (F.col("_selected._to_the_end") & (line >= wanted))
    return lines.alias("_lines").join(selected.alias("_selected"), of_file & of_line, how="left_semi")
