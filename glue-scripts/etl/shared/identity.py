"""Joins lines to the published events with the same ID."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.shared.spec import Spec

# The reason of an event that comes too late.
LATE = "late"
_ORIGIN = ("_raw_file", "_raw_position")


def with_published(lines: DataFrame, key: Column, published: DataFrame | None, spec: Spec) -> DataFrame:
    """Adds `_known_file`, `_known_position` and `_known_time` of the published event whose ID is `key`; null
    if there is none.

    `published` has the columns ID, time, _raw_file and _raw_position.
    """
    if published is None:
        return lines.withColumns(
            {
                "_known_file": F.lit(None).cast("string"),
                "_known_position": F.lit(None).cast("bigint"),
                "_known_time": F.lit(None).cast("timestamp"),
            }
        )
    # One row per ID, even if an earlier version published two: the join must not duplicate lines.
    known = published.groupBy(F.col(spec.event_id).cast("string").alias("_known_key")).agg(
        F.min(F.struct(*_ORIGIN, spec.event_time)).alias("_known")
    )
    joined = lines.join(known, key == F.col("_known_key"), how="left")
    return joined.withColumns(
        {
            "_known_file": F.col("_known._raw_file"),
            "_known_position": F.col("_known._raw_position"),
            "_known_time": F.col(f"_known.{spec.event_time}"),
        }
    ).drop("_known", "_known_key")


def is_published() -> Column:
    """Whether a line is the published event that it was joined to."""
    return F.col("_known_file").eqNullSafe(F.col("_raw_file")) & F.col("_known_position").eqNullSafe(
        F.col("_raw_position")
    )


def is_late_copy(spec: Spec) -> Column:
    """Whether a late line is a copy of the published event that it was joined to: then it is a duplicate."""
    return F.col("_reason").eqNullSafe(LATE) & F.col("_known_time").eqNullSafe(F.col(spec.event_time))


def conflict(spec: Spec, kept_time: Column) -> Column:
    """The quarantine detail of an ID that was published with another time."""
    shown = F.date_format(kept_time, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
    return F.concat(F.lit(f"an event with this {spec.event_id} happened at "), shown)
