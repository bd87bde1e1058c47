"""The feature table's own time format, and reading its newest rows."""

from pyspark.sql import DataFrame, Window
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
