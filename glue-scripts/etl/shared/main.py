"""How Glue starts a step: arguments in, the step's report out."""

import json
import sys
from collections.abc import Callable
from typing import Any

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl.shared.job import ARGUMENTS, Job, running


def main(step: str, run: Callable[[Job, dict[str, Any]], None]) -> None:
    """Run a step with the arguments of the command line; its report is the last line of the output."""
    arguments = getResolvedOptions(sys.argv, ARGUMENTS)
    spark = SparkSession.builder.getOrCreate()
    with running(step, spark, arguments) as (job, report):
        run(job, report)
    print(json.dumps(report))
