"""The quarantine table: its columns, and the rows that a replay selects."""

from etl.shared.spec import Replay

COLUMNS = {
    "raw_file": "string",
    # 0 means the whole file.
    "raw_position": "bigint",
    "stage": "string",
    "reason": "string",
    "detail": "string",
    "event_id": "string",
    "event": "string",
    "as_of": "date",
    "run_id": "string",
    "quarantined_at": "timestamp",
}

# The reason of a file that cannot be read to its end. Its row represents all lines from that position on.
UNREADABLE_FILE = "unreadable_file"


def quoted(text: str) -> str:
    """A Spark SQL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def is_selected(replay: Replay) -> str:
    """The SQL condition for the rows that a replay selects."""
    wanted = {"reason": replay.reason, "run_id": replay.run_id}
    conditions = [f"{column} = {quoted(value)}" for column, value in wanted.items() if value is not None]
    return " AND ".join(conditions) or "true"
