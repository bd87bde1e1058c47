"""How Glue starts a step: arguments in, the step's report out."""

import json
import sys
from collections.abc import Callable
from typing import Any

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl.shared.job import ARGUMENTS, Job, running


def main(step: str, run: Callable[[Job, dict[str, Any]], None], *more_arguments: str) -> None:
    """Run a step with the arguments of the command line; its report is the last line of the output.

    `more_arguments` are the names of those that this step takes beside the common ones.
    """
    arguments = getResolvedOptions(sys.argv, [*ARGUMENTS, *more_arguments])
    spark = SparkSession.builder.getOrCreate()
    with running(step, spark, arguments) as (job, report):
        run(job, report)
    print(json.dumps(report))
