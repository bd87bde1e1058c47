"""What the refit on all labelled rows is worth: the log loss on the weeks after the training.

Replays history: on each of several days a model is trained and refitted with what is known then, by the
functions of a run, and both score the as-of days of the following four weeks, whose labels neither has seen.
"""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

ROOT = Path(__file__).resolve().parents[2]
AFTER_WEEKS = 4


def main(*files: str) -> None:
    """Each file describes a pipeline: its spec, its events, and the days on which to train."""
    sys.path[:0] = [str(ROOT / "glue-scripts"), str(ROOT / "model")]
    spark = SparkSession.builder.getOrCreate()
    for file in files:
        print(json.dumps(measure(spark, json.loads(Path(file).read_text()))), flush=True)


def measure(spark: SparkSession, given: dict[str, Any]) -> dict[str, Any]:
    """The mean log loss of the evaluated and of the refitted models, and in how many trainings it fell."""
    from etl.shared.spec import Spec

    spec = Spec.parse(given["spec"])
    rows = labelled_rows(spark, spec, given["events"], given["first_day"], given["train_at"])
    losses = [trained_on(rows, spec, day, given["spec"]["training"]) for day in given["train_at"]]
    evaluated, refitted = (sum(pair[side] for pair in losses) / len(losses) for side in (0, 1))
    return {
        "pipeline": spec.name,
        "trainings": len(losses),
        "evaluated": evaluated,
        "refitted": refitted,
        "better": sum(after < before for before, after in losses),
    }


def labelled_rows(
    spark: SparkSession, spec: Any, events_file: str, first_day: str, train_at: list[str]
) -> pd.DataFrame:
    """Features and labels of all as-of days with a whole window, up to four weeks after the last training."""
    from etl.sql.results import features_as_of, labels_after
    from etl.sql.views import entity_as_in_events

    schema = ", ".join(f"`{name}` {kind}" for name, kind in spec.field_types.items())
    events = spark.read.schema(schema).json(events_file).cache()
    first = date.fromisoformat(first_day) + timedelta(days=spec.window_days)
    last = date.fromisoformat(max(train_at)) + timedelta(weeks=AFTER_WEEKS - 1)
    days, day = [], last
    while day >= first:
        days.append(day.isoformat())
        day -= timedelta(days=spec.cutoff_every_days)
    features = features_as_of(spark, spec, events, sorted(days)).cache()
    entities = features.select("as_of", entity_as_in_events(spec))
    labels = labels_after(spark, spec, events, entities, sorted(days))
    both = features.join(labels, ["as_of", spec.entity])
    return (
        both.withColumn("as_of", F.date_format("as_of", "yyyy-MM-dd"))
        .toPandas()
        .sort_values(["as_of", spec.entity], ignore_index=True)
    )


def trained_on(rows: pd.DataFrame, spec: Any, day: str, training: dict[str, Any]) -> tuple[float, float]:
    """The log loss on the weeks from this day on of a model that is trained on it, and of its refit."""
    from encoding import encode
    from settings import parse_settings
    from sklearn.metrics import log_loss
    from splits import Column, DatasetDescription
    from training import fit, refit

    from etl.train.split import split_cutoffs

    known = date.fromisoformat(day) - timedelta(days=spec.horizon_days + spec.allowed_lateness_days)
    oldest = date.fromisoformat(day) - timedelta(days=training["history_days"])
    cutoffs = [one for one in rows["as_of"].unique() if oldest.isoformat() <= one <= known.isoformat()]
    split = split_cutoffs(cutoffs, spec.horizon_days, spec.validation_share, spec.test_share)
    if split is None:
        raise SystemExit(f"{spec.name}: {len(cutoffs)} as-of days are known on {day}, too few to train")
    columns = tuple(Column(name, kind) for name, kind in spec.feature_columns.items())
    description = DatasetDescription(columns, spec.label, spec.entity, day)
    settings = parse_settings(training["hyperparameters"] | {"seed": training["seed"]})
    train, validation = (rows[rows["as_of"].isin(part)] for part in (split.train, split.validation))
    evaluated = fit(train, validation, description, settings)
    refitted = refit(rows[rows["as_of"].isin(cutoffs)], description, settings, evaluated.best_iteration + 1)
    end = date.fromisoformat(day) + timedelta(weeks=AFTER_WEEKS)
    later = rows[(rows["as_of"] >= day) & (rows["as_of"] < end.isoformat())]
    before, after = (
        float(log_loss(later[spec.label], model.booster.inplace_predict(encode(later, model.features))))
        for model in (evaluated, refitted)
    )
    return before, after


if __name__ == "__main__":
    main(*sys.argv[1:])
