"""One Spark for all tests of the jobs, over a catalog of plain folders: no emulator, no network."""

import glob
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

# With importlib's import mode pytest leaves sys.path alone, and the tests share etl_shop.py.
sys.path.insert(0, str(Path(__file__).parent))

from etl_shop import Shop

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A small local session with Iceberg, as the jobs find it on Glue."""
    home = tmp_path_factory.mktemp("spark")
    jars = glob.glob(str(ROOT / ".daybreak/jars/iceberg-spark-runtime-*.jar"))
    assert jars, "no Iceberg jar in .daybreak/jars: run `npm run setup`"
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # Where the Python workers, too, find the jobs' package.
    os.environ["PYTHONPATH"] = str(ROOT / "glue-scripts")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .appName("daybreak-etl-tests")
        .config("spark.jars", ",".join(jars))
        .config("spark.driver.memory", "2g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # A handful of rows: compiling for them, by Spark or by the JVM, takes longer than it ever saves.
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
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
def shop(spark: SparkSession, tmp_path: Path) -> Shop:
    """A pipeline of its own, with nothing in its lake yet."""
    return Shop(spark, tmp_path)
