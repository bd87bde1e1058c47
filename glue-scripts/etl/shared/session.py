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


def configure(spark: SparkSession) -> None:
    """Apply the settings to a session."""
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
