"""Data capture: requests and answers as JSON lines in S3, in AWS's format and under AWS's keys."""

import base64
import json
import logging
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from daybreak_local.sagemaker.platform import AccessProblem, RoleSession

logger = logging.getLogger(__name__)
FLUSH_RECORDS = 500


@dataclass
class CapturePlan:
    """What one variant captures and where it goes."""

    prefix: str
    percent: int
    modes: frozenset[str]
    json_types: frozenset[str]
    csv_types: frozenset[str]
    kms_key: str | None
    session: RoleSession
    _seen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def of(
        config: dict[str, Any] | None, endpoint: str, variant: str, session: RoleSession
    ) -> "CapturePlan | None":
        """The plan of an endpoint configuration's DataCaptureConfig; None when nothing is captured."""
        if not config or not config.get("EnableCapture", False):
            return None
        headers = config.get("CaptureContentTypeHeader", {})
        modes: set[str] = set()
        for option in config["CaptureOptions"]:
            modes |= (
                {"Input", "Output"} if option["CaptureMode"] == "InputAndOutput" else {option["CaptureMode"]}
            )
        return CapturePlan(
            prefix=f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant}",
            percent=config["InitialSamplingPercentage"],
            modes=frozenset(modes),
            json_types=frozenset(headers.get("JsonContentTypes", [])),
            csv_types=frozenset(headers.get("CsvContentTypes", [])),
            kms_key=config.get("KmsKeyId"),
            session=session,
        )

    def sampled(self) -> bool:
        """Whether the next request is captured: evenly spread, exactly `percent` of every 100."""
        with self._lock:
            self._seen += 1
            return self._seen * self.percent // 100 > (self._seen - 1) * self.percent // 100

    def side(self, mode: str, content_type: str, data: bytes) -> dict[str, str]:
        """endpointInput or endpointOutput. Only the content types that were listed are written as text."""
        main = content_type.partition(";")[0].strip()
        encoding = "JSON" if main in self.json_types else "CSV" if main in self.csv_types else "BASE64"
        text = (
            base64.b64encode(data).decode()
            if encoding == "BASE64"
            else data.decode("utf-8", errors="replace")
        )
        return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}


@dataclass(frozen=True)
class Exchange:
    """One successful invocation."""

    request_type: str
    request_body: bytes
    answer_type: str
    answer_body: bytes
    at: datetime
    inference_id: str | None
    custom_attributes: str | None


def capture_line(plan: CapturePlan, exchange: Exchange) -> str:
    """The exchange as one line of a capture file."""
    data: dict[str, Any] = {}
    if "Input" in plan.modes:
        data["endpointInput"] = plan.side("INPUT", exchange.request_type, exchange.request_body)
    if "Output" in plan.modes:
        data["endpointOutput"] = plan.side("OUTPUT", exchange.answer_type, exchange.answer_body)
    metadata: dict[str, Any] = {"eventId": str(uuid.uuid4())}
    if exchange.custom_attributes:
        metadata["customAttributes"] = [exchange.custom_attributes]
    if exchange.inference_id:
        metadata["inferenceId"] = exchange.inference_id
    metadata["inferenceTime"] = exchange.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"captureData": data, "eventMetadata": metadata, "eventVersion": "0"})


def capture_key(prefix: str, at: datetime) -> str:
    """<prefix>/yyyy/mm/dd/hh/MM-SS-mmm-uuid.jsonl"""
    name = f"{at:%M-%S}-{at.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    return f"{prefix}/{at:%Y/%m/%d/%H}/{name}"


class CaptureBuffer:
    """Lines waiting to be written, by plan and hour."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int, datetime], tuple[CapturePlan, datetime, list[str]]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self.failures: dict[str, int] = defaultdict(int)

    def add(self, plan: CapturePlan, exchange: Exchange) -> None:
        """Keeps one exchange, when it falls into the sample; never waits for S3."""
        if not plan.sampled():
            return
        line = capture_line(plan, exchange)
        hour = exchange.at.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            _, _, lines = self._lines.setdefault((id(plan), hour), (plan, exchange.at, []))
            lines.append(line)

    def pending(self) -> int:
        """How many lines are waiting."""
        with self._lock:
            return sum(len(lines) for _, _, lines in self._lines.values())

    def flush(self) -> int:
        """Writes what is waiting, as the endpoint's role; returns how many lines were written."""
        with self._writing:
            with self._lock:
                batches, self._lines = list(self._lines.values()), {}
            written = 0
            for plan, first, lines in batches:
                for start in range(0, len(lines), FLUSH_RECORDS):
                    written += self._write(plan, first, lines[start : start + FLUSH_RECORDS])
            return written

    def _write(self, plan: CapturePlan, first: datetime, lines: list[str]) -> int:
        body = "".join(f"{line}\n" for line in lines).encode()
        try:
            plan.session.put_bytes(body, capture_key(plan.prefix, first), plan.kms_key)
        except AccessProblem as problem:
            # As on AWS, capture that fails does not fail the invocation; but it is never lost silently.
            self.failures[plan.prefix] += len(lines)
            logger.warning(
                "%d captured requests could not be written to %s: %s", len(lines), plan.prefix, problem
            )
            return 0
        return len(lines)


def now() -> datetime:
    """The time of an inference."""
    return datetime.now(UTC)
