"""Times in events: one table of test cases for Spark, the feed and the demo."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.transform.times import out_of_range, parse_times

TABLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "time-grammar.json").read_text("utf-8"))


def test_times_are_parsed_as_in_the_table() -> None:
    # Alone and with others: a column in the usual format is cast as a whole, any other value by value.
    accepted: dict[str, str] = TABLE["accepted"]
    texts = [*accepted, *TABLE["out_of_range"], *TABLE["refused"], None]
    together = parse_times(pa.array(texts, pa.string()))
    alone = [parse_times(pa.array([text], pa.string()))[0] for text in texts]
    assert together.to_pylist() == [time.as_py() for time in alone]
    shown = pc.strftime(together, "%Y-%m-%dT%H:%M:%SZ").to_pylist()
    assert shown[: len(accepted)] == list(accepted.values())
    beyond = out_of_range(together).to_pylist()
    rest = len(TABLE["refused"]) + 1
    assert beyond == [False] * len(accepted) + [True] * len(TABLE["out_of_range"]) + [None] * rest
    assert shown[-rest:] == [None] * rest
