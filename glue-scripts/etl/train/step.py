"""The point-in-time training set: features as they were at each as-of day, labels from what happened after
it.
"""

import json
from functools import reduce
from hashlib import sha256
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.errors import TrainingSetError
from etl.shared.feature_table import event_time_text, newest_rows, write_rows
from etl.shared.job import Job
from etl.shared.spec import SPARK_TYPES, Spec
from etl.shared.storage import write_json
from etl.sql.results import features_as_of
from etl.train import history
from etl.train.alone import days_to_check, refuse_differences
from etl.train.labels import check_labels, labelled, labels_of
from etl.train.split import Split, missing_days, split_cutoffs


def run(job: Job, report: dict[str, Any]) -> None:
    """Extract features and events at this run's snapshots, label them, load one file for each part of the
    split.
    """
    events_snapshot = job.read_report("quality")["events_snapshot_id"]
    events = tables.at_snapshot(job.spark, job.table("events"), tables.snapshot_from_json(events_snapshot))
    windows = history.read_windows(events, job.spec, job.plan)
    incomplete = [day.isoformat() for day in windows.incomplete]
    found = {"incomplete_windows": {"action": job.spec.incomplete_windows, "cutoffs": incomplete}}
    try:
        facts = _build(job, events, windows)
    except history.NotEnoughHistory as missing:
        report |= {
            "outcome": "not_enough_history",
            "reason": missing.reason,
            "enough_from": missing.enough_from.isoformat(),
            **found,
        }
        return
    facts |= found | {"events_snapshot_id": events_snapshot}
    report |= {"outcome": "ready", **facts}
    write_json(job.storage, f"{job.plan.dataset_uri}/dataset.json", {"run_id": job.plan.run_id, **facts})


def _build(job: Job, events: DataFrame, windows: history.Windows) -> dict[str, Any]:
    """Write the training set, and return what its manifest says of it."""
    spec = job.spec
    feature_snapshot = job.read_report("features")["feature_snapshot_id"]
    stored = tables.at_snapshot(job.spark, job.table("features"), tables.snapshot_from_json(feature_snapshot))
    shares = (spec.validation_share, spec.test_share)

    def too_few(days: int) -> history.NotEnoughHistory:
        missing = missing_days(days, spec.horizon_days, spec.cutoff_every_days, *shares)
        return history.too_few_days(windows, spec, job.plan, days, missing)

    days = history.used_days(windows, spec)
    if not days:
        raise too_few(0)
    rows = job.keep(transform(stored, events, job, days))
    counts = check_labels(rows, spec)
    split = split_cutoffs(list(counts), spec.horizon_days, *shares)
    if split is None:
        raise too_few(len(counts))
    check_rows(counts, job)
    sizes = check_split(counts, split, spec)
    checked_alone = days_to_check(list(counts), job.plan.run_id)
    check_alone(rows, events, job, checked_alone)
    for name, part in split.parts.items():
        _write(rows, part, spec, f"{job.plan.dataset_uri}/{name}")
    described = {
        "cutoffs": {name: list(part) for name, part in split.parts.items()},
        "feature_columns": [{"name": name, "type": kind} for name, kind in spec.feature_columns.items()],
        "label": spec.label,
        "entity": spec.entity,
    }
    return {
        **sizes,
        **described,
        "digest": digest(rows, spec, described),
        "checked_alone": checked_alone,
        "feature_snapshot_id": feature_snapshot,
    }


def digest(rows: DataFrame, spec: Spec, described: dict[str, Any]) -> str:
    """A fingerprint of the rows, in whatever order they are, and of what describes them."""
    # Spark's hash passes over nulls: without telling where they are, a value could change its column unseen.
    nulls = [F.col(name).isNull() for name in spec.feature_columns]
    hashed = F.xxhash64("as_of", spec.entity, *spec.feature_columns, *nulls, F.col(spec.label).cast("int"))
    count, total = rows.agg(F.count(F.lit(1)), F.sum(hashed.cast("decimal(38, 0)"))).collect()[0]
    text = json.dumps([count, str(total), described], sort_keys=True)
    return sha256(text.encode()).hexdigest()


def transform(stored: DataFrame, events: DataFrame, job: Job, days: list[str]) -> DataFrame:
    """Feature rows of the as-of days with their label."""
    spec = job.spec
    newest = newest_rows(stored, spec, [event_time_text(day) for day in days]).where(~F.col("is_deleted"))
    rows = newest.select(
        F.col("event_time").cast("timestamp").alias("as_of"),
        spec.entity,
        *[F.col(name).cast(SPARK_TYPES[kind]).alias(name) for name, kind in spec.feature_columns.items()],
    )
    return labelled(job.spark, spec, job.keep(rows), events, days)


def check_alone(rows: DataFrame, events: DataFrame, job: Job, days: list[str]) -> None:
    """Compute some of the as-of days once more, each alone, and compare them with their rows."""
    chosen = {day: rows.where(F.date_format("as_of", "yyyy-MM-dd") == day) for day in days}
    alone = [
        features_as_of(job.spark, job.spec, events, [day]).join(
            labels_of(job.spark, job.spec, of_day, events, [day]), ["as_of", job.spec.entity], how="left"
        )
        for day, of_day in chosen.items()
    ]
    refuse_differences(
        reduce(DataFrame.unionByName, chosen.values()), reduce(DataFrame.unionByName, alone), job.spec
    )


def check_rows(counts: dict[str, tuple[int, int]], job: Job) -> None:
    """Raise where there are fewer labelled rows than the pipeline asks for."""
    total = sum(rows for rows, _ in counts.values())
    if total < job.spec.min_rows:
        raise history.too_few_rows(total, len(counts), job.spec, job.plan)


def check_split(counts: dict[str, tuple[int, int]], split: Split, spec: Spec) -> dict[str, dict[str, int]]:
    """Rows and positives of each part; raises where train or test has one class only."""
    rows = {name: sum(counts[day][0] for day in part) for name, part in split.parts.items()}
    positives = {name: sum(counts[day][1] for day in part) for name, part in split.parts.items()}
    for name in ("train", "test"):
        if positives[name] in (0, rows[name]):
            raise TrainingSetError(
                f"the {name} part has one class only: {positives[name]} of its {rows[name]} rows have "
                f"{spec.label} = 1 (as-of days {split.parts[name][0]} to {split.parts[name][-1]}); a model "
                "has "
                "nothing to tell apart there. Look at label.sql, or wait for more events"
            )
    return {"rows": rows, "positives": positives}


def _write(rows: DataFrame, part: tuple[str, ...], spec: Spec, uri: str) -> None:
    day = F.date_format("as_of", "yyyy-MM-dd")
    write_rows(rows.where(day.isin(list(part))), spec, uri, F.col(spec.label).cast("int").alias(spec.label))
