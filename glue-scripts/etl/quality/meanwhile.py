"""Takes into account what other runs have published since this run's transform read the tables.

Each Glue job runs only once at a time, but other runs may come between a run's transform and its quality.
They may publish the same lines, or an event with an ID that is staged here as new.
"""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.identity import conflict, is_late_copy, is_published, with_published
from etl.shared.job import Job
from etl.shared.spec import Spec
from etl.shared.storage import StoredObject


def settled_files(job: Job, transformed: dict[str, Any], files: list[StoredObject]) -> set[str]:
    """The files of the batch that another run has published completely."""
    table = job.table("processed_files")
    before = tables.snapshot_from_json(transformed["processed_files_snapshot_id"])
    noted = tables.appended(job.spark, table, before, tables.current_snapshot(job.spark, table))
    # A replay reads files that are processed already.
    if noted is None or job.plan.replay:
        return set()
    return {row[0] for row in noted.select("raw_file").collect()} & {file.key for file in files}


def settle(job: Job, staged: DataFrame, transformed: dict[str, Any], done: set[str]) -> DataFrame:
    """Updates the outcomes of the staged lines to what is published now.

    Lines of the files `done` become settled: the dataset rules still judge them, but they are not published
    again. Duplicates stay what they are, since the rules do not judge them. A new event whose ID has been
    published becomes reread or duplicate, or is refused as conflicting_duplicate.
    """
    table = job.table("events")
    before = tables.snapshot_from_json(transformed["events_snapshot_id"])
    published = tables.appended(job.spark, table, before, tables.current_snapshot(job.spark, table))
    lines = staged if published is None else _beside_published(staged, published, job.spec)
    if done:
        settled = F.col("_raw_file").isin(*done) & (F.col("_outcome") != "duplicate")
        lines = lines.withColumn("_outcome", F.when(settled, F.lit("settled")).otherwise(F.col("_outcome")))
    return lines


def _beside_published(staged: DataFrame, published: DataFrame, spec: Spec) -> DataFrame:
    matched = with_published(staged, F.col(spec.event_id).cast("string"), published, spec)
    is_reread = is_published()
    is_event = F.col("_outcome").isin("new", "duplicate") | is_late_copy(spec)
    is_copy = F.col("_known_file").isNotNull() & is_event & ~is_reread
    conflicts = is_copy & (F.col(spec.event_time) != F.col("_known_time"))
    outcome = (
        F.when(is_reread, F.lit("reread"))
        .when(conflicts, F.lit("refused"))
        .when(is_copy, F.lit("duplicate"))
        .otherwise(F.col("_outcome"))
    )
    is_settled = is_reread | is_copy
    reason = F.when(conflicts, F.lit("conflicting_duplicate")).when(~is_settled, F.col("_reason"))
    detail = F.when(conflicts, conflict(spec, F.col("_known_time"))).when(~is_settled, F.col("_detail"))
    return matched.withColumns({"_outcome": outcome, "_reason": reason, "_detail": detail}).select(
        *staged.columns
    )
