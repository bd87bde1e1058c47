"""The feature table's own time format, its newest rows, equality of its values, and its rows as a file."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from etl.shared.spec import Spec

# A cutoff as the feature group's event time.
EVENT_TIME_FORMAT = "yyyy-MM-dd'T'HH:mm:ss'Z'"


def event_time_text(day: str) -> str:
    """The event time of an as-of day."""
    return f"{day}T00:00:00Z"


def newest_rows(stored: DataFrame, spec: Spec, event_times: list[str]) -> DataFrame:
    """The newest write of every (entity, event_time) among the given event times, deletions included."""
    newest = Window.partitionBy(spec.entity, "event_time").orderBy(
        F.desc("write_time"), F.desc("api_invocation_time"), F.desc("is_deleted")
    )
    return (
        stored.where(F.col("event_time").isin(event_times))
        .withColumn("_rank", F.row_number().over(newest))
        .where(F.col("_rank") == 1)
        .drop("_rank")
    )


def is_same(one: Column, other: Column, declared: str) -> Column:
    """Whether two values of a feature are the same, doubles within a billionth: sums differ in their last
    digits with the order in which Spark adds them up.
    """
    if declared != "double":
        return one.eqNullSafe(other)
    close = F.abs(one - other) <= F.lit(1e-9) * F.greatest(F.abs(one), F.abs(other))
    return one.eqNullSafe(other) | F.coalesce(close, F.lit(False))


def write_rows(rows: DataFrame, spec: Spec, uri: str, *more: Column) -> None:
    """Write (as_of, entity, features, `more`) as one Parquet file: equal rows give equal bytes."""
    ordered = (
        rows.select(
            F.date_format("as_of", "yyyy-MM-dd").alias("as_of"), spec.entity, *spec.feature_columns, *more
        )
        .coalesce(1)
        .sortWithinPartitions("as_of", spec.entity)
    )
    # No _SUCCESS file beside it: SageMaker would hand it to the script.
    ordered.write.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false").parquet(
        uri, mode="overwrite"
    )
