"""Job 4 of a training run: the point-in-time training set."""

import json
import sys

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl import dataset
from etl.job import ARGUMENTS, running


def main() -> None:
    """Run the step that the arguments describe; its report is the last line of the output."""
    arguments = getResolvedOptions(sys.argv, ARGUMENTS)
    spark = SparkSession.builder.getOrCreate()
    with running("dataset", spark, arguments) as (job, report):
        dataset.run(job, report)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
