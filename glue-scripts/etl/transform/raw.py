"""Parses raw files on the workers: each worker reads its own files as streams."""

import gc
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import cache

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from etl.shared.job import Job
from etl.shared.quarantine import UNREADABLE_FILE
from etl.shared.row_rules import MATCHES, pattern_rules
from etl.shared.spec import Spec
from etl.shared.storage import Storage, StoredObject, open_storage, reading
from etl.transform.lines import Line, Unreadable, read_lines
from etl.transform.parse import arrow_schema, parse, shown

# The shares per worker: one that finishes early takes another share.
_TURNS = 3


def read_events(spark: SparkSession, root: str, files: list[StoredObject], spec: Spec) -> DataFrame:
    """Every line of the files below `root` that is not blank: the event's typed fields, its file and
    position, and `_reason`, `_detail` and `_line` if it is not a valid event.
    """
    schema = ", ".join(f"`{name}` {kind}" for name, kind in _columns(spec))
    if not files:
        # An empty frame that starts no Python worker.
        return spark.sql(f"SELECT inline(from_json('[]', 'array<struct<{schema.replace('` ', '`: ')}>>'))")
    shares = share_out(files, spark.sparkContext.defaultParallelism * _TURNS)
    rows = spark.range(0, len(shares), 1, len(shares))
    return rows.mapInArrow(_reader(root, shares, spec), schema)


def share_out(files: list[StoredObject], most: int) -> list[list[str]]:
    """The files' keys in up to `most` shares of about the same size."""
    shares: list[tuple[int, list[str]]] = [(0, []) for _ in range(min(most, len(files)))]
    for file in sorted(files, key=lambda one: one.bytes, reverse=True):
        smallest = min(range(len(shares)), key=lambda index: shares[index][0])
        size, keys = shares[smallest]
        shares[smallest] = (size + file.bytes, [*keys, file.key])
    return [keys for _, keys in shares]


def _columns(spec: Spec) -> list[tuple[str, str]]:
    origin = [("_raw_file", "string"), ("_raw_position", "bigint")]
    problem = [("_reason", "string"), ("_detail", "string"), ("_line", "string")]
    matches = [(f"{MATCHES}{index}", "boolean") for index in pattern_rules(spec)]
    return [*spec.field_types.items(), *origin, *problem, *matches]


def _reader(
    root: str, shares: list[list[str]], spec: Spec
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def read(rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # Parsed lines contain no reference cycles; searching for them would take a fifth of the time.
        gc.disable()
        try:
            for row in rows:
                for share in row.column(0).to_pylist():
                    for key in shares[share]:
                        yield from read_file(root, key, spec)
        finally:
            gc.enable()

    return read


def read_file(root: str, key: str, spec: Spec) -> Iterator[pa.RecordBatch]:
    """A file's parsed lines. A part that cannot be read becomes one more line with that reason."""
    position = 0
    with reading(_storage(root), f"{root}/{key}") as stream:
        try:
            for lines in read_lines(stream, spec.max_bytes):
                position = lines[-1][0]
                yield parse(key, lines, spec)
        except Unreadable as error:
            yield _problem_line(key, position + 1, UNREADABLE_FILE, str(error), spec)


def positions(job: Job, key: str) -> list[int]:
    """The positions of a raw file's lines, without blank ones."""
    return [position for position, _, _ in _lines_of(job, key)]


def contents(job: Job, key: str, positions: Collection[int]) -> dict[int, str]:
    """Lines of a raw file by position, as the quarantine shows them."""
    return {position: shown(content) for position, content, _ in _lines_of(job, key) if position in positions}


def _lines_of(job: Job, key: str) -> Iterator[Line]:
    with reading(job.storage, f"{job.uri('raw_events')}/{key}") as stream, suppress(Unreadable):
        for lines in read_lines(stream, job.spec.max_bytes):
            yield from lines


def _problem_line(key: str, position: int, reason: str, detail: str, spec: Spec) -> pa.RecordBatch:
    known = {"_raw_file": key, "_raw_position": position, "_reason": reason, "_detail": detail, "_line": ""}
    schema = arrow_schema(spec)
    return pa.RecordBatch.from_pylist([{name: known.get(name) for name in schema.names}], schema)


@cache
def _storage(root: str) -> Storage:
    """One client per worker, because creating one takes longer than reading a small file."""
    return open_storage(root)
