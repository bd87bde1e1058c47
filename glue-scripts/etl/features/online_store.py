"""Writes the newest record of every entity to the feature group's online store, several at a time."""

import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError

_THREADS = 16
# Records that are taken before the oldest of them is stored: enough for the other threads while one waits.
_WINDOW = 16 * _THREADS
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

    The records are taken as they are put, because a million of them need 4 GB of memory. The Feature Store
    never replaces a record by one with an older event time.
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

    pending: deque[Future[None]] = deque()
    count = 0
    with ThreadPoolExecutor(_THREADS) as threads:
        for values in records:
            if len(pending) == _WINDOW:
                pending.popleft().result()
            pending.append(threads.submit(put_one, values))
            count += 1
        for last in pending:
            last.result()
    return count


def _worth_another_try(error: ClientError | ConnectionError) -> bool:
    if isinstance(error, ConnectionError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error.response["Error"]["Code"] in _RETRIED
