"""Reads lines that are all valid events with Arrow's JSON reader, several times as fast as one by one.

It answers only if no line can be anything but the event that parse.py would read; otherwise parse.py decides.
The reader takes a sequence of objects and does not see where a line ends. But if every line starts with `{`
and ends with `}`, a line ends between two objects: anywhere else, JSON wants a comma between `}` and `{`, and
a string contains no line break. So every line has at least one object, and as many objects as lines mean one
object for each line.
"""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from etl.shared.spec import Field, Spec
from etl.transform.times import out_of_range, parse_times

# Python's parser gives up at about a thousand nested objects or arrays, Arrow's does not.
_DEEPEST = 500
# Arrow takes a NUL for the end of the text. Escapes may stand for a NUL or half of a surrogate pair.
_FOR_THE_PARSER = (b"\0", b"\\u")
_READ_AS = {
    "string": pa.string(),
    "integer": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.string(),
}


def read_valid_events(lines: list[bytes], spec: Spec) -> dict[str, pa.Array] | None:
    """Each field's values, or None if a line may be invalid; `lines` have no line breaks."""
    text = b"\n".join(lines)
    if not _is_one_object_a_line(text, len(lines)):
        return None
    options = {
        "read_options": arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
        "parse_options": arrow_json.ParseOptions(
            explicit_schema=pa.schema([(one.name, _READ_AS[one.type]) for one in spec.fields]),
            unexpected_field_behavior="ignore",
        ),
    }
    try:
        table = arrow_json.read_json(pa.BufferReader(text), **options).combine_chunks()
    except pa.ArrowException:
        return None
    if table.num_rows != len(lines):
        return None
    columns: dict[str, pa.Array] = {}
    for one in spec.fields:
        column = _valid(table[one.name].chunk(0), one, spec)
        if column is None:
            return None
        columns[one.name] = column
    return columns


def _is_one_object_a_line(text: bytes, lines: int) -> bool:
    """Whether the text is UTF-8 in which Arrow can find only one object for each line, or not as many."""
    if not (text.startswith(b"{") and text.endswith(b"}") and text.count(b"}\n{") == lines - 1):
        return False
    if any(found in text for found in _FOR_THE_PARSER) or not _is_shallow(text, lines):
        return False
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_shallow(text: bytes, lines: int) -> bool:
    if text.count(b"{") + text.count(b"[") - lines < _DEEPEST:
        return True
    return all(line.count(b"{") + line.count(b"[") < _DEEPEST for line in text.split(b"\n"))


def _valid(column: pa.Array, field: Field, spec: Spec) -> pa.Array | None:
    """The column with the field's type; None if a value is missing, or not what parse.py accepts."""
    if field.required and column.null_count:
        return None
    if field.name in (spec.event_id, spec.entity) and pa.types.is_string(column.type):
        return None if pc.any(pc.equal(pc.utf8_trim_whitespace(column), "")).as_py() else column
    if field.type == "double":
        return column if pc.all(pc.is_finite(column)).as_py() is not False else None
    if field.type == "timestamp":
        times = parse_times(column)
        is_time = times.null_count == column.null_count and not pc.any(out_of_range(times)).as_py()
        return times if is_time else None
    return column
