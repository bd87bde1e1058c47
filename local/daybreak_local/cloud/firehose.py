"""Firehose from Kinesis to S3 with buffering, as on AWS: one object per buffer, not one per record.

A buffer is flushed when it reaches `SizeInMBs` or `IntervalInSeconds`. Failed deliveries (access denied, no
such bucket) are retried, logged and counted in DeliveryToS3.Success, never dropped.
"""

import contextlib
import gzip
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import cloudwatch, firehose

from daybreak_local.cloud import hooks
from daybreak_local.cloud.authorization import denial
from daybreak_local.cloud.scope import on_loop
from daybreak_local.sagemaker.platform import AccessProblem, RoleSession

log = logging.getLogger("daybreak.firehose")

MEGABYTE = 1024 * 1024
RETRY_SECONDS = (1, 2, 4, 8, 16, 30)
# gzip's fastest level: AWS does not document its own, and replaying a year should take seconds.
GZIP_LEVEL = 1

hooks.require(
    firehose, "_streams", "_lock", "_evaluate_prefix", "_java_time", "_s3_bucket_from_arn", "_arrival_time"
)


class DeliveryError(Exception):
    """A batch could not be stored; it will be retried."""


@dataclass
class Batch:
    """Records that go into one object."""

    stream_name: str
    destination_id: str
    arrived: float
    arrival_time: time.struct_time
    records: list[bytes] = field(default_factory=list)
    size: int = 0
    attempts: int = 0
    next_attempt: float = 0.0


class Buffers:
    """The buffers of all delivery streams, and the batches waiting for a retry."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._delivering = threading.Lock()
        self._filling: dict[tuple[str, str], Batch] = {}
        self._closed: list[Batch] = []
        self._undelivered_error: str | None = None

    def install(self) -> None:
        """Replaces ministack's delivery, which writes one object per record."""
        hooks.replace(firehose, "ingest_from_kinesis_source", self._ingest)

    def _ingest(self, stream_arn: str, records: list[tuple[str, bytes]]) -> None:
        for stream in list(firehose._streams.values()):
            source = stream.get("kinesis_source") or {}
            if stream.get("status") == "ACTIVE" and source.get("KinesisStreamARN") == stream_arn:
                for destination in stream["destinations"]:
                    if destination["type"] in ("ExtendedS3", "S3"):
                        self.add(stream, destination, [data for _, data in records])

    def add(self, stream: dict[str, Any], destination: dict[str, Any], records: list[bytes]) -> None:
        """Buffers records, and closes the buffer when it is full."""
        config = destination["config"]
        limit = buffering(config)[0] * MEGABYTE
        delimiter = delimiter_of(config)
        if delimiter:
            records = [data + delimiter for data in records]
        key = (stream["name"], destination["id"])
        with self._lock:
            batch = self._filling.get(key)
            if batch is None:
                batch = Batch(*key, arrived=time.time(), arrival_time=firehose._arrival_time(config))
                self._filling[key] = batch
            batch.records.extend(records)
            batch.size += sum(map(len, records))
            if batch.size >= limit:
                self._closed.append(self._filling.pop(key))

    def deliver_due(self, *, everything: bool = False) -> dict[str, Any]:
        """Delivers buffers that are due (or all). Blocks: do not call on the event loop."""
        with self._delivering:
            now = time.time()
            # The event loop takes this lock on ingest: waiting for the loop while holding it would deadlock.
            intervals = {} if everything else on_loop(intervals_of_streams)
            with self._lock:
                for key, batch in list(self._filling.items()):
                    if everything or now - batch.arrived >= intervals.get(key, 0):
                        self._closed.append(self._filling.pop(key))
                due = [batch for batch in self._closed if everything or batch.next_attempt <= now]
            delivered = 0
            for batch in due:
                if self._attempt(batch):
                    delivered += len(batch.records)
            return {"records": delivered, **self.status()}

    def status(self) -> dict[str, Any]:
        """The number of undelivered records, in all and by delivery stream, and the last delivery error."""
        with self._lock:
            pending: Counter[str] = Counter()
            for batch in [*self._filling.values(), *self._closed]:
                pending[batch.stream_name] += len(batch.records)
            return {
                "pending_records": pending.total(),
                "pending": dict(pending),
                "error": self._undelivered_error if self._closed else None,
            }

    def stop(self) -> None:
        """Flushes all buffers; logs the number of records that could not be delivered."""
        left = self.deliver_due(everything=True)
        if left["pending_records"]:
            log.error("%s records were never delivered to S3: %s", left["pending_records"], left["error"])

    def _attempt(self, batch: Batch) -> bool:
        try:
            store(batch)
        except DeliveryError as error:
            batch.next_attempt = time.time() + RETRY_SECONDS[min(batch.attempts, len(RETRY_SECONDS) - 1)]
            batch.attempts += 1
            self._undelivered_error = str(error)
            log.warning(
                "%s: %s records not delivered, kept: %s", batch.stream_name, len(batch.records), error
            )
            record_metrics(batch.stream_name, {"DeliveryToS3.Success": (0, "None")})
            log_failure(batch, str(error))
            return False
        with self._lock:
            self._closed.remove(batch)
        record_metrics(
            batch.stream_name,
            {
                "DeliveryToS3.Records": (len(batch.records), "Count"),
                "DeliveryToS3.Bytes": (batch.size, "Bytes"),
                "DeliveryToS3.DataFreshness": (round(time.time() - batch.arrived, 3), "Seconds"),
                "DeliveryToS3.Success": (1, "None"),
            },
        )
        return True


