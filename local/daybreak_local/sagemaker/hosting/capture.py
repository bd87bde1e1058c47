"""Data capture: requests and responses as JSON Lines in S3, in AWS's format and key layout."""

import base64
import json
import logging
import threading
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from daybreak_local.sagemaker.platform import AccessProblem, RoleSession

logger = logging.getLogger(__name__)
FLUSH_RECORDS = 500


class CapturePlan:
    """The data capture settings of a production variant."""

    def __init__(self, config: dict[str, Any], endpoint: str, variant: str, session: RoleSession) -> None:
        headers = config.get("CaptureContentTypeHeader", {})
        modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
        self.prefix = f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant}"
        self.modes = {"Input", "Output"} if "InputAndOutput" in modes else modes
        self.kms_key: str | None = config.get("KmsKeyId")
        self.session = session
        self._percent: int = config["InitialSamplingPercentage"]
        self._encodings = dict.fromkeys(headers.get("JsonContentTypes", []), "JSON")
        self._encodings |= dict.fromkeys(headers.get("CsvContentTypes", []), "CSV")
        self._seen = 0
        self._lock = threading.Lock()

    def sampled(self) -> bool:
        """Whether to capture the next request: exactly `percent` of every 100, evenly spread."""
        with self._lock:
            self._seen += 1
            return self._seen * self._percent // 100 > (self._seen - 1) * self._percent // 100

    def side(self, mode: str, content_type: str, data: bytes) -> dict[str, str]:
        """endpointInput or endpointOutput. Unlisted content types are Base64-encoded."""
        encoding = self._encodings.get(content_type.partition(";")[0].strip(), "BASE64")
        if encoding == "BASE64":
            text = base64.b64encode(data).decode()
        else:
            text = data.decode("utf-8", errors="replace")
        return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}

    def line(self, sides: dict[str, tuple[str, bytes]], at: datetime, inference: str | None) -> str:
        """A capture record; `sides` maps Input and Output to (content type, body)."""
        data = {
            f"endpoint{mode}": self.side(mode.upper(), *side)
            for mode, side in sides.items()
            if mode in self.modes
        }
        metadata = {"eventId": str(uuid.uuid4()), "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        if inference is not None:
            metadata["inferenceId"] = inference
        return json.dumps({"captureData": data, "eventMetadata": metadata, "eventVersion": "0"})


def capture_key(prefix: str, at: datetime) -> str:
    """<prefix>/yyyy/mm/dd/hh/MM-SS-mmm-uuid.jsonl"""
    name = f"{at:%M-%S}-{at.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    return f"{prefix}/{at:%Y/%m/%d/%H}/{name}"


class CaptureBuffer:
    """Capture records not yet written, by plan and hour."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int, datetime], tuple[CapturePlan, datetime, list[str]]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self.failures: dict[str, int] = defaultdict(int)

    def add(self, plan: CapturePlan, sides: dict[str, tuple[str, bytes]], inference: str | None) -> None:
        """Buffers an invocation if it is sampled; never waits for S3."""
        if not plan.sampled():
            return
        at = datetime.now(UTC)
        hour = at.replace(minute=0, second=0, microsecond=0)
        line = plan.line(sides, at, inference)
        with self._lock:
            self._lines.setdefault((id(plan), hour), (plan, at, []))[2].append(line)

    def pending(self) -> int:
        """The number of buffered records."""
        with self._lock:
            return sum(len(lines) for _, _, lines in self._lines.values())

    def flush(self) -> int:
        """Writes buffered records with the endpoint's role; returns the number written."""
        with self._writing:
            with self._lock:
                batches, self._lines = list(self._lines.values()), {}
            return sum(
                self._write(plan, first, lines[start : start + FLUSH_RECORDS])
                for plan, first, lines in batches
                for start in range(0, len(lines), FLUSH_RECORDS)
            )

    def _write(self, plan: CapturePlan, first: datetime, lines: list[str]) -> int:
        body = "".join(f"{line}\n" for line in lines).encode()
        try:
            plan.session.put_bytes(body, capture_key(plan.prefix, first), plan.kms_key)
        except AccessProblem as problem:
            # As on AWS, a failed capture does not fail the invocation; count it so that the loss is visible.
            self.failures[plan.prefix] += len(lines)
            logger.warning("%d captures were not written to %s: %s", len(lines), plan.prefix, problem)
            return 0
        return len(lines)
