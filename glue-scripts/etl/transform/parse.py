"""Parses lines to typed events, strictly.

An event is a line that is one JSON object. Each value must have the type that pipeline.yaml declares:

- string, timestamp: a JSON string (a number is not silently converted to text);
- integer: a JSON number without a fraction (3 and 3.0, but not "3" or 3.5), within 64 bits, or within 2^53 if
  it has a decimal point or an exponent;
- double: a finite JSON number;
- boolean: true or false;
- timestamp: a format that times.py accepts, from FIRST_YEAR to LAST_YEAR.

The patterns of row rules are matched here as well, because Arrow's engine takes time in proportion to the
text. Java's backtracks, and a long value overflows its stack.

The parser is Python's json module: it distinguishes JSON's types, rejects a line with anything after the
object, and is available on every worker. Its extensions of the standard (NaN, Infinity, lone surrogates) are
rejected here. If an object repeats a key, the last value counts, as in most other parsers. Lines that are all
valid events, as most are, are read together by Arrow, with the same result (arrow_json.py).
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from etl.shared.row_rules import MATCHES, pattern_rules
from etl.shared.spec import Field, Spec
from etl.transform.arrow_json import read_valid_events
from etl.transform.lines import Line
from etl.transform.times import FIRST_YEAR, LAST_YEAR, out_of_range, parse_times

# The lines that are parsed one by one if one of them is invalid.
_PART = 256
# The longest part of a wrong value that a message quotes.
_SHOWN = 80
# The longest part of a bad line that is kept.
_KEPT = 4096
_LARGEST = 2**63 - 1
_EXACT = 2**53
_ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
}
_EXPECTED = {
    "string": "a JSON string",
    "integer": "a JSON number without a fraction",
    "double": "a finite JSON number",
    "boolean": "true or false",
    "timestamp": "an ISO 8601 time as a JSON string",
}

Problem = tuple[str, str]


@dataclass
class Batch:
    """The events of parsed lines, and what is wrong with a line, by its index."""

    events: list[dict[str, Any]] = field(default_factory=list)
    problems: dict[int, Problem] = field(default_factory=dict)

    def note(self, index: int, reason: str, detail: str) -> None:
        """Records a problem of a line, unless it already has one."""
        self.problems.setdefault(index, (reason, detail))


def arrow_schema(spec: Spec) -> pa.Schema:
    """The columns that `parse` returns."""
    fields = [(one.name, _ARROW_TYPES[one.type]) for one in spec.fields]
    return pa.schema(
        [
            *fields,
            ("_raw_file", pa.string()),
            ("_raw_position", pa.int64()),
            ("_reason", pa.string()),
            ("_detail", pa.string()),
            ("_line", pa.string()),
            *((f"{MATCHES}{index}", pa.bool_()) for index in pattern_rules(spec)),
        ]
    )


def parse(raw_file: str, lines: list[Line], spec: Spec) -> pa.RecordBatch:
    """The events of a file's lines; an invalid line has `_reason`, `_detail` and `_line`."""
    events = _valid_events(raw_file, lines, spec)
    if events is not None:
        return events
    if len(lines) <= _PART:
        return parse_one_by_one(raw_file, lines, spec)
    # An invalid line costs only its neighbours the faster reading.
    parts = [parse(raw_file, lines[first : first + _PART], spec) for first in range(0, len(lines), _PART)]
    return pa.Table.from_batches(parts).combine_chunks().to_batches()[0]


def parse_one_by_one(raw_file: str, lines: list[Line], spec: Spec) -> pa.RecordBatch:
    """As `parse`, whatever the lines are."""
    batch = Batch()
    for index, (_, content, length) in enumerate(lines):
        if length > spec.max_bytes:
            batch.note(
                index, "too_large", f"the line has {length} bytes; at most {spec.max_bytes} are accepted"
            )
            batch.events.append({})
        else:
            batch.events.append(_event(batch, index, content))
    columns = {one.name: _column(batch, one, spec) for one in spec.fields}
    reasons, details, kept = ([None] * len(lines) for _ in range(3))
    for index, (reason, detail) in batch.problems.items():
        reasons[index], details[index], kept[index] = reason, detail, shown(lines[index][1])
    texts = [pa.array(texts, pa.string()) for texts in (reasons, details, kept)]
    return _record_batch(raw_file, lines, columns, texts, spec)


def _valid_events(raw_file: str, lines: list[Line], spec: Spec) -> pa.RecordBatch | None:
    """The lines' events if all are certainly valid."""
    if max(length for _, _, length in lines) > spec.max_bytes:
        return None
    columns = read_valid_events([content for _, content, _ in lines], spec)
    if columns is None:
        return None
    return _record_batch(raw_file, lines, columns, [pa.nulls(len(lines), pa.string())] * 3, spec)


def _record_batch(
    raw_file: str, lines: list[Line], columns: dict[str, pa.Array], problems: list[pa.Array], spec: Spec
) -> pa.RecordBatch:
    return pa.record_batch(
        [
            *columns.values(),
            pa.repeat(pa.scalar(raw_file, pa.string()), len(lines)),
            pa.array([position for position, _, _ in lines], pa.int64()),
            *problems,
            *(
                pc.match_substring_regex(columns[rule["field"]], rule["pattern"])
                for rule in pattern_rules(spec).values()
            ),
        ],
        schema=arrow_schema(spec),
    )


