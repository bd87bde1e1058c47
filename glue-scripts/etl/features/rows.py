"""Feature rows: checked against the declared columns, compared with the stored rows."""

from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.shared.errors import SqlError
from etl.shared.feature_table import EVENT_TIME_FORMAT, event_time_text, is_same
from etl.shared.spec import SPARK_TYPES, Spec


def event_time_of(as_of: Column) -> Column:
    """A cutoff as the feature group's event time."""
    return F.date_format(as_of, EVENT_TIME_FORMAT)


def check_and_summarize(result: DataFrame, spec: Spec, cutoffs: list[str]) -> dict[str, Any]:
    """Raise if the rows cannot be feature rows; otherwise return their number and a summary of each column,
    in one pass.

    `result` is what `query_features` returns, and `cutoffs` are the as-of days that were asked for.
    """
    day = F.date_format("as_of", EVENT_TIME_FORMAT)
    expected = [event_time_text(cutoff) for cutoff in cutoffs]
    keys = {
        "rows": F.count(F.lit(1)),
        "no_entity": F.count(F.when(F.col(spec.entity).isNull() | (F.trim(spec.entity) == ""), True)),
        "other_as_of": F.count(F.when(day.isNull() | ~day.isin(expected), True)),
        "distinct": F.count_distinct(F.struct("as_of", spec.entity)),
    }
    columns = {
        f"{name}.{what}": value
        for name, declared in spec.feature_columns.items()
        for what, value in _column_summary(name, declared).items()
    }
    row = result.agg(*[value.alias(name) for name, value in (keys | columns).items()]).collect()[0].asDict()
    problems = []
    if row["no_entity"]:
        problems.append(f"{row['no_entity']} rows have no {spec.entity}")
    if row["other_as_of"]:
        problems.append(
            f"{row['other_as_of']} rows have an as_of that is not in the view events (select it unchanged)"
        )
    if row["distinct"] < row["rows"]:
        repeated = row["rows"] - row["distinct"]
        problems.append(f"{repeated} rows repeat an (as_of, {spec.entity}) (group by both)")
    if problems:
        raise SqlError(f"features.sql: of {row['rows']} rows {'; '.join(problems)}")
    summary: dict[str, dict[str, Any]] = {name: {"type": kind} for name, kind in spec.feature_columns.items()}
    for key in columns:
        name, _, what = key.rpartition(".")
        summary[name][what] = row[key]
    return {"rows": row["rows"], "columns": summary}


def as_rows(result: DataFrame, spec: Spec) -> DataFrame:
    """(as_of, entity, features) to (entity, event_time, features)."""
    return result.select(
        spec.entity, event_time_of(F.col("as_of")).alias("event_time"), *spec.feature_columns
    )


def changed_rows(computed: DataFrame, newest: DataFrame, spec: Spec) -> DataFrame:
    """(entity, event_time, features, is_deleted) to append so that the newest writes equal the rows
    `computed`.

    What is stored but computed no longer is appended as deleted. Doubles count as equal within a billionth:
    sums differ in their last bits with the order in which Spark adds them up, and a rerun must append
    nothing.
    """
    keys = [spec.entity, "event_time"]
    columns = list(spec.feature_columns)
    stored = newest.where(~F.col("is_deleted")).select(
        *keys, *[F.col(column).alias(f"_stored_{column}") for column in columns], F.lit(True).alias("_stored")
    )
    both = computed.withColumn("_computed", F.lit(True)).join(stored, keys, how="full")
    is_computed, is_stored = F.col("_computed").isNotNull(), F.col("_stored").isNotNull()
    differs = F.lit(False)
    for name, declared in spec.feature_columns.items():
        differs = differs | ~is_same(F.col(name), F.col(f"_stored_{name}"), declared)
    return both.where(~is_computed | ~is_stored | differs).select(
        *keys, *columns, (~is_computed).alias("is_deleted")
    )


def as_written(rows: DataFrame, spec: Spec, written_at: Column) -> DataFrame:
    """Rows with the offline table's own columns added."""
    return rows.select(
        spec.entity,
        "event_time",
        *[F.col(name).cast(SPARK_TYPES[kind]).alias(name) for name, kind in spec.feature_columns.items()],
        written_at.alias("write_time"),
        written_at.alias("api_invocation_time"),
        "is_deleted",
    )


def _column_summary(name: str, declared: str) -> dict[str, Column]:
    value = F.col(name)
    nulls = {"nulls": F.count(F.when(value.isNull(), True))}
    if declared == "string":
        return nulls | {"distinct": F.approx_count_distinct(value)}
    return nulls | {"mean": F.avg(value), "min": F.min(value), "max": F.max(value)}
