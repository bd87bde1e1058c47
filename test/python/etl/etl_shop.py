"""A small shop for the tests of the jobs: its pipeline spec, raw files and runs."""

import gzip
import itertools
import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import contract
import pandas as pd
from daily_scores import COLUMNS as SCORE_COLUMNS
from daily_scores import write_scores
from pyspark.sql import DataFrame, SparkSession

from etl.features import step as features
from etl.monitor import quality as model_quality
from etl.monitor.plan import MonitorPlan
from etl.quality import step as quality
from etl.score import step as score
from etl.shared import tables
from etl.shared.job import Job, open_job, open_workspace, running
from etl.train import step as train
from etl.transform import step as transform

_databases = (f"shop_{number}" for number in itertools.count())

FEATURES_SQL = """
SELECT as_of, customer_id,
       count(*) AS orders,
       sum(price) AS spent,
       max(channel) AS channel
FROM events
GROUP BY as_of, customer_id
"""
LABEL_SQL = """
SELECT e.as_of, e.customer_id, CASE WHEN count(o.event_id) = 0 THEN 1 ELSE 0 END AS churned
FROM entities e
LEFT JOIN outcomes o ON o.as_of = e.as_of AND o.customer_id = e.customer_id
GROUP BY e.as_of, e.customer_id
"""

CHAMPION = {
    "model_package_arn": "arn:aws:sagemaker:us-east-1:000000000000:model-package/shop/3",
    "version": 3,
    "model_data_url": "s3://lake/models/3/model.tar.gz",
    "baseline_uri": "s3://lake/reports/3/baseline.json",
    "evaluated_model_data_url": "s3://lake/models/evaluated/3/model.tar.gz",
    "last_label_day": None,
}


def spec_json(**changes: Any) -> dict[str, Any]:
    """A resolved pipeline.yaml; `changes` replace whole sections."""
    return {
        "name": "shop",
        "entity": "customer_id",
        "events": {
            "id": "event_id",
            "time": "event_time",
            "fields": {
                "event_id": {"type": "string", "required": True},
                "event_time": {"type": "timestamp", "required": True},
                "customer_id": {"type": "string", "required": True},
                "quantity": {"type": "integer", "required": True},
                "price": {"type": "double", "required": True},
                "channel": {"type": "string", "required": False},
                "gift": {"type": "boolean", "required": False},
            },
            "allowed_lateness_days": 3,
            "max_bytes": 2000,
        },
        "quality": {"rows": [{"rule": "range", "field": "price", "min": 0}], "dataset": []},
        "features": {
            "window_days": 14,
            "columns": {
                "orders": {"type": "integer"},
                "spent": {"type": "double"},
                "channel": {"type": "string"},
            },
        },
        "label": {"name": "churned", "horizon_days": 7},
        "training": {
            "cutoff_every_days": 7,
            "validation_share": 0.2,
            "test_share": 0.25,
            "incomplete_windows": "keep",
            "known_at": "event",
            "min_rows": 4,
        },
        "gates": {"champion": {"metric": "auc"}},
        "serving": {"max_feature_age_days": 2},
        "monitoring": {"serving_skew": 0.01, "quality": {"alpha": 0.001, "window_days": 28}},
        "schedule": {"time": "05:00", "time_zone": "UTC"},
        "features_sql": FEATURES_SQL,
        "label_sql": LABEL_SQL,
    } | changes


def event(number: int, time: str, **fields: Any) -> dict[str, Any]:
    """A valid order."""
    return {
        "event_id": f"e{number}",
        "event_time": time,
        "customer_id": f"c{number % 5}",
        "quantity": 1,
        "price": 10.0,
        "channel": "web",
    } | fields


