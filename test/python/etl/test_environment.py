"""Which errors of a step say that the environment, and not the data, is at fault."""

import os
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from etl_shop import Shop, event
from pyspark.sql import SparkSession

from etl.shared.environment import is_environmental
from etl.shared.storage import StoredObject
from etl.transform.raw import read_events


def error_of(
    spark: SparkSession, read: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
) -> Exception:
    """The error with which a Python worker fails."""
    with pytest.raises(Exception) as raised:
        spark.range(1).mapInArrow(read, "id bigint").collect()
    return raised.value


def test_a_file_that_its_storage_does_not_give_is_no_fault_of_the_file(shop: Shop) -> None:
    job = shop.job("1998-01-02")
    shop.land([event(1, "1998-01-01")], "present")
    files = [StoredObject("present.gz", 1), StoredObject("missing.gz", 1)]
    with pytest.raises(Exception, match=r"missing\.gz cannot be read now") as raised:
        read_events(shop.spark, job.uri("raw_events"), files, job.spec).collect()
    assert is_environmental(raised.value)


def test_an_error_or_the_death_of_a_worker_may_be_the_datas_fault(spark: SparkSession) -> None:
    def fail(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        raise ValueError("etl.shared.errors.StorageFailed: com.amazonaws.SdkClientException")

    def die(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        os._exit(1)

    assert not is_environmental(error_of(spark, fail))
    assert not is_environmental(error_of(spark, die))


def test_the_class_of_an_error_counts_and_not_what_it_quotes() -> None:
    lost_worker = (
        "Job aborted due to stage failure: Lost task 0.3 in stage 1.0 (TID 3) (executor driver): "
        "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n"
        "Caused by: java.net.SocketException: Connection reset"
    )
    quoted = 'BadLine: expected a number, found "etl.shared.errors.StorageFailed: com.amazonaws.Oops"'
    for text in (lost_worker, quoted, "java.lang.StackOverflowError"):
        assert not is_environmental(Exception(text))
    for text in (
        "An exception was thrown from the Python worker:\nTraceback\n  File 'raw.py'\n"
        "etl.shared.errors.StorageFailed: s3://lake/raw/1.gz cannot be read now: timed out",
        "Lost task 0.0 in stage 4.0 (TID 9) (10.0.0.1 executor 3): software.amazon.awssdk.core.Abort: no",
        "org.apache.spark.SparkException: aborted\n\tat x.y\nCaused by: com.amazonaws.SdkClientException: no",
    ):
        assert is_environmental(Exception(text))
    assert is_environmental(OSError("no route to host"))
