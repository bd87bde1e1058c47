"""What the step fails on is quarantined; nothing is quarantined for a cause outside the files."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.shared.storage import FileStorage, StoredObject
from etl.transform.isolate import Attempts, Span, isolate

LINES = 9
DIED = "the step died 2 times while it read this file alone, without an error"
FILES = st.sampled_from([1, 2, 3, 5, 40])
CALLS = st.integers(0, 60)


class Killed(BaseException):
    """The process is gone."""


class BadLine(Exception):
    """A line on which the step fails."""


class Step:
    """A step that reads raw files. `bad` are lines on which it fails, `deadly` are files on which it dies,
    and calls may be interrupted from outside.
    """

    def __init__(self, home: Path, number: int) -> None:
        self.files = [StoredObject(f"file-{index:02d}", LINES) for index in range(number)]
        for file in self.files:
            path = home / "raw_events" / file.key
            path.parent.mkdir(exist_ok=True)
            path.write_text("{}\n" * LINES)
        self.job: Any = SimpleNamespace(
            storage=FileStorage(),
            uri=lambda name: f"file://{home}/{name}",
            plan=SimpleNamespace(replay=None),
            spec=SimpleNamespace(max_bytes=100),
        )
        self.bad: set[tuple[str, int]] = set()
        self.deadly: set[str] = set()
        # Calls at which the process is killed, and those during which the storage fails.
        self.kills: set[int] = set()
        self.outage = range(0)
        self.calls = 0

    def run(self) -> Attempts:
        """One run of the step."""
        attempts = Attempts.of(self.job)

        def attempt(files: list[StoredObject], span: Span | None) -> None:
            call, self.calls = self.calls, self.calls + 1
            if call in self.kills or any(file.key in self.deadly for file in files):
                raise Killed
            if call in self.outage:
                raise OSError("the storage does not answer")
            for file, position in itertools.product(files, range(1, LINES + 1)):
                is_read = span is None or span[0] <= position <= span[1]
                is_left_out = position in attempts.lines.get(file.key, {})
                if is_read and not is_left_out and (file.key, position) in self.bad:
                    raise BadLine("a bad line")

        readable = isolate(attempts, self.files, attempt)
        attempts.begin(readable)
        attempt(readable, None)
        attempts.end()
        return attempts

    def runs(self, most: int) -> Attempts:
        """Runs until one ends without an error."""
        for _ in range(most):
            try:
                return self.run()
            except (Killed, OSError, BadLine):
                continue
        raise RuntimeError(f"no run of {most} ended without an error")


@contextmanager
def step(number: int) -> Iterator[Step]:
    """A step with so many files."""
    with tempfile.TemporaryDirectory() as home:
        yield Step(Path(home), number)


@settings(max_examples=150, deadline=None)
@given(number=FILES, kills=st.sets(CALLS, max_size=2), early=st.sets(st.integers(0, 3), max_size=2))
def test_two_kills_from_outside_quarantine_nothing(number: int, kills: set[int], early: set[int]) -> None:
    with step(number) as some:
        some.kills = set(sorted(kills | early)[:2])
        ended = some.runs(3)
        assert (ended.killers, ended.lines, ended.reading, ended.deaths) == ({}, {}, [], {})


@settings(max_examples=100, deadline=None)
@given(number=FILES, index=st.integers(0, 39), kills=st.sets(CALLS, max_size=1))
def test_a_file_on_which_the_process_dies_is_quarantined_and_no_other(
    number: int, index: int, kills: set[int]
) -> None:
    with step(number) as some:
        killer = some.files[index % number].key
        some.deadly, some.kills = {killer}, kills
        ended = some.runs(6)
        assert ended.killers == {killer: DIED}
        assert ended.lines == {}


# A longer outage that ends during a file's own tries can pass for that file's fault: it can be replayed.
@settings(max_examples=150, deadline=None)
@given(number=FILES, starts=CALLS, lasts=st.integers(1, 8), killed=st.booleans())
def test_a_storage_that_fails_for_a_while_quarantines_nothing(
    number: int, starts: int, lasts: int, killed: bool
) -> None:
    with step(number) as some:
        some.kills = {0} if killed else set()
        some.outage = range(starts, starts + lasts)
        ended = some.runs(60)
        assert (ended.killers, ended.lines) == ({}, {})


@settings(max_examples=100, deadline=None)
@given(
    number=FILES,
    bad=st.sets(st.tuples(st.integers(0, 39), st.integers(1, LINES)), min_size=1, max_size=4),
    kills=st.sets(CALLS, max_size=1),
)
def test_the_lines_on_which_the_step_fails_are_quarantined_and_no_others(
    number: int, bad: set[tuple[int, int]], kills: set[int]
) -> None:
    with step(number) as some:
        some.bad = {(some.files[index % number].key, position) for index, position in bad}
        some.kills = kills
        ended = some.runs(3)
        assert ended.killers == {}
        assert {(key, position) for key, found in ended.lines.items() for position in found} == some.bad


def test_a_file_of_which_every_line_fails_is_quarantined_as_a_whole() -> None:
    with step(3) as some:
        some.bad = {(some.files[1].key, position) for position in range(1, LINES + 1)}
        ended = some.runs(2)
        assert ended.killers == {some.files[1].key: "the step fails on this file: a bad line"}
        assert ended.lines == {}


def test_a_step_that_fails_on_everything_quarantines_nothing() -> None:
    with step(3) as some:
        some.bad = {(file.key, position) for file in some.files for position in range(1, LINES + 1)}
        for _ in range(4):
            with pytest.raises(BadLine, match="a bad line"):
                some.run()
        assert Attempts.of(some.job).killers == {}
