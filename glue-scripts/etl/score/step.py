"""The day's scores: from the scoring job's file to the table and, for the newest day, to the exports."""

from typing import Any

from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.job import Job
from etl.shared.storage import write_json

REASONS = 3
COLUMNS = {
    "as_of": "string",
    "entity": "string",
    "score": "double",
    "positive": "boolean",
    "model_version": "bigint",
    **{
        f"reason_{rank}_{what}": "double" if what == "shap" else "string"
        for rank in range(1, REASONS + 1)
        for what in ("feature", "value", "shap")
    },
}
EXPORTED = ("scores.csv", "scores.parquet")


def run(job: Job, report: dict[str, Any]) -> None:
    """Load the scores of this run's day and version, and export them unless the table has a newer day."""
    folder, as_of = job.plan.score_report_uri, job.plan.as_of.isoformat()
    table = job.table("scores")
    tables.create(job, "scores", COLUMNS, "PARTITIONED BY (as_of, model_version)")
    scores = job.keep(
        job.spark.read.parquet(f"{folder}/scores.parquet").select(
            *[F.col(name).cast(kind).alias(name) for name, kind in COLUMNS.items()]
        )
    )
    # A rerun of the day replaces its rows, also by none, and no other version's.
    own = (F.col("as_of") == as_of) & (F.col("model_version") == job.plan.champion)
    scores.sortWithinPartitions("entity").writeTo(table).overwrite(own)
    decile = F.least(F.floor(F.col("score") * 10), F.lit(9)).alias("decile")
    counts = {row["decile"]: row["count"] for row in scores.groupBy(decile).count().collect()}
    newest = job.spark.table(table).agg(F.max("as_of")).collect()[0][0]
    exported = newest is None or as_of >= newest
    if exported:
        for name in EXPORTED:
            job.storage.copy(f"{folder}/{name}", f"{job.uri('score_exports')}/latest/{name}")
    announce(job, as_of, exported)
    report |= {
        "as_of": as_of,
        "version": job.plan.champion,
        "rows": sum(counts.values()),
        "deciles": [counts.get(number, 0) for number in range(10)],
        "exported": exported,
        "scores_snapshot_id": tables.json_snapshot(tables.current_snapshot(job.spark, table)),
    }


def announce(job: Job, as_of: str, newest: bool) -> None:
    """Write which run's drift report the monitor reads for a day, and for the newest day."""
    scored = {
        "run_id": job.plan.run_id,
        "as_of": as_of,
        "drift_uri": f"{job.plan.score_report_uri}/drift.json",
    }
    write_json(job.storage, f"{job.uri('score_reports')}/days/{as_of}.json", scored)
    if newest:
        write_json(job.storage, f"{job.uri('score_reports')}/latest.json", scored)
