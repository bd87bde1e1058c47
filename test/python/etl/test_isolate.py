"""What the step fails on is quarantined; nothing is quarantined for a cause outside the files."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.shared.environment import is_environmental
from etl.shared.errors import StorageFailed
from etl.shared.storage import FileStorage, StoredObject
from etl.transform.isolate import Attempts, Span, isolate

LINES = 9
FILES = st.sampled_from([1, 2, 3, 5, 40])
CALLS = st.integers(0, 60)
PUBLISHED = StoredObject("published", LINES)


class Killed(BaseException):
    """The process is gone."""


class BadLine(Exception):
    """A line on which the step fails."""


class Unexplained(Exception):
    """An error of the environment that does not say so."""


class Spark:
    """The session; the JVM may be gone while the process goes on."""

    gone = False

    @property
    def version(self) -> str:
        if self.gone:
            raise ConnectionRefusedError("the JVM does not answer")
        return "3.5"


class Step:
    """A step that reads raw files. `bad` are lines on which it fails, `deadly` are files on which it dies,
    and calls may be interrupted from outside.
    """

    def __init__(self, home: Path, number: int, *, published: bool = False) -> None:
        self.files = [StoredObject(f"file-{index:02d}", LINES) for index in range(number)]
        self.published = [PUBLISHED] if published else []
        for file in self.files:
            path = home / "raw_events" / file.key
            path.parent.mkdir(exist_ok=True)
            path.write_text("{}\n" * LINES)
        self.home = home
        self.bad: set[tuple[str, int]] = set()
        self.deadly: set[str] = set()
        # Calls at which the process is killed, or its JVM only, and calls during which the environment fails.
        self.kills: set[int] = set()
        self.jvm_kills: set[int] = set()
        self.outage = range(0)
        self.failure: Exception = Unexplained("something does not answer")
        self.calls = 0

    def run(self) -> Attempts:
        """One run of the step."""
        step = self

        class Storage(FileStorage):
            def write_text(self, uri: str, text: str) -> None:
                if step.calls in step.outage and is_environmental(step.failure):
                    raise step.failure
                super().write_text(uri, text)

        class Job:
            spark = Spark()
            storage = Storage()
            plan: Any = type("Plan", (), {"replay": None})
            spec: Any = type("Spec", (), {"max_bytes": 100})

            def uri(self, name: str) -> str:
                return f"file://{step.home}/{'attempts' if name == 'transform_state' else name}"

        job: Any = Job()
        attempts = Attempts.of(job)

        def attempt(files: list[StoredObject], span: Span | None) -> None:
            call, self.calls = self.calls, self.calls + 1
            if call in self.kills or any(file.key in self.deadly for file in files):
                raise Killed
            if call in self.jvm_kills:
                job.spark.gone = True
            if job.spark.gone:
                raise ConnectionRefusedError("the JVM does not answer")
            if call in self.outage:
                raise self.failure
            for file, position in itertools.product(files, range(1, LINES + 1)):
                is_read = span is None or span[0] <= position <= span[1]
                is_left_out = position in attempts.lines.get(file.key, {})
                if is_read and not is_left_out and (file.key, position) in self.bad:
                    raise BadLine("a bad line")

        readable = isolate(attempts, self.files, attempt, lambda: self.published)
        attempts.begin(readable)
        attempt(readable, None)
        attempts.end()
        return attempts

    def runs(self, most: int) -> Attempts:
        """Runs until one ends without an error."""
        for _ in range(most):
            try:
                return self.run()
            except (Killed, OSError, StorageFailed, Unexplained, BadLine):
                # What fails at once is tried again later: time passes.
                self.calls += 1
        raise RuntimeError(f"no run of {most} ended without an error")


@contextmanager
def step(number: int, *, published: bool = False) -> Iterator[Step]:
    """A step with so many files."""
    with tempfile.TemporaryDirectory() as home:
        yield Step(Path(home), number, published=published)


def blamed(ended: Attempts) -> set[tuple[str, int]]:
    """The lines that are quarantined; 0 stands for a whole file."""
    lines = {(key, position) for key, found in ended.lines.items() for position in found}
    return lines | {(key, 0) for key in ended.killers}


@settings(max_examples=200, deadline=None)
@given(
    number=FILES,
    kills=st.sets(st.one_of(CALLS, st.integers(0, 4)), max_size=3),
    jvm=st.booleans(),
)
def test_three_kills_from_outside_quarantine_nothing(number: int, kills: set[int], jvm: bool) -> None:
    with step(number) as some:
        some.kills, some.jvm_kills = (set(), kills) if jvm else (kills, set())
        ended = some.runs(4)
        assert (blamed(ended), ended.reading, ended.deaths) == (set(), [], {})


@settings(max_examples=200, deadline=None)
@given(
    number=FILES,
    starts=CALLS,
    lasts=st.integers(1, 60),
    early=st.sets(st.integers(0, 4), max_size=2),
    jvm=st.booleans(),
    published=st.booleans(),
)
def test_kills_in_a_row_quarantine_nothing_however_many(
    number: int, starts: int, lasts: int, early: set[int], jvm: bool, published: bool
) -> None:
    with step(number, published=published) as some:
        kills = {*range(starts, starts + lasts), *early}
        # One of them may come before the others: a file needs three deaths, of which these are one each.
        kills -= early - {min(early, default=0)} if early else set()
        some.kills, some.jvm_kills = (set(), kills) if jvm else (kills, set())
        assert blamed(some.runs(130)) == set()


@settings(max_examples=100, deadline=None)
@given(number=FILES, index=st.integers(0, 39), kills=st.sets(CALLS, max_size=1), published=st.booleans())
def test_a_file_on_which_the_process_dies_is_quarantined_and_no_other(
    number: int, index: int, kills: set[int], published: bool
) -> None:
    with step(number, published=published) as some:
        killer = some.files[index % number].key
        some.deadly, some.kills = {killer}, kills
        ended = some.runs(8)
        assert blamed(ended) == {(killer, 0)}
        assert ended.killers[killer].startswith("the process ended 3 times, without an error, while it read")


@settings(max_examples=100, deadline=None)
@given(number=st.sampled_from([2, 3, 5, 40]), indexes=st.sets(st.integers(0, 39), min_size=2, max_size=3))
def test_several_files_on_which_the_process_dies_are_quarantined_and_no_others(
    number: int, indexes: set[int]
) -> None:
    with step(number) as some:
        some.deadly = {some.files[index % number].key for index in indexes}
        assert blamed(some.runs(16)) == {(key, 0) for key in some.deadly}


@settings(max_examples=300, deadline=None)
@given(
    number=FILES,
    starts=CALLS,
    lasts=st.integers(1, 150),
    killed=st.booleans(),
    explained=st.booleans(),
    published=st.booleans(),
    bad=st.sets(st.tuples(st.integers(0, 39), st.integers(1, LINES)), max_size=3),
)
def test_an_outage_of_any_length_at_any_time_quarantines_nothing_but_bad_lines(
    number: int,
    starts: int,
    lasts: int,
    killed: bool,
    explained: bool,
    published: bool,
    bad: set[tuple[int, int]],
) -> None:
    with step(number, published=published) as some:
        some.bad = {(some.files[index % number].key, position) for index, position in bad}
        some.kills = {0} if killed else set()
        some.outage = range(starts, starts + lasts)
        if explained:
            some.failure = OSError("the storage does not answer")
        assert blamed(some.runs(220)) == some.bad


@settings(max_examples=200, deadline=None)
@given(number=FILES, failing=st.sets(st.one_of(CALLS, st.integers(0, 12)), max_size=3))
def test_a_storage_that_fails_three_times_at_any_time_quarantines_nothing(
    number: int, failing: set[int]
) -> None:
    with step(number) as some:
        some.failure = StorageFailed("the storage does not answer")
        some.outage = failing  # type: ignore[assignment]
        assert blamed(some.runs(60)) == set()


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
        assert blamed(some.runs(3)) == some.bad


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
        assert '"killers": {}' in (some.home / "attempts/attempts.json").read_text()


def test_a_lone_file_on_which_the_step_fails_is_quarantined_if_a_published_file_can_be_read() -> None:
    with step(1, published=True) as some:
        some.bad = {(some.files[0].key, position) for position in range(1, LINES + 1)}
        assert blamed(some.runs(2)) == {(some.files[0].key, 0)}
    with step(1, published=True) as some:
        some.bad = {(key, position) for key in ("file-00", "published") for position in range(1, LINES + 1)}
        with pytest.raises(RuntimeError, match="no run of 4 ended"):
            some.runs(4)
