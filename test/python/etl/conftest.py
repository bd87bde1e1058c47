"""One Spark session for all tests of the jobs, with an Iceberg catalog in a folder and without emulator."""

import glob
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

# pytest does not change sys.path in its import mode importlib, but the tests share etl_shop.py.
sys.path.insert(0, str(Path(__file__).parent))

from etl_shop import Shop

ROOT = Path(__file__).parents[3]
JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A small local session with Iceberg, configured as on Glue."""
    home = tmp_path_factory.mktemp("spark")
    jars = glob.glob(str(ROOT / ".daybreak/jars/iceberg-spark-runtime-*.jar"))
    assert jars, "no Iceberg jar in .daybreak/jars: run `npm run setup`"
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # The Python workers import the jobs' package as well.
    os.environ["PYTHONPATH"] = str(ROOT / "glue-scripts")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .appName("daybreak-etl-tests")
        .config("spark.jars", ",".join(jars))
        .config("spark.driver.memory", "2g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # With so few rows, neither Spark's code generation nor the JVM's optimizing compiler pays off.
        # Without the latter, the JVM's code cache is small and would be full after some hundred tests.
        .config("spark.driver.extraJavaOptions", JVM_OPTIONS)
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.default.parallelism", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
        .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
        .config("spark.sql.catalog.lake.type", "hadoop")
        .config("spark.sql.catalog.lake.cache-enabled", "false")
        .config("spark.sql.catalog.lake.warehouse", f"file://{home}/lake")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture
def unchecked_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row rules may contain anything, such as raise_error: what fails at one event is not always known."""
    monkeypatch.setattr("etl.transform.step.condition_mistakes", lambda *_: [])


@pytest.fixture
def shop(spark: SparkSession, tmp_path: Path) -> Shop:
    """A new pipeline with an empty lake."""
    return Shop(spark, tmp_path)
