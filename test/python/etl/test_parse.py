"""Raw lines to typed events: what is accepted, and the reason where it is not."""

import gzip
import json
from pathlib import Path
from typing import Any

from etl_shop import event, spec_json
from pyspark.sql import DataFrame, SparkSession

from etl.shared.spec import Spec
from etl.transform.parse import parse_events, set_aside_untimely, split_lines

INFINITE_PRICE = '{"event_id":"a","event_time":"1998-01-01","customer_id":"c","quantity":1,"price":1e999}'
SPEC = Spec.parse(spec_json())


def parsed(spark: SparkSession, lines: list[Any]) -> DataFrame:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    rows = [("f", number, text) for number, text in enumerate(texts)]
    return parse_events(
        spark.createDataFrame(rows, "_raw_file string, _raw_position bigint, _line string"), SPEC
    )


def columns(frame: DataFrame, *expressions: str) -> list[tuple[Any, ...]]:
    """The values of each expression, in the order of the lines; in one pass."""
    rows = frame.orderBy("_raw_position").selectExpr(*expressions).collect()
    return list(zip(*rows, strict=True))


def test_what_is_no_event_gets_its_reason_and_what_was_found(spark: SparkSession) -> None:
    cases: list[tuple[Any, str, str]] = [
        ('{"event_id": "cut', "not_json", "one JSON object"),
        ('{"event_id": "a"}{"event_id": "b"}', "not_json", "one JSON object"),
        ('{"event_id": "a"} and more', "not_json", "one JSON object"),
        ("{'event_id': 'a'}", "not_json", "one JSON object"),
        ("[1, 2]", "not_json", "one JSON object"),
        ("null", "not_json", "one JSON object"),
        ({"event_time": "1998-01-01"}, "missing_field:event_id", "missing"),
        (event(1, "1998-01-01", price=None), "missing_field:price", "missing"),
        (event(1, "1998-01-01", customer_id=" "), "missing_field:customer_id", "blank"),
        (event(1, "1998-01-01", quantity="3"), "wrong_type:quantity", "found 3"),
        (event(1, "1998-01-01", quantity=3.5), "wrong_type:quantity", "found 3.5"),
        (event(1, "1998-01-01", quantity=2**63), "wrong_type:quantity", "without a fraction"),
        (event(1, "1998-01-01", quantity=True), "wrong_type:quantity", "found true"),
        (event(1, "1998-01-01", customer_id=12), "wrong_type:customer_id", "found 12"),
        (event(1, "1998-01-01", customer_id=True), "wrong_type:customer_id", "found true"),
        (event(1, "1998-01-01", customer_id={"id": 1}), "wrong_type:customer_id", 'found {"id":1}'),
        (event(1, "1998-01-01", channel=["web"]), "wrong_type:channel", 'found ["web"]'),
        # The key occurs again, as a string, inside another object: that one must not count.
        (
            event(1, "1998-01-01", customer_id=5, meta={"customer_id": "c5"}),
            "wrong_type:customer_id",
            "found 5",
        ),
        (event(1, "1998-01-01", price="10"), "wrong_type:price", "found 10"),
        (INFINITE_PRICE, "wrong_type:price", "finite"),
        (event(1, "1998-02-30"), "wrong_type:event_time", "found 1998-02-30"),
        (event(1, "01/02/1998"), "wrong_type:event_time", "ISO 8601"),
        (event(1, "1998-01-01", event_time=883612800), "wrong_type:event_time", "found 883612800"),
        (event(1, "1998-01-01", gift="yes"), "wrong_type:gift", "found yes"),
        (event(1, "1998-01-01", channel="x" * 3000), "too_large", "the limit is 2000"),
    ]
    frame = parsed(spark, [line for line, _, _ in cases])
    reasons, details = columns(frame, "_reason", "_detail")
    assert reasons == tuple(reason for _, reason, _ in cases)
    for detail, (_, _, expected) in zip(details, cases, strict=True):
        assert expected in detail


def test_values_arrive_as_they_were_meant(spark: SparkSession) -> None:
    lines = [
        event(
            1,
            "1998-01-01",
            quantity=3.0,
            price=7,
            channel=None,
            gift=True,
            unknown="kept in the raw file only",
        ),
        event(2, "1998-01-01T10:00:00+02:00", customer_id="123", channel="{}", quantity=-(2**63)),
        event(3, "1998-01-01 10:00", customer_id="true", meta={"customer_id": 9}, channel="[x]"),
        event(4, "1998-01-01T10:00:00.123456z", customer_id="-5 é", price=-0.5),
    ]
    frame = parsed(spark, lines)
    names = ["customer_id", "channel", "quantity", "price", "gift"]
    reasons, times, *values = columns(frame, "_reason", "string(event_time)", *names)
    assert reasons == (None,) * 4
    assert times == (
        "1998-01-01 00:00:00",
        "1998-01-01 08:00:00",
        "1998-01-01 10:00:00",
        "1998-01-01 10:00:00.123456",
    )
    assert values == [
        ("c1", "123", "true", "-5 é"),
        (None, "{}", "[x]", "web"),
        (3, -(2**63), 1, 1),
        (7.0, 10.0, 10.0, -0.5),
        (True, None, None, None),
    ]


def test_late_and_future_are_told_by_their_day(spark: SparkSession) -> None:
    times = ["1998-01-06T23:59:59Z", "1998-01-07", "1998-01-10T23:59:59Z", "1998-01-11"]
    frame = parsed(spark, [event(number, time) for number, time in enumerate(times)])
    aside = set_aside_untimely(frame, SPEC, "1998-01-07", "1998-01-11")
    assert columns(aside, "_reason") == [("late", None, None, "future")]
    first_run = set_aside_untimely(frame, SPEC, None, "1998-01-11")
    assert columns(first_run, "_reason") == [(None, None, None, "future")]


def test_lines_are_numbered_as_in_their_file(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"one\r\n\n  \ntwo\nno newline at the end"))
    files = spark.read.text(str(tmp_path), wholetext=True).selectExpr("'a' AS _raw_file", "value AS text")
    rows = split_lines(files).orderBy("_raw_position").collect()
    assert [(row["_raw_position"], row["_line"]) for row in rows] == [
        (1, "one"),
        (4, "two"),
        (5, "no newline at the end"),
    ]
