"""The entry point of a step: reads Glue's arguments and prints the step's report."""

import json
import sys
from collections.abc import Callable
from typing import Any

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl.shared.job import ARGUMENTS, Job, running
from etl.shared.maintenance import maintain


def main(step: str, run: Callable[[Job, dict[str, Any]], None], *more_arguments: str) -> None:
    """Run a step with the command line's arguments; its report is the last line of the output.

    `more_arguments` are the names of the step's arguments in addition to the common ones.
    """
    arguments = getResolvedOptions(sys.argv, [*ARGUMENTS, *more_arguments])
    spark = SparkSession.builder.getOrCreate()
    with running(step, spark, arguments) as (job, report):
        run(job, report)
    maintain(job)
    print(json.dumps(report))