def store(batch: Batch) -> None:
    """Writes one object with the delivery role's permissions. Raises DeliveryError."""
    found = on_loop(find, batch)
    if found is None:
        raise DeliveryError(
            f"the delivery stream {batch.stream_name} or its destination does not exist any more"
        )
    stream, destination = found
    config = destination["config"]
    bucket = firehose._s3_bucket_from_arn(config["BucketARN"])
    source = stream.get("kinesis_source")
    if source:
        for action in ("kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"):
            check(source["RoleARN"], action, source["KinesisStreamARN"])

    prefix = firehose._evaluate_prefix(config.get("Prefix", ""), batch.arrival_time)
    moment = firehose._java_time("yyyy-MM-dd-HH-mm-ss", batch.arrival_time)
    body, extension = b"".join(batch.records), ""
    if config.get("CompressionFormat") == "GZIP":
        body, extension = gzip.compress(body, GZIP_LEVEL, mtime=0), ".gz"
    name = f"{stream['name']}-{stream.get('version', 1)}-{moment}-{new_uuid()}"
    key = f"{prefix}{name}{config.get('FileExtension') or extension}"
    try:
        role_session(config["RoleARN"]).put_bytes(body, f"s3://{bucket}/{key}")
    except AccessProblem as error:
        raise DeliveryError(str(error)) from error


@cache
def role_session(role_arn: str) -> RoleSession:
    """A session of a delivery role. Raises AccessProblem."""
    return RoleSession(role_arn, "firehose", "firehose.amazonaws.com")


def check(role_arn: str, action: str, resource_arn: str) -> None:
    """Raises DeliveryError if the role is not authorized."""
    message = denial(role_arn, action, resource_arn)
    if message:
        raise DeliveryError(message)


def find(batch: Batch) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The current delivery stream and destination of a batch; None if deleted."""
    stream = firehose._streams.get(batch.stream_name)
    for destination in stream["destinations"] if stream else ():
        if destination["id"] == batch.destination_id:
            return stream, destination
    return None


def intervals_of_streams() -> dict[tuple[str, str], float]:
    """The buffering interval of each destination, in seconds."""
    return {
        (stream["name"], destination["id"]): buffering(destination["config"])[1]
        for stream in firehose._streams.values()
        for destination in stream["destinations"]
    }


def buffering(config: dict[str, Any]) -> tuple[float, float]:
    """(megabytes, seconds) of a destination, with AWS's defaults."""
    hints = config.get("BufferingHints") or {}
    return hints.get("SizeInMBs", 5), hints.get("IntervalInSeconds", 300)


def delimiter_of(config: dict[str, Any]) -> bytes:
    """The delimiter of the AppendDelimiterToRecord processor; empty without it."""
    processing = config.get("ProcessingConfiguration") or {}
    for processor in (processing.get("Processors") or []) if processing.get("Enabled") else ():
        if processor.get("Type") == "AppendDelimiterToRecord":
            for parameter in processor.get("Parameters") or []:
                if parameter.get("ParameterName") == "Delimiter":
                    # The API takes the escape sequence (backslash, n), not a newline.
                    return parameter["ParameterValue"].encode().decode("unicode_escape").encode()
            return b"\n"
    return b""


def record_metrics(stream_name: str, values: dict[str, tuple[float, str]]) -> None:
    """Publishes metrics of a delivery stream in AWS/Firehose."""
    for name, (value, unit) in values.items():
        on_loop(
            cloudwatch.record_metric, "AWS/Firehose", name, value, unit, {"DeliveryStreamName": stream_name}
        )


def log_failure(batch: Batch, message: str) -> None:
    """Writes a failed delivery to the log stream of the destination, with the delivery role's permissions."""
    found = on_loop(find, batch)
    config = found[1]["config"] if found else {}
    options = config.get("CloudWatchLoggingOptions") or {}
    if options.get("Enabled") and options.get("LogGroupName"):
        lines = [(int(time.time() * 1000), message)]
        stream = options.get("LogStreamName") or "DestinationDelivery"
        with contextlib.suppress(AccessProblem):
            role_session(config["RoleARN"]).write_logs(options["LogGroupName"], stream, lines)
