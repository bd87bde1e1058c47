"""Parsing lines to typed events, without Spark: which lines are accepted, and the reasons for the others."""

import json
from typing import Any

from etl_shop import event, spec_json
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.shared.spec import Spec
from etl.transform.arrow_json import read_valid_events
from etl.transform.parse import parse, parse_one_by_one

SPEC = Spec.parse(spec_json(quality={"rows": [], "dataset": []}))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def parsed(*lines: Any, spec: Spec = SPEC) -> list[dict[str, Any]]:
    """Each line's row; events that are neither bytes nor text are written as JSON."""
    contents = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    numbered = [(number, content, len(content)) for number, content in enumerate(contents, 1)]
    return parse("f", numbered, spec).to_pylist()


def test_an_invalid_line_gets_a_reason_and_the_value_found() -> None:
    good = event(1, "1998-01-01")
    # Two events on one line, which a parser that embeds the line in another object would accept.
    mixed = f'{json.dumps(good)},"event":{json.dumps(event(2, "1998-01-02"))}'
    text = json.dumps(good)
    cases: list[tuple[Any, str, str]] = [
        ('{"event_id": "cut', "not_json", "one JSON object"),
        ('{"event_id": "a"}{"event_id": "b"}', "not_json", "one JSON object"),
        (mixed, "not_json", "one JSON object"),
        (f"{text} garbage {{", "not_json", "one JSON object"),
        (f"{text}]", "not_json", "one JSON object"),
        ("{'event_id': 'a'}", "not_json", "one JSON object"),
        ("[1, 2]", "not_json", "one JSON object"),
        ("null", "not_json", "one JSON object"),
        (text.replace("10.0", "NaN"), "not_json", "NaN"),
        (text.replace("10.0", "-Infinity"), "not_json", "Infinity"),
        (text.replace("10.0", "010.0"), "not_json", "one JSON object"),
        (text.replace("10.0", "1" * 5000)[:2000], "not_json", "one JSON object"),
        ('{"a":' * 330 + "1" + "}" * 330, "missing_field:event_id", "missing"),
        (b"[" * 1990, "not_json", "nested"),
        (text.encode().replace(b"web", b"w\xe9b"), "not_unicode", "is not UTF-8"),
        (text.encode("utf-16"), "not_unicode", "byte 1 is not UTF-8"),
        (text.encode().replace(b"web", b"\xed\xa0\x80"), "not_unicode", "is not UTF-8"),
        (text.replace("web", "\\ud83d"), "not_unicode", "surrogate"),
        (text.replace("web", "\\udc00\\ud83d"), "not_unicode", "surrogate"),
        (text.replace("web", "w\\u0000b"), "not_unicode", "NUL"),
        (event(1, "1998-01-01", other=[{"a\0": 1}]), "not_unicode", "NUL"),
        (text.encode().replace(b"web", b"w\0b"), "not_json", "control character"),
        ({"event_time": "1998-01-01"}, "missing_field:event_id", "missing"),
        (event(1, "1998-01-01", price=None), "missing_field:price", "missing"),
        (event(1, "1998-01-01", customer_id=" \u3000"), "missing_field:customer_id", "blank"),
        (event(1, "1998-01-01", quantity="3"), "wrong_type:quantity", "found 3"),
        (event(1, "1998-01-01", quantity=3.5), "wrong_type:quantity", "found 3.5"),
        (event(1, "1998-01-01", quantity=2**63), "wrong_type:quantity", "without a fraction"),
        (event(1, "1998-01-01", quantity=-(2**63) - 1), "wrong_type:quantity", "without a fraction"),
        (event(1, "1998-01-01", quantity=1e300), "wrong_type:quantity", "found 1e+300"),
        # Read as a float, this is another number than the one that was written.
        (text.replace('"quantity": 1', '"quantity": 9007199254740993.0'), "wrong_type:quantity", "fraction"),
        (text.replace('"quantity": 1', '"quantity": 1e999'), "wrong_type:quantity", "found Infinity"),
        (event(1, "1998-01-01", quantity=True), "wrong_type:quantity", "found true"),
        (event(1, "1998-01-01", customer_id=12), "wrong_type:customer_id", "found 12"),
        (event(1, "1998-01-01", customer_id=True), "wrong_type:customer_id", "found true"),
        (event(1, "1998-01-01", customer_id={"id": 1}), "wrong_type:customer_id", 'found {"id":1}'),
        (event(1, "1998-01-01", channel=["web"]), "wrong_type:channel", 'found ["web"]'),
        # The same key in a nested object, with a string value, must not count.
        (
            event(1, "1998-01-01", customer_id=5, meta={"customer_id": "c5"}),
            "wrong_type:customer_id",
            "found 5",
        ),
        (event(1, "1998-01-01", price="10"), "wrong_type:price", "found 10"),
        (event(1, "1998-01-01", price=False), "wrong_type:price", "found false"),
        (text.replace("10.0", "1e999"), "wrong_type:price", "finite"),
        (event(1, "1998-01-01", price=10**400), "wrong_type:price", "finite"),
        (event(1, "1998-02-30"), "wrong_type:event_time", "found 1998-02-30"),
        (event(1, "01/02/1998"), "wrong_type:event_time", "ISO 8601"),
        (event(1, "1998-01-01", event_time=883612800), "wrong_type:event_time", "found 883612800"),
        (event(1, "1899-12-31"), "out_of_range:event_time", "from 1900 to 2200, found 1899-12-31"),
        (event(1, "2201-01-01T00:00:00Z"), "out_of_range:event_time", "from 1900 to 2200"),
        (event(1, "1998-01-01", gift="yes"), "wrong_type:gift", "found yes"),
        (event(1, "1998-01-01", channel="x" * 3000), "too_large", "at most 2000 are accepted"),
        # The first problem, in the order of the fields, is reported.
        (event(1, "1998-02-30", event_id=None, price="x"), "missing_field:event_id", "missing"),
    ]
    together = parsed(*(line for line, _, _ in cases))
    alone = [parsed(line)[0] for line, _, _ in cases]
    for row, single, (line, reason, detail) in zip(together, alone, cases, strict=True):
        assert (row["_reason"], single["_reason"]) == (reason, reason), line
        assert detail in row["_detail"], line
        assert row["_line"], line


