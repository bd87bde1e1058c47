"""Splitting a raw file into lines, compressed or not, in bounded memory."""

import gzip
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.transform import lines as module
from etl.transform.lines import Line, Unreadable, read_lines


def read(content: bytes, longest: int = 100) -> list[Line]:
    return [line for lines in read_lines(io.BytesIO(content), longest) for line in lines]


def test_lines_are_numbered_as_in_their_file() -> None:
    content = b"\xef\xbb\xbfone\r\n\n \t \ntwo\n\xef\xbb\xbf\r\nno newline at the end"
    expected = [(1, b"one", 7), (4, b"two", 3), (6, b"no newline at the end", 21)]
    assert read(content) == expected
    # Several gzip members in one file, and zeros after the last one.
    members = gzip.compress(content[:10]) + gzip.compress(content[10:]) + b"\0" * 50
    assert read(members) == expected
    assert read(b"") == read(gzip.compress(b"")) == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    content=st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\r", b" ", b"\xef\xbb\xbf"]), max_size=30).map(
        b"".join
    )
)
def test_lines_do_not_depend_on_the_size_of_the_read_buffer(content: bytes) -> None:
    whole = read(content, longest=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", 3)
        assert read(content, longest=4) == whole
        assert read(gzip.compress(content), longest=4) == whole
    assert [position for position, _, _ in whole] == [
        position
        for position, line in enumerate(content.split(b"\n"), 1)
        if len(line) > 4 or line.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r")
    ]


def test_a_truncated_or_corrupt_file_yields_the_lines_before_the_error() -> None:
    content = b"".join(b"line %d\n" % number for number in range(100_000))
    packed = gzip.compress(content)
    found: list[Line] = []

    def collect(lines: Iterator[list[Line]]) -> None:
        for some in lines:
            found.extend(some)

    for broken in (packed[: len(packed) // 2], packed + b"garbage"):
        found.clear()
        with pytest.raises(Unreadable, match="no whole gzip file"):
            collect(read_lines(io.BytesIO(broken), 100))
        assert len(found) > 1000
        assert found == read(content)[: len(found)]


def test_a_very_long_line_needs_little_memory() -> None:
    # One line of 256 MB, compressed to a few hundred kilobytes.
    packed = gzip.compress(b"x" * (1 << 28) + b"\nnext\n", compresslevel=1)
    tracemalloc.start()
    found = read(packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(position, length) for position, _, length in found] == [(1, 1 << 28), (2, 4)]
    assert len(found[0][1]) < 200
    assert peak < 16 * (1 << 20)
