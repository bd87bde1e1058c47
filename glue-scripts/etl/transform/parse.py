"""Lines to typed events, strictly. A line is one JSON object or it is no event, and a value is taken only as
the type that the pipeline.yaml declares:

- string, timestamp: a JSON string (a number is not silently written out as text);
- integer: a JSON number without a fraction (3 and 3.0, not "3", not 3.5, not beyond 64 bits, nor beyond
  2^53 where it has a decimal point or an exponent);
- double: a finite JSON number; boolean: true or false;
- timestamp: what times.py takes, from FIRST_YEAR to LAST_YEAR.

The patterns of row rules are matched here as well: Arrow's engine takes time in proportion to the text, where
Java's backtracks, and overflows its stack over a long value.

The parser is Python's own json: it knows JSON's types, takes a line whole or not at all, is on every worker,
and is not what a step waits for. What it takes beyond the standard (NaN, Infinity, lone surrogates) is
refused here. Of a key that an object repeats the last value counts, as in every other parser that an event
may have met.
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
from etl.transform.lines import Line
from etl.transform.times import FIRST_YEAR, LAST_YEAR, out_of_range, parse_times

# What is not of its field's type, shown up to here; of a line that is set aside the start.
_SHOWN = 80
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
    """Parsed lines: what each says, and what is wrong with it, by its index."""

    events: list[dict[str, Any]] = field(default_factory=list)
    problems: dict[int, Problem] = field(default_factory=dict)

    def note(self, index: int, reason: str, detail: str) -> None:
        """Keep the first problem of a line."""
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
    """A file's lines to their events, each with `_reason`, `_detail` and `_line` where it is none."""
    batch = Batch()
    for index, (_, content, length) in enumerate(lines):
        if length > spec.max_bytes:
            batch.note(index, "too_large", f"{length} bytes, {spec.max_bytes} are accepted")
            batch.events.append({})
        else:
            batch.events.append(_event(batch, index, content))
    columns = {one.name: _column(batch, one, spec) for one in spec.fields}
    reasons, details, kept = ([None] * len(lines) for _ in range(3))
    for index, (reason, detail) in batch.problems.items():
        reasons[index], details[index], kept[index] = reason, detail, shown(lines[index][1])
    return pa.record_batch(
        [
            *columns.values(),
            pa.array([raw_file] * len(lines), pa.string()),
            pa.array([position for position, _, _ in lines], pa.int64()),
            *(pa.array(texts, pa.string()) for texts in (reasons, details, kept)),
            *(
                pc.match_substring_regex(columns[rule["field"]], rule["pattern"])
                for rule in pattern_rules(spec).values()
            ),
        ],
        schema=arrow_schema(spec),
    )


def shown(content: bytes) -> str:
    """A line that is set aside as text: what is no UTF-8 as \\xff, so that nothing is passed off as read."""
    text = content[:_KEPT].decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return text if len(content) <= _KEPT else f"{text}…"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decode: Callable[[str], Any] = json.JSONDecoder(parse_constant=_refuse_constant).decode


def _event(batch: Batch, index: int, content: bytes) -> dict[str, Any]:
    """A line as an object; an empty one where it is none."""
    try:
        event = _decode(content.decode())
    except UnicodeDecodeError as error:
        batch.note(index, "not_unicode", f"byte {error.start + 1} is no UTF-8")
        return {}
    except RecursionError:
        batch.note(index, "not_json", "objects or arrays inside each other, deeper than a thousand")
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
    """What a text somewhere in a value has that no text can be stored with; only an escape can write that."""
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
                return "a text with the character NUL"
            if not one.isascii() and any("\ud800" <= letter <= "\udfff" for letter in one):
                return "a text with half a surrogate pair"
    return None


def _column(batch: Batch, field: Field, spec: Spec) -> pa.Array:
    """A field's values, null where one is absent or not of its type; what is wrong is noted."""
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
        # A blank id would make one event, or one customer, of all such rows.
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
    # From 2^53 on, a float may not be the number that was written.
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
    times = parse_times(_only(values, str))
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
    """The values of one type, None in place of all others."""
    if set(map(type, values)) <= {kind, type(None)}:
        return values
    return [value if type(value) is kind else None for value in values]


def _note_wrong_type(batch: Batch, index: int, field: Field, value: Any) -> None:
    try:
        found = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        )
    except RecursionError:
        found = "objects or arrays inside each other"
    if len(found) > _SHOWN:
        found = f"{found[:_SHOWN]}…"
    batch.note(
        index, f"wrong_type:{field.name}", f"{field.name}: expected {_EXPECTED[field.type]}, found {found}"
    )
