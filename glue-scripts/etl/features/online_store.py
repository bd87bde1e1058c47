"""Writes the newest record of every entity to the feature group's online store, several at a time."""

import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError

_THREADS = 16
_ATTEMPTS = 8
_RETRIED = {"ThrottlingException", "TooManyRequestsException", "ServiceUnavailable", "InternalFailure"}

PutRecord = Callable[..., Any]


def client() -> PutRecord:
    """The PutRecord operation with this job's credentials. `put_records` retries instead of botocore, because
    throttling can last longer than botocore's attempts.
    """
    config = Config(max_pool_connections=_THREADS, retries={"total_max_attempts": 1})
    return boto3.session.Session().client("sagemaker-featurestore-runtime", config=config).put_record


def record(row: dict[str, Any], columns: Iterable[str]) -> list[dict[str, str]]:
    """A row in PutRecord's format: values as text, without nulls."""
    return [
        {"FeatureName": column, "ValueAsString": str(row[column])}
        for column in columns
        if row[column] is not None
    ]


def put_records(
    put: PutRecord,
    feature_group: str,
    records: Iterable[list[dict[str, str]]],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Put every record into the online store only, because Spark writes the offline one; return their number.

    The Feature Store never replaces a record by one with an older event time.
    """

    def put_one(values: list[dict[str, str]]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                put(FeatureGroupName=feature_group, Record=values, TargetStores=["OnlineStore"])
                return
            except (ClientError, ConnectionError) as error:
                if attempt == _ATTEMPTS or not _worth_another_try(error):
                    raise
                # Full jitter, so that threads that were throttled together do not retry together.
                sleep(random.uniform(0, min(20.0, 0.1 * 2**attempt)))

    with ThreadPoolExecutor(_THREADS) as threads:
        return sum(1 for _ in threads.map(put_one, records))


def _worth_another_try(error: ClientError | ConnectionError) -> bool:
    if isinstance(error, ConnectionError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error.response["Error"]["Code"] in _RETRIED