def test_a_quarantined_line_is_kept_unchanged() -> None:
    bad, long = b'{"a": "\xff\0\xc3\xa9"}', b"x" * 9000
    rows = parsed(bad, long, event(1, "1998-01-01"))
    assert [row["_line"] for row in rows] == ['{"a": "\\xff\\x00é"}', "x" * 4096 + "…", None]


def test_values_get_the_declared_types() -> None:
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
        event(3, "1998-01-01 10:00", customer_id="true", meta={"customer_id": 9}, channel="[x]", price=-0.0),
        event(4, "1998-01-01T10:00:00.123456z", customer_id="-5 é😀", price=-0.5, quantity=2**63 - 1),
        # The last value of a repeated key counts, as in other parsers.
        json.dumps(event(5, "1998-01-01"))[:-1] + ', "quantity": 8, "channel": "\\ud83d\\ude00 \\u00e9"} ',
    ]
    rows = parsed(*lines)
    assert [row["_reason"] for row in rows] == [None] * 5
    assert [row["event_time"].isoformat()[11:26] for row in rows] == [
        "00:00:00+00:00",
        "08:00:00+00:00",
        "10:00:00+00:00",
        "10:00:00.123456",
        "00:00:00+00:00",
    ]
    assert [
        tuple(row[name] for name in ("customer_id", "channel", "quantity", "price", "gift")) for row in rows
    ] == [
        ("c1", None, 3, 7.0, True),
        ("123", "{}", -(2**63), 10.0, None),
        ("true", "[x]", 1, -0.0, None),
        ("-5 é😀", "web", 2**63 - 1, -0.5, None),
        ("c0", "😀 é", 8, 10.0, None),
    ]


