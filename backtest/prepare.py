"""The rows of a backtest: `prepare.py <request.json>`, run in a Spark session of its own.

Takes raw lines through the steps' own code (transform, row rules, features.sql, label.sql) for many as-of
days at once, and writes one Parquet file with (as_of, entity, features, label). A label whose horizon goes
beyond the data's last day is not known yet, and null. Prints one JSON line with the counts.
"""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

GLUE_SCRIPTS = Path(__file__).resolve().parents[1] / "glue-scripts"


def main(request_file: str) -> None:
    request = json.loads(Path(request_file).read_text("utf-8"))
    spark = SparkSession.builder.getOrCreate()
    # The Python workers import the steps' package, too.
    sys.path.insert(0, str(GLUE_SCRIPTS))
    spark.sparkContext.environment["PYTHONPATH"] = str(GLUE_SCRIPTS)
    print(json.dumps(prepare(spark, request)), flush=True)


def prepare(spark: SparkSession, request: dict[str, Any]) -> dict[str, Any]:
    """Write the rows of `days` to `target`, from the raw lines in the folder `raw`; returns the counts."""
    from etl.shared.feature_table import write_rows
    from etl.shared.session import configure
    from etl.shared.spec import Spec
    from etl.sql.results import features_as_of, labels_after

    configure(spark)
    spec = Spec.parse(request["spec"])
    lines = _lines(spark, Path(request["raw"]), spec).persist()
    outcomes = {row["_outcome"]: row["count"] for row in lines.groupBy("_outcome").count().collect()}
    events = lines.where(F.col("_outcome") == "new").select(*spec.field_types)
    days: list[str] = request["days"]
    features = features_as_of(spark, spec, events, days).persist()
    rows = features.join(
        labels_after(spark, spec, events, features, days), ["as_of", spec.entity], how="left"
    )
    known = F.date_add("as_of", spec.horizon_days) <= F.lit(request["last_day"]).cast("date")
    label = F.when(known, F.col(spec.label).cast("int")).alias(spec.label)
    write_rows(rows, spec, request["target"], label)
    return {
        "lines": sum(outcomes.values()),
        "events": outcomes.get("new", 0),
        "left_out": sum(outcomes.values()) - outcomes.get("new", 0),
    }


def _lines(spark: SparkSession, raw: Path, spec: Any) -> DataFrame:
    """Every line with its outcome, as the transform step gives it to a first run after the last event."""
    from etl.shared.storage import FileStorage
    from etl.transform.raw import read_events
    from etl.transform.step import transform
    from etl.transform.timely import Limits

    root = f"file://{raw}"
    files = list(FileStorage().list_objects(root))
    limits = Limits(earliest=None, end=(date.today() + timedelta(days=1)).isoformat())
    return transform(read_events(spark, root, files, spec), spec, None, limits)


if __name__ == "__main__":
    main(*sys.argv[1:])
