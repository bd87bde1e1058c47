"""The views that a pipeline's SQL reads."""

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.spec import Spec


def events_as_of(events: DataFrame, cutoffs: DataFrame, spec: Spec) -> DataFrame:
    """features.sql's view `events`: one copy of an event for every cutoff whose window [as_of − window,
    as_of) it is in; with `known_at: write`, only if it was delivered before the cutoff's dawn.
    """
    start = F.col("as_of") - F.expr(f"INTERVAL {spec.window_days} DAYS")
    spans = cutoffs.select("as_of", start.alias("_start"), F.col("as_of").alias("_end"))
    if spec.known_at == "event":
        return _beside(events, spans, spec)
    # A raw file's key begins with the hour of its delivery: 2026/03/10/04/….
    known = spans.withColumn("_hour", F.date_format(_dawn(spec), "yyyy/MM/dd/HH"))
    return _beside(events, known, spec, F.col("_raw_file") < F.col("_hour"))


def _dawn(spec: Spec) -> Column:
    """When the daily run of `as_of` starts: the first scheduled time after its midnight in UTC, which in time
    zones east of UTC may be on the local day after it.
    """
    scheduled = [
        F.to_utc_timestamp(
            F.concat(F.date_format(F.date_add("as_of", days), "yyyy-MM-dd "), F.lit(spec.dawn)),
            spec.time_zone,
        )
        for days in (0, 1)
    ]
    return F.when(scheduled[0] >= F.col("as_of"), scheduled[0]).otherwise(scheduled[1])


def outcomes_after(events: DataFrame, cutoffs: DataFrame, spec: Spec) -> DataFrame:
    """label.sql's view `outcomes`: one copy of an event for every cutoff whose horizon [as_of, as_of +
    horizon) it is in.
    """
    end = F.col("as_of") + F.expr(f"INTERVAL {spec.horizon_days} DAYS")
    return _beside(events, cutoffs.select("as_of", F.col("as_of").alias("_start"), end.alias("_end")), spec)


def events_between(events: DataFrame, spec: Spec, days: list[str], before: int, after: int) -> DataFrame:
    """The events from so many days before the first as-of day to so many days after the last.

    Without these bounds the join with the as-of days would read the whole history: they prune partitions and
    files.
    """
    if not days:
        return events
    time = F.col(spec.event_time)
    first = F.expr(f"TIMESTAMP'{min(days)}' - INTERVAL {before} DAYS")
    last = F.expr(f"TIMESTAMP'{max(days)}' + INTERVAL {after} DAYS")
    return events.where((time >= first) & (time < last))


def empty_events(spark: SparkSession, spec: Spec) -> DataFrame:
    """No events, with their columns and types."""
    fields = spec.field_types | {"_raw_file": "string"}
    columns = ", ".join(f"`{field}` {type_name}" for field, type_name in fields.items())
    return spark.createDataFrame([], columns)


def cutoff_frame(spark: SparkSession, days: Iterable[str]) -> DataFrame:
    """Cutoffs as a small table of one column, as_of."""
    listed = ", ".join(f"(TIMESTAMP'{day}T00:00:00Z')" for day in days)
    if not listed:
        return spark.sql("SELECT TIMESTAMP'1970-01-01T00:00:00Z' AS as_of WHERE false")
    return spark.sql(f"SELECT as_of FROM VALUES {listed} AS cutoffs(as_of)")


def entity_as_in_events(spec: Spec) -> Column:
    """The entity in its type in the events, so that label.sql can join on it; the feature table has text."""
    return F.col(spec.entity).cast(spec.field_types[spec.entity]).alias(spec.entity)


def _beside(events: DataFrame, spans: DataFrame, spec: Spec, known: Column | None = None) -> DataFrame:
    """Each event joined to every as_of whose span [_start, _end) contains it, if it was known then."""
    time = F.col(spec.event_time)
    within = (time >= F.col("_start")) & (time < F.col("_end"))
    columns = [*spec.field_types, *([] if known is None else ["_raw_file"])]
    wanted = within if known is None else within & known
    # Spans are few and events many: broadcast, so that the events need no shuffle.
    joined = events.select(*columns).join(F.broadcast(spans), wanted, how="inner")
    return joined.select(*spec.field_types, "as_of")