def shown(content: bytes) -> str:
    """A bad line as text; bytes that are not UTF-8 are escaped, such as \\xff, so that they stay visible."""
    text = content[:_KEPT].decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return text if len(content) <= _KEPT else f"{text}…"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
# The scanner, in C. What `decode` adds in Python is for white space around the value and for messages.
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once


def _decode(text: str) -> Any:
    try:
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except StopIteration:
        pass
    return _decoder.decode(text)


def _event(batch: Batch, index: int, content: bytes) -> dict[str, Any]:
    """The line's JSON object; empty if the line is not a valid event."""
    try:
        event = _decode(content.decode())
    except UnicodeDecodeError as error:
        batch.note(index, "not_unicode", f"byte {error.start + 1} is not UTF-8")
        return {}
    except RecursionError:
        batch.note(index, "not_json", "objects or arrays are nested more than a thousand deep")
        return {}
    except ValueError as error:
        batch.note(index, "not_json", f"expected one JSON object on the line: {error}")
        return {}
    if type(event) is not dict:
        batch.note(index, "not_json", "expected one JSON object on the line")
        return {}
    if b"\\u" in content and (found := _unfit_character(event)):
        batch.note(index, "not_unicode", found)
        return {}
    return event


def _unfit_character(value: Any) -> str | None:
    """Describes a character that cannot be stored; in valid UTF-8, only an escape can produce one."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.keys()
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            if "\0" in one:
                return "a string contains the character NUL"
            if not one.isascii() and any("\ud800" <= letter <= "\udfff" for letter in one):
                return "a string contains half of a surrogate pair"
    return None


def _column(batch: Batch, field: Field, spec: Spec) -> pa.Array:
    """A field's values, null if absent or of a wrong type; records what is wrong."""
    name = field.name
    values = [event.get(name) for event in batch.events]
    column = _READERS[field.type](batch, field, values)
    if column.null_count:
        for index, value in enumerate(values):
            if value is None:
                if field.required:
                    batch.note(index, f"missing_field:{name}", f"{name} is missing or null")
            elif not column[index].is_valid:
                _note_wrong_type(batch, index, field, value)
    if field.type == "string" and name in (spec.event_id, spec.entity):
        # Otherwise all rows with a blank ID would be one event, or one customer.
        for index in pc.indices_nonzero(pc.equal(pc.utf8_trim_whitespace(column), "")).to_pylist():
            batch.note(index, f"missing_field:{name}", f"{name} is blank")
    return column


def _strings(batch: Batch, field: Field, values: list[Any]) -> pa.Array:
    return pa.array(_only(values, str), pa.string())


def _booleans(batch: Batch, field: Field, values: list[Any]) -> pa.Array:
    return pa.array(_only(values, bool), pa.bool_())


def _integers(batch: Batch, field: Field, values: list[Any]) -> pa.Array:
    if set(map(type, values)) - {int, type(None)}:
        values = [int(value) if _is_whole(value) else None for value in values]
    try:
        return pa.array(values, pa.int64())
    except OverflowError:
        return pa.array(
            [
                value if value is not None and abs(value) <= _LARGEST + (value < 0) else None
                for value in values
            ],
            pa.int64(),
        )


def _is_whole(value: Any) -> bool:
    # From 2^53 on, a float may differ from the number in the text.
    return type(value) is int or (type(value) is float and value.is_integer() and abs(value) < _EXACT)


def _doubles(batch: Batch, field: Field, values: list[Any]) -> pa.Array:
    if set(map(type, values)) - {float, type(None)}:
        values = [_as_double(value) for value in values]
    column = pa.array(values, pa.float64())
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64()))


def _as_double(value: Any) -> float | None:
    if type(value) is float:
        return value
    try:
        return float(value) if type(value) is int else None
    except OverflowError:
        return math.inf


def _timestamps(batch: Batch, field: Field, values: list[Any]) -> pa.Array:
    times = parse_times(pa.array(_only(values, str), pa.string()))
    beyond = out_of_range(times)
    if not pc.any(beyond).as_py():
        return times
    for index in pc.indices_nonzero(beyond).to_pylist():
        batch.note(
            index,
            f"out_of_range:{field.name}",
            f"{field.name}: expected a year from {FIRST_YEAR} to {LAST_YEAR}, found {values[index][:_SHOWN]}",
        )
    return pc.if_else(beyond, pa.scalar(None, times.type), times)


_READERS: dict[str, Callable[[Batch, Field, list[Any]], pa.Array]] = {
    "string": _strings,
    "integer": _integers,
    "double": _doubles,
    "boolean": _booleans,
    "timestamp": _timestamps,
}


def _only(values: list[Any], kind: type) -> list[Any]:
    """The values of one type; all others become None."""
    if set(map(type, values)) <= {kind, type(None)}:
        return values
    return [value if type(value) is kind else None for value in values]


def _note_wrong_type(batch: Batch, index: int, field: Field, value: Any) -> None:
    try:
        found = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        )
    except RecursionError:
        found = "deeply nested objects or arrays"
    if len(found) > _SHOWN:
        found = f"{found[:_SHOWN]}…"
    batch.note(
        index, f"wrong_type:{field.name}", f"{field.name}: expected {_EXPECTED[field.type]}, found {found}"
    )
