"""One event id is kept once: the copy on the earliest line of the earliest file, among those that are
good.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from etl.shared.identity import conflict, is_late_copy, is_published, with_published
from etl.shared.spec import Spec


def dispose(events: DataFrame, known: DataFrame | None, spec: Spec) -> DataFrame:
    """Give every line of the batch its `_outcome`, exactly one:

    - reread: it *is* a published event, read once more because a run ended before it could note the file;
    - quarantined: it is no event, or none that can be taken, for `_reason`;
    - refused: it breaks the row rule `_reason`;
    - duplicate: an event of its id and time is published, or is on an earlier line;
    - quarantined as conflicting_duplicate: so is one of its id, but of another time;
    - new: all others.

    A copy of a published event is not late, however old it is: a batch that is delivered again after weeks
    must not fill the quarantine and halt the run.

    `events` has a `_rule` beside `_reason`: the row rule that an event breaks. `known` holds (id, time,
    _raw_file, _raw_position) of published events.
    """
    is_good = F.col("_reason").isNull() & F.col("_rule").isNull()
    event_id = F.col(spec.event_id).cast("string")
    # A line without an id gets a key of its own, which keeps such lines out of one huge window.
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
    """Take the reason late from copies of published events."""
    return lines.withColumns(
        {name: F.when(~is_late_copy(spec), F.col(name)) for name in ("_reason", "_detail")}
    )
