"""The entry point of the monitor job: runs every check that has something new."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl.monitor import quality, serving
from etl.monitor.metrics import cloudwatch, put_metrics
from etl.monitor.plan import MonitorPlan
from etl.shared.job import open_workspace

ARGUMENTS = ["spec", "datasets", "checks", "environment", "namespace"]


def main() -> None:
    """Run the checks of the command line; the last line of the output has their reports."""
    arguments = getResolvedOptions(sys.argv, ARGUMENTS)
    work = open_workspace(SparkSession.builder.getOrCreate(), arguments)
    plan = MonitorPlan.parse(json.loads(arguments["checks"]))

    def send(values: dict[str, float]) -> None:
        put_metrics(
            cloudwatch(),
            arguments["namespace"],
            arguments["environment"],
            work.spec.name,
            datetime.now(UTC),
            values,
        )

    reports: dict[str, Any] = {}
    try:
        if plan.serving is not None:
            reports["serving"] = serving.run(work, plan.serving, send)
        if plan.quality is not None:
            reports["quality"] = quality.run(work, plan.quality, plan.version, send)
    finally:
        work.release()
    print(json.dumps(reports))
