"""One event id is kept once: the copy on the earliest line of the earliest file."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from etl.shared.spec import Spec


def dispose(events: DataFrame, known: DataFrame | None, spec: Spec) -> DataFrame:
    """Give every line of the batch its `_outcome`: quarantined, duplicate, reread or new.

    `known` holds (id, _raw_file, _raw_position) of published events. A line that *is* a published event, read
    once more because a run ended before it could note the file, is reread; another line with that event's id
    is a duplicate.
    """
    # A bad line may have no id: a key of its own keeps such lines out of one huge window.
    own_key = F.concat_ws("\u0000", "_raw_file", "_raw_position")
    keyed = events.withColumn(
        "_key", F.when(F.col("_reason").isNull(), F.col(spec.event_id).cast("string")).otherwise(own_key)
    )
    ranked = keyed.withColumn(
        "_copy", F.row_number().over(Window.partitionBy("_key").orderBy("_raw_file", "_raw_position"))
    )
    if known is None:
        matched = ranked.withColumns({"_known_file": F.lit(None), "_known_position": F.lit(None)})
    else:
        published = known.select(
            F.col(spec.event_id).cast("string").alias("_known_key"),
            F.col("_raw_file").alias("_known_file"),
            F.col("_raw_position").alias("_known_position"),
        )
        same_event = (F.col("_key") == F.col("_known_key")) & F.col("_reason").isNull()
        matched = ranked.join(published, same_event, how="left")
    is_reread = (F.col("_raw_file") == F.col("_known_file")) & (
        F.col("_raw_position") == F.col("_known_position")
    )
    outcome = (
        F.when(F.col("_reason").isNotNull(), F.lit("quarantined"))
        .when(is_reread, F.lit("reread"))
        .when(F.col("_known_file").isNotNull() | (F.col("_copy") > 1), F.lit("duplicate"))
        .otherwise(F.lit("new"))
    )
    return matched.select(
        *spec.field_types,
        "_raw_file",
        "_raw_position",
        outcome.alias("_outcome"),
        "_reason",
        "_detail",
        # The line itself is only needed where it is set aside; an event is all its fields.
        F.when(F.col("_reason").isNotNull(), F.col("_line")).alias("_line"),
    )
