"""The entry point of the monitor job: runs every check that has something new."""

import json
import sys
from datetime import UTC, datetime

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl.monitor.checks import run_checks
from etl.monitor.metrics import cloudwatch, put_metrics
from etl.monitor.plan import MonitorPlan
from etl.shared.job import open_workspace
from etl.shared.maintenance import maintain

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

    try:
        reports = run_checks(work, plan, send)
        maintain(work)
    finally:
        work.release()
    print(json.dumps(reports))
