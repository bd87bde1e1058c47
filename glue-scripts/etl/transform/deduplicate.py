"""Keeps one event of each ID: of the valid copies, the one on the earliest line of the earliest file."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from etl.shared.identity import conflict, is_late_copy, is_published, with_published
from etl.shared.spec import Spec


def dispose(events: DataFrame, known: DataFrame | None, spec: Spec) -> DataFrame:
    """Gives every line of the batch exactly one `_outcome`:

    - reread: the line is a published event, read again because a run ended before it recorded the file;
    - quarantined: the line is not a valid event; `_reason` says why;
    - refused: the event breaks the row rule `_reason`;
    - duplicate: an event with the same ID and time is published or on an earlier line;
    - quarantined as conflicting_duplicate: such an event has the same ID but another time;
    - new: all other lines.

    A copy of a published event is never late: otherwise a batch that is delivered again after weeks would
    fill the quarantine and halt the run.

    `events` has the column `_rule`, the row rule that an event breaks, in addition to `_reason`. `known` has
    the columns ID, time, _raw_file and _raw_position of published events.
    """
    is_good = F.col("_reason").isNull() & F.col("_rule").isNull()
    event_id = F.col(spec.event_id).cast("string")
    # Each line without an ID gets its own key; otherwise all such lines would be in one huge window.
    own_key = F.concat_ws("\u0000", "_raw_file", "_raw_position")
    keyed = events.withColumn("_key", F.when(F.trim(event_id) != "", event_id).otherwise(own_key))
    copies = Window.partitionBy("_key").orderBy(is_good.desc(), "_raw_file", "_raw_position")
    ranked = keyed.withColumns(
        {"_copy": F.row_number().over(copies), "_first_time": F.first(spec.event_time).over(copies)}
    )
    matched = _forgive_late_copies(with_published(ranked, F.col("_key"), known, spec), spec)
    is_reread = is_published()
    is_copy = F.col("_known_file").isNotNull() | (F.col("_copy") > 1)
    kept_time = F.coalesce("_known_time", "_first_time")
    conflicts = is_good & is_copy & (F.col(spec.event_time) != kept_time)
    outcome = (
        F.when(is_reread, F.lit("reread"))
        .when(F.col("_reason").isNotNull() | conflicts, F.lit("quarantined"))
        .when(F.col("_rule").isNotNull(), F.lit("refused"))
        .when(is_copy, F.lit("duplicate"))
        .otherwise(F.lit("new"))
    )
    reason = F.when(conflicts, F.lit("conflicting_duplicate")).otherwise(F.coalesce("_reason", "_rule"))
    detail = F.when(conflicts, conflict(spec, kept_time)).otherwise(F.col("_detail"))
    return matched.select(
        *spec.field_types,
        "_raw_file",
        "_raw_position",
        outcome.alias("_outcome"),
        F.when(~is_reread, reason).alias("_reason"),
        F.when(~is_reread, detail).alias("_detail"),
        F.when(~is_reread, F.col("_line")).alias("_line"),
    )


def _forgive_late_copies(lines: DataFrame, spec: Spec) -> DataFrame:
    """Removes the reason `late` from copies of published events."""
    return lines.withColumns(
        {name: F.when(~is_late_copy(spec), F.col(name)) for name in ("_reason", "_detail")}
    )
