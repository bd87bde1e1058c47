"""The endpoint's captured requests since the last check: each file once, if it arrives within an hour."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.shared.job import Workspace
from etl.shared.spec import SPARK_TYPES, Spec
from etl.shared.storage import StoredObject

# SageMaker writes a file minutes after the requests in it. Its folder has the hour of the first one.
LATENESS = timedelta(hours=1)
# Some hundred thousand requests. A day with more is sampled by file.
MOST_BYTES = 256 * 2**20

_HOUR = "%Y/%m/%d/%H"


@dataclass(frozen=True)
class Position:
    """Where a check stopped: no file is expected in folders before `hour`, and those in `read` were read."""

    hour: str
    read: frozenset[str]

    @staticmethod
    def parse(value: dict[str, Any] | None) -> "Position":
        """From a report; the beginning, if there is none."""
        return (
            Position("", frozenset()) if value is None else Position(value["hour"], frozenset(value["read"]))
        )

    def as_json(self) -> dict[str, Any]:
        """The inverse of `parse`."""
        return {"hour": self.hour, "read": sorted(self.read)}

    def unread(self, found: Iterable[StoredObject]) -> list[StoredObject]:
        """The files that no check has read."""
        return [file for file in found if file.key >= self.hour and file.key not in self.read]

    def after(self, files: Iterable[StoredObject], now: datetime) -> "Position":
        """The position once these files have been read. It does not grow with history: the files of folders
        in which none is expected any more are forgotten.
        """
        hour = (now.astimezone(UTC) - LATENESS).strftime(_HOUR)
        read = self.read | {file.key for file in files}
        return Position(max(hour, self.hour), frozenset(key for key in read if key >= hour))


def sample(files: list[StoredObject], most_bytes: int = MOST_BYTES) -> list[StoredObject]:
    """Files of at most this size together, and at least one; which ones does not depend on their time."""
    chosen: list[StoredObject] = []
    size = 0
    for file in sorted(files, key=lambda one: hashlib.sha256(one.key.encode()).digest()):
        if chosen and size + file.bytes > most_bytes:
            break
        chosen.append(file)
        size += file.bytes
    return chosen


def read_captures(work: Workspace, root: str, files: list[StoredObject]) -> DataFrame:
    """One row per instance of a captured request, as `parse_captures` returns them."""
    if not files:
        return parse_captures(work.spark.createDataFrame([], "value string"), work.spec)
    return parse_captures(work.spark.read.text([f"{root}/{file.key}" for file in files]), work.spec)


def parse_captures(lines: DataFrame, spec: Spec) -> DataFrame:
    """Captured lines to one row per instance: `at`, `inference_id`, `entity`, `event_time`, `age_days`,
    `version`, `score` and the features. A line that is not a captured request gives a row without a time.
    """
    capture = F.from_json("value", _CAPTURE)
    request = F.from_json(_data(F.col("capture.captureData.endpointInput")), _request(spec))
    answer = F.from_json(_data(F.col("capture.captureData.endpointOutput")), _ANSWER)
    at = F.to_timestamp("capture.eventMetadata.inferenceTime", "yyyy-MM-dd'T'HH:mm:ss'Z'")
    pairs = F.arrays_zip(F.col("request.instances"), F.col("answer.predictions"))
    rows = (
        lines.select(capture.alias("capture"))
        .select("capture", request.alias("request"), answer.alias("answer"))
        .select(
            at.alias("at"),
            F.col("capture.eventMetadata.inferenceId").alias("inference_id"),
            F.col("answer.model.version").cast("bigint").alias("version"),
            F.explode_outer(pairs).alias("pair"),
        )
    )
    asked = "pair.instances"
    is_read = F.col("at").isNotNull() & F.col(asked).isNotNull() & F.col("pair.predictions.score").isNotNull()
    return rows.select(
        F.when(is_read, F.col("at")).alias("at"),
        "inference_id",
        F.col(f"{asked}.{_quoted(spec.entity)}").alias("entity"),
        F.col(f"{asked}.event_time").alias("event_time"),
        F.col(f"{asked}.feature_age_days").alias("age_days"),
        "version",
        F.col("pair.predictions.score").alias("score"),
        *[F.col(f"{asked}.{_quoted(name)}").alias(name) for name in spec.feature_columns],
    )


_SIDE = "struct<data: string, encoding: string>"
_CAPTURE = (
    f"captureData struct<endpointInput: {_SIDE}, endpointOutput: {_SIDE}>, "
    "eventMetadata struct<inferenceId: string, inferenceTime: string>"
)
_ANSWER = "predictions array<struct<score: double>>, model struct<version: string>"


def _request(spec: Spec) -> str:
    features = [f"{_quoted(name)}: {SPARK_TYPES[kind]}" for name, kind in spec.feature_columns.items()]
    known = [f"{_quoted(spec.entity)}: string", "event_time: string", "feature_age_days: int"]
    return f"instances array<struct<{', '.join([*known, *features])}>>"


def _data(side: Column) -> Column:
    """A side's body as text: SageMaker encodes what it does not know to be JSON."""
    text = side.getField("data")
    return F.when(side.getField("encoding") == "BASE64", F.unbase64(text).cast("string")).otherwise(text)


def _quoted(name: str) -> str:
    return f"`{name}`"
