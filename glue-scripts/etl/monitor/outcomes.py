"""Scores joined with what happened: labels by label.sql, as the training set has them."""

from dataclasses import dataclass

import numpy as np
from performance import Outcomes
from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.monitor.plan import MaturedDay
from etl.shared import tables
from etl.shared.job import Workspace
from etl.train.labels import check_labels, labelled

COLUMNS = {
    "as_of": "string",
    "entity": "string",
    "score": "double",
    "model_version": "bigint",
    "label": "int",
}
# So many rows are measured at most: a job's driver holds them, and each has a weight in every replicate.
MOST_ROWS = 200_000
_SHARES = 1_000_000


def record(work: Workspace, days: list[MaturedDay], events_snapshot: int | None) -> None:
    """Label the scores of some days, and put them into the table of outcomes.

    Judging a day and a version again replaces its rows.
    """
    spec = work.spec
    events = tables.at_snapshot(work.spark, work.table("events"), events_snapshot)
    scores = work.spark.table(work.table("scores")).where(_of(days))
    rows = work.keep(
        scores.select(
            F.col("as_of").cast("timestamp").alias("as_of"),
            F.col("entity").alias(spec.entity),
            "score",
            "model_version",
        )
    )
    outcomes = work.keep(labelled(work.spark, spec, rows, events, [day.as_of for day in days]))
    check_labels(outcomes, spec)
    table = work.table("outcomes")
    tables.create(work, "outcomes", COLUMNS, "PARTITIONED BY (as_of, model_version)")
    columns = {
        "as_of": F.date_format("as_of", "yyyy-MM-dd"),
        "entity": F.col(spec.entity),
        "score": F.col("score"),
        "model_version": F.col("model_version"),
        "label": F.col(spec.label),
    }
    outcomes.select(
        *[value.cast(COLUMNS[name]).alias(name) for name, value in columns.items()]
    ).sortWithinPartitions("entity").writeTo(table).overwrite(_of(days))


@dataclass(frozen=True)
class Sampled:
    """The outcomes of some days, and their number if not all are here."""

    days: np.ndarray
    outcomes: Outcomes
    rows: int
    positives: int


def read(work: Workspace, days: list[MaturedDay]) -> Sampled:
    """The outcomes of some days of one version, ordered by day and entity.

    If there are too many, those of a random part of the entities, which is the same in every check: the
    bootstrap draws entities, so a whole entity is there or not.
    """
    found = work.spark.table(work.table("outcomes")).where(_of(days))
    rows, positives = found.agg(F.count(F.lit(1)), F.coalesce(F.sum("label"), F.lit(0))).collect()[0]
    if rows > MOST_ROWS:
        share = int(MOST_ROWS / rows * _SHARES)
        found = found.where(F.pmod(F.xxhash64("entity"), F.lit(_SHARES)) < share)
    collected = found.select("as_of", "entity", "score", "label").orderBy("as_of", "entity").collect()
    as_of, entities, scores, labels = ([row[at] for row in collected] for at in range(4))
    outcomes = Outcomes(
        np.array(labels, dtype=np.int8), np.array(scores, dtype=np.float64), np.array(entities, dtype=str)
    )
    return Sampled(np.array(as_of, dtype=str), outcomes, int(rows), int(positives))


def _of(days: list[MaturedDay]) -> Column:
    """The partitions of some days, each with the version that was judged."""
    chosen = F.lit(False)
    for day in days:
        chosen |= (F.col("as_of") == day.as_of) & (F.col("model_version") == day.version)
    return chosen
