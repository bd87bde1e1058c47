"""The settings of Spark on which the result of a pipeline's SQL depends."""

from pyspark.sql import SparkSession

SETTINGS = {
    # Dates and timestamps mean UTC whatever the machine says.
    "spark.sql.session.timeZone": "UTC",
    # Casts and arithmetic give null, not an error (Spark 3's default).
    "spark.sql.ansi.enabled": "false",
    # A time that does not match its format is null. By default Spark stops where Spark 2 would have read it.
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}

# COLLECT_SET keeps its state as objects. By default, Spark goes over to sorting all rows once a task has 128
# groups, to save memory; a set of a few values for each of many entities needs little.
SPEED = {"spark.sql.objectHashAggregate.sortBased.fallbackThreshold": "65536"}


def configure(spark: SparkSession) -> None:
    """Apply the settings to a session."""
    for name, value in (SETTINGS | SPEED).items():
        spark.conf.set(name, value)
