"""One event id is kept once, and every line is accounted for."""

from typing import Any

from etl_shop import spec_json
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from etl.shared.spec import Spec
from etl.transform.deduplicate import dispose

SPEC = Spec.parse(spec_json())
LINE = st.tuples(st.sampled_from("abcd"), st.sampled_from([None, "late"]))
FILES = st.lists(st.lists(LINE, max_size=4), max_size=3)
PUBLISHED = st.lists(st.tuples(st.sampled_from("abz"), st.integers(0, 2), st.integers(0, 3)), max_size=2)
SCHEMA = ", ".join(f"{name} {kind}" for name, kind in SPEC.field_types.items())


def model(lines: list[dict[str, Any]], known: dict[str, tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The rule in plain Python: the first good copy in the order of the files wins, unless one is
    published.
    """
    outcomes, taken = {}, set()
    for line in lines:
        place = (line["file"], line["position"])
        if line["reason"]:
            outcomes[place] = "quarantined"
        elif known.get(line["id"]) == place:
            outcomes[place] = "reread"
        elif line["id"] in known or line["id"] in taken:
            outcomes[place] = "duplicate"
        else:
            outcomes[place] = "new"
        if not line["reason"]:
            taken.add(line["id"])
    return outcomes


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(st.tuples(FILES, PUBLISHED), min_size=15, max_size=15))
def test_every_line_has_one_outcome(spark: SparkSession, batches: list[Any]) -> None:
    # A Spark job costs far more than a batch: each example puts many batches, with ids of their own, into one
    # job.
    lines: list[dict[str, Any]] = []
    known: dict[str, tuple[str, int]] = {}
    for batch, (files, published) in enumerate(batches):
        lines += [
            {"file": f"raw/{batch}/{number}", "position": position, "id": f"{batch}{key}", "reason": reason}
            for number, file in enumerate(files)
            for position, (key, reason) in enumerate(file)
        ]
        known |= {f"{batch}{key}": (f"raw/{batch}/{number}", position) for key, number, position in published}
    rows = [
        (
            line["id"],
            None,
            "c1",
            1,
            1.0,
            "web",
            None,
            line["file"],
            line["position"],
            "{}",
            *[line["reason"]] * 2,
        )
        for line in lines
    ]
    events = spark.createDataFrame(
        rows,
        f"{SCHEMA}, _raw_file string, _raw_position bigint, _line string, _reason string, _detail string",
    )
    before = spark.createDataFrame(
        [(key, *place) for key, place in known.items()],
        "event_id string, _raw_file string, _raw_position bigint",
    )
    found = dispose(events, before, SPEC).collect()
    assert len(found) == len(lines)
    assert {(row["_raw_file"], row["_raw_position"]): row["_outcome"] for row in found} == model(lines, known)
