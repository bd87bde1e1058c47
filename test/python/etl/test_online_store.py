"""Putting all records into the online store despite throttling."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from etl.features.online_store import put_records, record


def refused(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutRecord")


def records(count: int) -> list[list[dict[str, str]]]:
    return [
        record({"customer_id": f"c{number}", "orders": number}, ["customer_id", "orders"])
        for number in range(count)
    ]


def test_a_record_has_text_values_and_omits_nulls() -> None:
    row = {"customer_id": "c1", "orders": 2, "spent": 0.1, "channel": None}
    assert record(row, row) == [
        {"FeatureName": "customer_id", "ValueAsString": "c1"},
        {"FeatureName": "orders", "ValueAsString": "2"},
        {"FeatureName": "spent", "ValueAsString": "0.1"},
    ]


def test_throttled_records_are_retried_with_backoff() -> None:
    attempts: Counter[str] = Counter()
    failures = [refused("ThrottlingException", 400), refused("InternalFailure", 500)]
    failures.append(EndpointConnectionError(endpoint_url="http://127.0.0.1"))
    waits: list[float] = []

    def put(**request: Any) -> None:
        assert request["FeatureGroupName"] == "group"
        assert request["TargetStores"] == ["OnlineStore"]
        key = request["Record"][0]["ValueAsString"]
        attempts[key] += 1
        if attempts[key] <= len(failures) and int(key[1:]) % 2:
            raise failures[attempts[key] - 1]

    assert put_records(put, "group", records(40), waits.append) == 40
    assert set(attempts.values()) == {1, 4}
    assert len(waits) == 60
    assert max(waits) <= 0.8


def test_records_are_taken_only_as_they_are_put() -> None:
    taken, stored = 0, []
    waiting: list[int] = []

    def taking() -> Iterator[list[dict[str, str]]]:
        nonlocal taken
        for one in records(5_000):
            taken += 1
            waiting.append(taken - len(stored))
            yield one

    def put(**request: Any) -> None:
        stored.append(request)

    assert put_records(put, "group", taking()) == len(stored) == 5_000
    assert max(waiting) < 500


def test_errors_that_no_retry_can_resolve_are_raised_at_once() -> None:
    calls: list[Any] = []

    def put(**request: Any) -> None:
        calls.append(request)
        raise refused("ValidationException", 400)

    with pytest.raises(ClientError, match="ValidationException"):
        put_records(put, "group", records(1), lambda seconds: None)
    assert len(calls) == 1


def test_retries_are_limited() -> None:
    def put(**request: Any) -> None:
        raise refused("ThrottlingException", 400)

    with pytest.raises(ClientError, match="ThrottlingException"):
        put_records(put, "group", records(1), lambda seconds: None)