def is_one_object(content: bytes) -> bool:
    """The standard library's result, without its extensions of the JSON standard."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        value = json.loads(content.decode("utf-8"), parse_constant=refuse)
        whole = json.dumps(value, ensure_ascii=False)
        whole.encode("utf-8")
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "\\u0000" not in whole.replace("\\\\", "")


@st.composite
def almost_json(draw: st.DrawFn) -> bytes:
    """JSON objects that are truncated, repeated or joined, with bytes inserted or removed."""
    content = json.dumps(draw(st.dictionaries(st.text(), JSON_VALUES, max_size=4))).encode(
        "utf-8", "surrogatepass"
    )
    if draw(st.booleans()):
        content = json.dumps(json.loads(content), ensure_ascii=False).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(content)))
        put = draw(
            st.binary(max_size=2)
            | st.sampled_from([b"}", b"{", b'"', b",", b"\\", b"\\ud800", b"\\u0000", b":1"])
        )
        content = content[:at] + put + content[at + draw(st.integers(0, 2)) :]
    return content


@settings(max_examples=120, deadline=None, derandomize=True)
@given(contents=st.lists(almost_json() | st.binary(max_size=20), min_size=1, max_size=8))
@example(contents=[b'{"a":1},"event":{"b":2}', b'{"a":1} garbage {', b'{"a":"\\\\u0000"}', b"\xef\xbb\xbf{}"])
def test_a_line_is_accepted_if_a_json_parser_accepts_all_of_it(contents: list[bytes]) -> None:
    rows = parsed(*contents)
    for content, row in zip(contents, rows, strict=True):
        is_taken = row["_reason"] not in ("not_json", "not_unicode")
        assert is_taken == (is_one_object(content) or len(content) > SPEC.max_bytes), content


FIELD_VALUES = {
    "event_id": st.sampled_from(["e1", "e\n1", "é", " ", "\u00a0", "}\n{", "\\", '"'])
    | st.text(st.characters(codec="utf-8")),
    "event_time": st.sampled_from(
        ["1998-01-01", "1998-01-01T10:00:00Z", "1998-13-01T10:00:00Z", "1800-01-01T00:00:00Z", "x"]
    ),
    "quantity": st.integers(-(2**64), 2**64) | st.sampled_from([3.0, 3.5, True, "3", -0.0, 2.0**53]),
    "price": st.floats() | st.integers() | st.sampled_from([10**400, "1", True]),
    "channel": st.none() | st.text() | st.sampled_from([1, [], {}, [{}], {"channel": "web"}]),
    "gift": st.booleans() | st.sampled_from([0, "true", None]),
    "unknown": JSON_VALUES,
}


@st.composite
def typed_lines(draw: st.DrawFn) -> bytes:
    """Valid events with some fields of any value, in any order, as clients write them."""
    valid = {"event_id": "e1", "event_time": "1998-01-01T10:00:00Z", "customer_id": "c1", "quantity": 1}
    changed = draw(st.lists(st.sampled_from(sorted(FIELD_VALUES)), max_size=2, unique=True))
    values = valid | {name: draw(FIELD_VALUES[name]) for name in changed}
    pairs = [*values.items()]
    if draw(st.integers(0, 9)) == 0:
        pairs += [draw(st.sampled_from(pairs))]
    separators = draw(st.sampled_from([(", ", ": "), (",", ":"), (" ,\t", " :\r")]))
    ascii_only = draw(st.booleans())
    members = separators[0].join(
        json.dumps(name) + separators[1] + json.dumps(value, ensure_ascii=ascii_only)
        for name, value in draw(st.permutations(pairs))
    )
    return ("{" + members + "}").encode("utf-8", "surrogatepass")


@settings(max_examples=400, deadline=None)
@given(contents=st.lists(typed_lines() | almost_json(), min_size=1, max_size=4))
@example(contents=[b'{"event_id":"x}', b'{y","event_time":"1998-01-01","customer_id":"c"}'])
@example(contents=[b'{"a":[{}', b"{}]}", b"{}{}"])
@example(contents=[b'{"a":1}{"b":2}', b"{}"])
@example(contents=[b'{"a":{"b":1}', b'{"c":2}}', b"{}"])
@example(contents=[b"{" * 2, b"}{}"])
@example(contents=[b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}", b"{}"])
def test_reading_lines_together_gives_what_reading_them_one_by_one_gives(contents: list[bytes]) -> None:
    lines = [
        (number, content, len(content))
        for number, content in enumerate((part for one in contents for part in one.split(b"\n")), 1)
    ]
    # As repr: NaN equals nothing, and -0.0 equals 0.0.
    expected = parse_one_by_one("f", lines, SPEC)
    assert repr(parse("f", lines, SPEC).to_pylist()) == repr(expected.to_pylist())
    alone = [read_valid_events([content], SPEC) for _, content, _ in lines]
    reasons = expected.column("_reason").to_pylist()
    assert not [
        line for line, read, reason in zip(lines, alone, reasons, strict=True) if read and reason is not None
    ]


def test_valid_lines_are_read_together_and_an_invalid_one_costs_only_its_neighbours() -> None:
    valid = json.dumps(event(1, "1998-01-01", channel="é", meta={"a": [1]}), ensure_ascii=False).encode()
    together = read_valid_events([valid] * 3, SPEC)
    assert together is not None
    assert together["channel"].to_pylist() == ["é"] * 3
    many = [(number, valid, len(valid)) for number in range(1, 1001)]
    many[700] = (701, b"no json", 7)
    rows = parse("f", many, SPEC)
    assert rows.column("_raw_position").to_pylist() == list(range(1, 1001))
    reasons = rows.column("_reason").to_pylist()
    assert [position for position, reason in enumerate(reasons, 1) if reason] == [701]


def test_matching_a_pattern_takes_linear_time() -> None:
    # Java's regular expressions overflow the stack on the first pattern and never finish on the second.
    patterns = ["^(a|b)*$", "^(a+)+$", "^[^@]+@[^@]+$"]
    rules = [{"rule": "pattern", "field": "channel", "pattern": pattern} for pattern in patterns]
    events = spec_json()["events"] | {"max_bytes": 500_000}
    spec = Spec.parse(spec_json(quality={"rows": rules, "dataset": []}, events=events))
    long = "ab" * 100_000
    rows = parsed(event(1, "1998-01-01", channel=long), event(2, "1998-01-01", channel=None), spec=spec)
    assert [[row[f"_matches_{index}"] for index in range(3)] for row in rows] == [
        [True, False, False],
        [None] * 3,
    ]
