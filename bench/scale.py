"""Measures how transform, quality and features scale with the number of events: `npm run bench -- scale`.

Writes simulated events of the pipeline shop-churn to gzip files in a temporary folder, as Firehose does. Runs
the steps in the local cloud's Spark session, once before the first measurement, so that no number carries the
start of the JVM. Prints one JSON line for each number of events.
"""

import gzip
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from pyspark.sql import SparkSession

GLUE_SCRIPTS = Path(__file__).resolve().parents[1] / "glue-scripts"

AS_OF = datetime(2026, 1, 8, tzinfo=UTC)
LINES_IN_A_FILE = 50_000
WARM_UP = 1_000
TABLES = ("staged", "events", "processed_files", "quarantine", "features")
KINDS = ["click"] * 7 + ["cart_add", "payment", "checkout"]


def main(spec_file: str, *numbers: str) -> None:
    spark = SparkSession.builder.getOrCreate()
    # This process and the Python workers import the steps' package from there.
    sys.path.insert(0, str(GLUE_SCRIPTS))
    spark.sparkContext.environment["PYTHONPATH"] = str(GLUE_SCRIPTS)
    for turn, number in enumerate((WARM_UP, *map(int, numbers))):
        show(f"{'warm-up' if turn == 0 else 'measurement'} with {number:,} events")
        with tempfile.TemporaryDirectory(prefix="daybreak-scale-") as folder:
            figures = measure(spark.newSession(), Path(folder), spec_file, number)
        if turn:
            print(json.dumps(figures), flush=True)


def show(progress: str) -> None:
    """Standard output is for the figures."""
    print(f"{datetime.now():%H:%M:%S} {progress}", file=sys.stderr, flush=True)


def measure(spark: SparkSession, home: Path, spec_file: str, number: int) -> dict[str, Any]:
    """The seconds of each step for this number of events, and the peak memory of all processes."""
    from etl.shared.job import running

    bytes_written = write_events(home / "raw", number)
    catalog = "spark.sql.catalog.lake"
    spark.conf.set(catalog, "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set(f"{catalog}.type", "hadoop")
    spark.conf.set(f"{catalog}.warehouse", f"file://{home}/lake")
    spark.conf.set(f"{catalog}.cache-enabled", "false")
    SparkSession._instantiatedSession = spark
    spark.sql("CREATE NAMESPACE lake.shop")
    arguments = arguments_of_a_run(home, spec_file)
    figures: dict[str, Any] = {"events": number, "gzip_bytes": bytes_written}
    with PeakMemory() as peak:
        for name, step in steps().items():
            started = time.monotonic()
            with running(name, spark, arguments) as (job, report):
                step(job, report)
            figures[f"{name}_seconds"] = round(time.monotonic() - started, 2)
            show(f"{name}: {figures[f'{name}_seconds']} s")
            if name == "quality":
                figures["published"] = report["rows_published"]
    return figures | {"peak_memory_bytes": peak.bytes}


def steps() -> dict[str, Callable[..., None]]:
    from etl.features import step as features
    from etl.quality import step as quality
    from etl.transform import step as transform

    def run_features(job: Any, report: dict[str, Any]) -> None:
        # The online store's own throughput is not part of this measurement.
        features.run(job, report, lambda **_: None)

    return {"transform": transform.run, "quality": quality.run, "features": run_features}


def arguments_of_a_run(home: Path, spec_file: str) -> dict[str, str]:
    plan = {
        "run_id": "scale",
        "mode": "features",
        "as_of": AS_OF.date().isoformat(),
        "started_at": AS_OF.isoformat(),
        "cutoffs": [AS_OF.date().isoformat()],
        "label_cutoffs": [],
        "least_history_days": 0,
        "trigger": {"type": "person", "actor": "bench"},
        "release": None,
        "replay": None,
        "champion": None,
        "scoring_set_uri": f"file://{home}/sets",
        "score_report_uri": f"file://{home}/scores",
        "dataset_uri": f"file://{home}/datasets",
    }
    (home / "reports").mkdir()
    (home / "reports/plan.json").write_text(json.dumps(plan))
    folders = {
        "raw_events": {"uri": f"file://{home}/raw"},
        "feature_state": {"uri": f"file://{home}/state"},
        "transform_state": {"uri": f"file://{home}/attempts"},
    }
    tables = {name: {"uri": f"file://{home}/{name}", "table": f"shop.{name}"} for name in TABLES}
    return {
        "run": f"file://{home}/reports/plan.json",
        "spec": f"file://{spec_file}",
        "datasets": json.dumps(folders | tables),
        "feature_group": "scale",
    }


def write_events(folder: Path, number: int) -> int:
    """Events of a week, with one user per twenty events and one repeated line per hundred."""
    folder.mkdir()
    rng = random.Random(7)
    size = 0
    for first in range(0, number, LINES_IN_A_FILE):
        lines = [line(rng, index) for index in range(first, min(first + LINES_IN_A_FILE, number))]
        content = gzip.compress("\n".join(lines).encode(), compresslevel=1)
        (folder / f"part-{first:010d}.gz").write_bytes(content)
        size += len(content)
    return size


def line(rng: random.Random, index: int) -> str:
    number = index - 1 if index % 100 == 99 else index
    rng.seed(number)
    kind = rng.choice(KINDS)
    at = AS_OF - timedelta(seconds=1 + rng.randrange(7 * 86_400))
    event = {
        "event_id": f"event-{number:012d}",
        "event_time": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "user_id": f"user-{rng.randrange(1 + number // 20) % 1_000_000:06d}",
        "session_id": f"session-{number // 7}",
        "event_type": kind,
        "device": rng.choice(["web", "ios", "android"]),
    }
    if kind in ("click", "cart_add"):
        event |= {"item_id": f"item-{rng.randrange(5000)}", "price": round(rng.uniform(1, 99), 2)}
    if kind in ("payment", "checkout"):
        event["amount"] = round(rng.uniform(5, 300), 2)
    if kind == "payment":
        event |= {"payment_provider": "card", "payment_status": "success"}
    return json.dumps(event)


class PeakMemory:
    """The peak memory of this process and its descendants, sampled five times per second."""

    def __enter__(self) -> "PeakMemory":
        self.bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._ended.wait(0.2):
            held = 0
            for process in [own, *own.children(recursive=True)]:
                try:
                    # Memory that forked workers share counts once.
                    held += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.bytes = max(self.bytes, held)


if __name__ == "__main__":
    main(*sys.argv[1:])
