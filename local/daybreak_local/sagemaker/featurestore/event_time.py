"""Event times as the Feature Store takes them: ISO 8601 in two exact forms, or Unix seconds."""

import re
from datetime import UTC, datetime

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?(Z|[+-]\d{2}:?\d{2})")


class EventTimeError(ValueError):
    """The value is no event time of its type."""


def parse_event_time(value: str, feature_type: str) -> float:
    """Epoch seconds of an event time feature of type String or Fractional."""
    if feature_type == "Fractional":
        try:
            return float(value)
        except ValueError:
            raise EventTimeError(f"{value!r} is not a number of seconds since the epoch") from None
    if not _ISO.fullmatch(value):
        raise EventTimeError(
            f"{value!r} is not of the form yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ"
        )
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError as error:
        raise EventTimeError(f"{value!r} is not a time: {error}") from None


def iso(seconds: float) -> str:
    """Epoch seconds as the Feature Store writes them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
