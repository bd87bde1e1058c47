"""The grammar of times: ISO 8601 as in test/time-grammar.json, a date with or without a time of day.

    1998-01-31   1998-01-31T10:00   1998-01-31 10:00:00   1998-01-31T10:00:00.123456789Z   …+01   …+0100
    …+01:00

Times without an offset are UTC; digits beyond microseconds are truncated.
"""

import re
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

FIRST_YEAR, LAST_YEAR = 1900, 2200

_DATE = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_OFFSET = r"([Zz]|[+-]\d{2}(:?[0-5]\d)?)"
_GRAMMAR = re.compile(rf"{_DATE}([Tt ]{_CLOCK}{_OFFSET}?)?", re.ASCII)
# The format with which a whole column is cast at once; other spellings are parsed one by one.
_USUAL = r"^[12]\d{3}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"
_MICROSECONDS = pa.timestamp("us", "UTC")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_times(column: pa.Array) -> pa.Array:
    """Converts texts to instants; null if a text is not a time."""
    if pc.all(pc.match_substring_regex(column, _USUAL)).as_py() is not False:
        try:
            return column.cast(_MICROSECONDS)
        except pa.ArrowInvalid:
            # One of them has the right format but is not a calendar day.
            pass
    return pa.array(
        [None if text is None else _microseconds(text) for text in column.to_pylist()], pa.int64()
    ).cast(_MICROSECONDS)


def out_of_range(times: pa.Array) -> pa.Array:
    """Whether the year of each instant is outside the accepted range."""
    year = pc.year(times)
    return pc.or_(pc.less(year, FIRST_YEAR), pc.greater(year, LAST_YEAR))


def _microseconds(text: str) -> int | None:
    if not _GRAMMAR.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    elapsed = (time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
