"""Faster Kinesis retention: ministack scans all records on every write."""

import time
from itertools import takewhile
from typing import Any

from ministack.services import kinesis

from daybreak_local.cloud import hooks


def install() -> None:
    hooks.replace(kinesis, "_expire_records", expire_records)


def expire_records(stream: dict[str, Any]) -> None:
    """Drops records older than the retention period; records are in order, so these come first."""
    cutoff = time.time() - stream["RetentionPeriodHours"] * 3600
    for shard in stream["shards"].values():
        records = shard["records"]
        if records and records[0]["ApproximateArrivalTimestamp"] < cutoff:
            expired = sum(
                1 for _ in takewhile(lambda record: record["ApproximateArrivalTimestamp"] < cutoff, records)
            )
            del records[:expired]