class Shop:
    """A pipeline's lake and catalog in a temporary folder, and its jobs."""

    def __init__(self, spark: SparkSession, home: Path, **spec_changes: Any) -> None:
        self.spark = spark
        self.home = home
        self.database = next(_databases)
        self.spec = spec_json(**spec_changes)
        self.put: list[dict[str, str]] = []
        self._runs = itertools.count(1)
        spark.sql(f"CREATE NAMESPACE IF NOT EXISTS lake.{self.database}")

    def land(self, lines: list[Any], name: str = "1998/01/01/00/batch-1") -> str:
        """Write a raw file as Firehose does, events that are not text as JSON; return its key."""
        key = f"{name}.gz"
        path = self.home / "raw/shop" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_bytes(gzip.compress("".join(f"{text}\n" for text in texts).encode()))
        return key

    def arguments(self, as_of: str, run_id: str | None = None, **plan: Any) -> dict[str, str]:
        """Write a run's plan and spec; return the arguments of its jobs."""
        run_id = run_id or f"run-{next(self._runs)}"
        reports = self.home / "reports/shop/runs" / run_id
        value = self._plan(run_id, as_of) | plan
        contract.check("run-plan", value)
        contract.check_pipeline(self.spec)
        reports.mkdir(parents=True, exist_ok=True)
        (reports / "plan.json").write_text(json.dumps(value))
        (self.home / "spec.json").write_text(json.dumps(self.spec))
        return {
            "run": f"file://{reports}/plan.json",
            "spec": f"file://{self.home}/spec.json",
            "datasets": json.dumps(contract.check("job-datasets", self._datasets())),
            "feature_group": "shop-features",
        }

    def _plan(self, run_id: str, as_of: str) -> dict[str, Any]:
        return {
            "run_id": run_id,
            "pipeline": "shop",
            "mode": "features",
            "as_of": as_of,
            "started_at": f"{as_of}T05:00:00Z",
            "cutoffs": [as_of],
            "label_cutoffs": [],
            "least_history_days": 21,
            "trigger": {"type": "person", "actor": "ann", "reason": "looked at it"},
            "release": None,
            "replay": None,
            "git_commit": "0" * 40,
            "git_dirty": False,
            "spec_uri": f"file://{self.home}/spec.json",
            "source_uri": f"file://{self.home}/source",
            "hyperparameters": {},
            "champion": None,
            "floor": None,
            "training_job_name": run_id,
            "refit_job_name": f"refit-{run_id}",
            "processing_job_name": run_id,
            "score_job_name": f"{run_id}-score",
            "scoring_set_uri": f"file://{self.home}/scores/shop/sets/{run_id}",
            "score_report_uri": f"file://{self.home}/reports/shop/scores/{run_id}",
            "dataset_uri": f"file://{self.home}/datasets/shop/{run_id}",
            "model_uri": f"file://{self.home}/models/shop/{run_id}",
            "report_uri": f"file://{self.home}/reports/shop/runs/{run_id}",
            "execution_arn": f"arn:aws:states:us-east-1:000000000000:execution:run:{run_id}",
        }

    def _datasets(self) -> dict[str, dict[str, str]]:
        folders = {
            "raw_events": "raw/shop",
            "feature_state": "reports/shop/features",
            "transform_state": "reports/shop/transform",
            "score_reports": "reports/shop/scores",
            "score_exports": "scores/shop/exports",
            "model_quality": "reports/shop/model-quality",
            "serving_reports": "reports/shop/serving",
        }
        tables = ("staged", "events", "processed_files", "quarantine", "features", "scores", "outcomes")
        return {name: {"uri": f"file://{self.home}/{folder}"} for name, folder in folders.items()} | {
            name: {"uri": f"file://{self.home}/{name}", "table": f"{self.database}.{name}"} for name in tables
        }

    def job(self, as_of: str, **plan: Any) -> Job:
        """A job for tests of single functions."""
        return open_job(self.spark, self.arguments(as_of, **plan))

    def transform(self, arguments: dict[str, str]) -> dict[str, Any]:
        """Run the transform step."""
        report = self._run("transform", arguments, transform.run)
        reports = Path(urlparse(arguments["run"]).path).parent
        contract.check_file("transform-files", reports / "transform-files.json")
        return report

    def quality(self, arguments: dict[str, str]) -> dict[str, Any]:
        """Run the quality step."""
        return self._run("quality", arguments, quality.run)

    def features(self, arguments: dict[str, str]) -> dict[str, Any]:
        """Run the features step; the records that it puts online are in `self.put`."""

        def put(FeatureGroupName: str, Record: list[dict[str, str]], TargetStores: list[str]) -> None:
            assert (FeatureGroupName, TargetStores) == ("shop-features", ["OnlineStore"])
            self.put.append({value["FeatureName"]: value["ValueAsString"] for value in Record})

        report = self._run("features", arguments, partial(features.run, put=put))
        contract.check_file("feature-state", self.home / "reports/shop/features/computed.json")
        return report

    def feature_state(self) -> dict[str, Any]:
        """The features job's state."""
        return json.loads(self._feature_state.read_text())

    @property
    def _feature_state(self) -> Path:
        return self.home / "reports/shop/features/computed.json"

    def forget_features(self) -> None:
        """Delete the state of computed cutoffs, as after a crash."""
        self._feature_state.unlink()

    def train_dataset(self, arguments: dict[str, str]) -> dict[str, Any]:
        """Run the train-dataset step."""
        return self._run("train-dataset", arguments, train.run)

    def score(self, arguments: dict[str, str]) -> dict[str, Any]:
        """Run the score step."""
        return self._run("score", arguments, score.run)

    def scored(self, as_of: str, scores: dict[str, float], version: int = 3) -> dict[str, Any]:
        """Write what the scoring job of a run writes, run the score step, and return its report."""
        arguments = self.arguments(as_of, champion=CHAMPION | {"version": version})
        plan = json.loads(Path(urlparse(arguments["run"]).path).read_text())
        folder = Path(urlparse(plan["score_report_uri"]).path)
        folder.mkdir(parents=True)
        frame = pd.DataFrame({"as_of": as_of, "entity": list(scores), "score": list(scores.values())})
        frame = frame.reindex(columns=SCORE_COLUMNS).assign(model_version=version, reason_1_feature="spent")
        frame["reason_1_shap"] = -0.25
        write_scores(folder, frame)
        return self.score(arguments)

    def judge(
        self, plan: dict[str, Any], send: Callable[[dict[str, float]], None] = lambda _: None
    ) -> dict[str, Any]:
        """Run the check of the quality with a plan of monitor-plan; returns its report."""
        parsed = MonitorPlan.parse(contract.check("monitor-plan", plan))
        work = open_workspace(self.spark, self.arguments("1998-01-01"))
        try:
            report = model_quality.run(work, parsed.quality, parsed.version, send)
        finally:
            work.release()
        folder = self.home / "reports/shop/model-quality"
        assert contract.check_file("model-quality", folder / "latest.json") == report
        for file in (folder / "days").iterdir():
            contract.check_file("judged-day", file)
        return report

    def _run(
        self, step: str, arguments: dict[str, str], run: Callable[[Job, dict[str, Any]], None]
    ) -> dict[str, Any]:
        """Run a step and return its report, which is checked even if the step fails."""
        file = Path(urlparse(arguments["run"]).path).with_name(f"{step}.json")
        try:
            with running(step, self.spark, arguments) as (job, report):
                run(job, report)
        finally:
            if file.exists():
                contract.check_file(f"{step}-report", file)
        return report

    def publish(self, as_of: str, **plan: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Run transform and quality."""
        arguments = self.arguments(as_of, **plan)
        return self.transform(arguments), self.quality(arguments)

    def table(self, name: str) -> DataFrame:
        """One of the pipeline's tables."""
        return self.spark.table(f"lake.{self.database}.{name}")

    def rows(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """A table's rows, sorted, with timestamps as text (collected ones would be in local time)."""
        frame = self.table(name)
        texts = [f"string({column})" for column in columns or frame.columns]
        return sorted(tuple(row) for row in frame.selectExpr(*texts).collect())

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that a reader of the pipeline's tables can see."""
        found = {}
        for name in ("events", "quarantine", "processed_files"):
            exists = self.spark.catalog.tableExists(f"lake.{self.database}.{name}")
            found[name] = self.rows(name) if exists else []
        return found

    def snapshot(self, name: str) -> int | None:
        """A table's current snapshot."""
        return tables.current_snapshot(self.spark, f"lake.{self.database}.{name}")


def weekly(first: str, last: str) -> list[str]:
    """Weekly as-of days up to and including the last one."""
    days, day = [], date.fromisoformat(last)
    while day >= date.fromisoformat(first):
        days.append(day.isoformat())
        day -= timedelta(days=7)
    return sorted(days)
