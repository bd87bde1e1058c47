"""Each event ID is kept once, and every line is accounted for."""

from typing import Any

from etl_shop import spec_json
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.shared.spec import Spec
from etl.transform.deduplicate import dispose

SPEC = Spec.parse(spec_json())
TIMES = ["1998-01-01 10:00:00", "1998-01-02 10:00:00"]
# The event ID, the problem that transform finds, the row rule that the row breaks, and its time.
LINE = st.tuples(
    st.sampled_from("abcd"),
    st.sampled_from([None, None, "late"]),
    st.sampled_from([None, None, "range:price"]),
    st.sampled_from(TIMES),
)
FILES = st.lists(st.lists(LINE, max_size=4), max_size=3)
PUBLISHED = st.lists(
    st.tuples(st.sampled_from("abz"), st.integers(0, 2), st.integers(0, 3), st.sampled_from(TIMES)),
    max_size=2,
)
SCHEMA = ", ".join(f"{name} {kind}" for name, kind in SPEC.field_types.items())


def model(
    lines: list[dict[str, Any]], known: dict[str, tuple[str, int, str]]
) -> dict[tuple[str, int], tuple[str, str | None]]:
    """The rule in plain Python: the first good copy in file order wins, unless one has been published before;
    an event with another time is not a copy. A copy of a published event is not late.
    """
    outcomes: dict[tuple[str, int], tuple[str, str | None]] = {}
    kept = {key: time for key, (_, _, time) in known.items()}
    for line in lines:
        place, key = (line["file"], line["position"]), line["id"]
        is_late_copy = line["reason"] == "late" and key in known and known[key][2] == line["time"]
        reason = None if is_late_copy else line["reason"]
        if known.get(key, ())[:2] == place:
            outcomes[place] = ("reread", None)
        elif reason:
            outcomes[place] = ("quarantined", reason)
        elif line["rule"]:
            outcomes[place] = ("refused", line["rule"])
        elif key not in kept:
            outcomes[place] = ("new", None)
            kept[key] = line["time"]
        elif kept[key] == line["time"]:
            outcomes[place] = ("duplicate", None)
        else:
            outcomes[place] = ("quarantined", "conflicting_duplicate")
    return outcomes


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(st.tuples(FILES, PUBLISHED), min_size=25, max_size=25))
def test_every_line_has_one_outcome(spark: SparkSession, batches: list[Any]) -> None:
    # A Spark job takes far longer than a batch, so each example runs many batches, with separate IDs, in one
    # job.
    lines: list[dict[str, Any]] = []
    known: dict[str, tuple[str, int, str]] = {}
    for batch, (files, published) in enumerate(batches):
        lines += [
            {
                "file": f"raw/{batch}/{number}",
                "position": position,
                "id": f"{batch}{key}",
                "reason": reason,
                "rule": rule,
                "time": time,
            }
            for number, file in enumerate(files)
            for position, (key, reason, rule, time) in enumerate(file)
        ]
        known |= {
            f"{batch}{key}": (f"raw/{batch}/{number}", position, time)
            for key, number, position, time in published
        }
    rows = [
        (
            line["id"],
            line["time"],
            *("c1", 1, 1.0, "web", None),
            line["file"],
            line["position"],
            "{}",
            *[line["reason"]] * 2,
            line["rule"],
        )
        for line in lines
    ]
    schema = SCHEMA.replace("timestamp", "string")
    events = spark.createDataFrame(
        rows,
        f"{schema}, _raw_file string, _raw_position bigint, _line string, _reason string, _detail string, "
        "_rule string",
    ).withColumn("event_time", F.col("event_time").cast("timestamp"))
    before = spark.createDataFrame(
        [(key, *place) for key, place in known.items()],
        "event_id string, _raw_file string, _raw_position bigint, event_time string",
    ).withColumn("event_time", F.col("event_time").cast("timestamp"))
    found = dispose(events, before, SPEC).collect()
    assert len(found) == len(lines)
    outcomes = {(row["_raw_file"], row["_raw_position"]): (row["_outcome"], row["_reason"]) for row in found}
    assert outcomes == model(lines, known)
    # An ID that has a good copy and has not been published yet is published once.
    new = [row["event_id"] for row in found if row["_outcome"] == "new"]
    good = {line["id"] for line in lines if not line["reason"] and not line["rule"]}
    assert sorted(new) == sorted(good - known.keys())
