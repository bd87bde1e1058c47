"""Job 3 of a run: features of every entity, into the offline and the online store."""

import json
import sys

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

from etl import featurize
from etl.job import ARGUMENTS, running


def main() -> None:
    """Run the step that the arguments describe; its report is the last line of the output."""
    arguments = getResolvedOptions(sys.argv, ARGUMENTS)
    spark = SparkSession.builder.getOrCreate()
    with running("features", spark, arguments) as (job, report):
        featurize.run(job, report)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
