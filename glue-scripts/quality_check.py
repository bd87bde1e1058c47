"""Job 2 of a run: check what was staged, publish it or halt."""

import json
import sys

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl import quality
from etl.job import ARGUMENTS, running


def main() -> None:
    """Run the step that the arguments describe; its report is the last line of the output."""
    arguments = getResolvedOptions(sys.argv, ARGUMENTS)
    spark = SparkSession.builder.getOrCreate()
    with running("quality", spark, arguments) as (job, report):
        quality.run(job, report)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
