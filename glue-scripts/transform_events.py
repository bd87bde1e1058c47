"""Job 1 of a run: raw files to staged events."""

import json
import sys

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl import transform
from etl.job import ARGUMENTS, running


def main() -> None:
    """Run the step that the arguments describe; its report is the last line of the output."""
    arguments = getResolvedOptions(sys.argv, ARGUMENTS)
    spark = SparkSession.builder.getOrCreate()
    with running("transform", spark, arguments) as (job, report):
        transform.run(job, report)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
