"""What the refit on all labelled rows is worth: the log loss on the weeks after the training.

Replays history as a backtest does: on each of several days a model is trained and refitted with what is known
then, and both score the as-of days of the following four weeks, whose labels neither has seen.
"""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[2]
AFTER_WEEKS = 4


def main(*files: str) -> None:
    """Each file describes a pipeline: its spec, the folder of its raw lines, the first day of its events, the
    days on which to train, and the folder for its rows.
    """
    folders = [str(ROOT / name) for name in ("glue-scripts", "model", "backtest")]
    sys.path[:0] = folders
    spark = SparkSession.builder.getOrCreate()
    # The Python workers import the steps' package, too.
    spark.sparkContext.environment["PYTHONPATH"] = folders[0]
    for file in files:
        print(json.dumps(measure(spark, json.loads(Path(file).read_text()))), flush=True)


def measure(spark: SparkSession, given: dict[str, Any]) -> dict[str, Any]:
    """The mean log loss of the evaluated and of the refitted models, and in how many trainings it fell."""
    from history import History
    from prepare import prepare

    spec = given["spec"]
    last = date.fromisoformat(max(given["train_at"])) + timedelta(weeks=AFTER_WEEKS - 1)
    end = last + timedelta(days=spec["label"]["horizon_days"])
    days = complete_days(given["first_day"], last, spec)
    prepare(spark, {**given, "days": days, "last_day": end.isoformat()})
    history = History.read(spec, Path(given["target"]))
    losses = [trained_on(history, date.fromisoformat(day)) for day in given["train_at"]]
    evaluated, refitted = (sum(pair[side] for pair in losses) / len(losses) for side in (0, 1))
    return {
        "pipeline": spec["name"],
        "trainings": len(losses),
        "evaluated": evaluated,
        "refitted": refitted,
        "better": sum(after < before for before, after in losses),
    }


def complete_days(first_day: str, last: date, spec: dict[str, Any]) -> list[str]:
    """All as-of days with a whole window, up to the last."""
    first = date.fromisoformat(first_day) + timedelta(days=spec["features"]["window_days"])
    days = []
    while last >= first:
        days.insert(0, last.isoformat())
        last -= timedelta(days=spec["training"]["cutoff_every_days"])
    return days


def trained_on(history: Any, day: date) -> tuple[float, float]:
    """The log loss on the weeks from this day on of a model that is trained on it, and of its refit."""
    from sklearn.metrics import log_loss
    from versions import train_version

    spec = history.spec
    known = day - timedelta(days=spec["label"]["horizon_days"] + spec["events"]["allowed_lateness_days"])
    oldest = day - timedelta(days=spec["training"]["history_days"])
    end = day + timedelta(weeks=AFTER_WEEKS)
    days = sorted(history.rows["as_of"].unique())
    cutoffs = [one for one in days if oldest.isoformat() <= one <= known.isoformat()]
    version = train_version(history, day.isoformat(), cutoffs)
    later = history.labelled([one for one in days if day.isoformat() <= one < end.isoformat()])
    before, after = (
        float(log_loss(history.labels(later), model.score(later)))
        for model in (version.evaluated, version.serving)
    )
    return before, after


if __name__ == "__main__":
    main(*sys.argv[1:])
