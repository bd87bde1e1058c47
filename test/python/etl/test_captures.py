"""Which captured files a check reads: each once, however they arrive, and not the whole history."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from etl.monitor.captures import LATENESS, Position, sample
from etl.shared.storage import StoredObject

START = datetime(2026, 12, 31, 20, tzinfo=UTC)
seconds = st.integers(0, 12 * 3600)
lateness = st.integers(0, int(LATENESS.total_seconds()))


@dataclass(frozen=True)
class Arrival:
    """A file with the time of its first request, and when it is there to be read."""

    key: str
    at: datetime


@st.composite
def arrivals(draw: st.DrawFn) -> list[Arrival]:
    first_and_delay = draw(st.lists(st.tuples(seconds, lateness), max_size=30))
    found = []
    for number, (first, delay) in enumerate(first_and_delay):
        time = START + timedelta(seconds=first)
        found.append(Arrival(f"{time:%Y/%m/%d/%H/%M-%S-000}-{number}.jsonl", time + timedelta(seconds=delay)))
    return found


def listed(files: list[Arrival], now: datetime, after: str) -> list[StoredObject]:
    """The files that a listing from a key on finds."""
    keys = sorted(file.key for file in files if file.at <= now)
    return [StoredObject(key, 1) for key in keys if key > after]


def checks(files: list[Arrival], times: list[int]) -> tuple[list[str], list[Position]]:
    """What the checks at these times read, and where each of them stopped."""
    position, read, positions = Position.parse(None), [], []
    for time in sorted(times):
        now = START + timedelta(seconds=time)
        new = position.unread(listed(files, now, position.hour))
        read += [file.key for file in new]
        position = Position.parse(position.after(new, now).as_json())
        positions.append(position)
    return read, positions


@given(arrivals(), st.lists(seconds, max_size=20))
def test_every_file_is_read_exactly_once(files: list[Arrival], times: list[int]) -> None:
    read, _ = checks(files, [*times, 14 * 3600])
    assert sorted(read) == sorted(file.key for file in files)


@given(arrivals(), st.lists(seconds, min_size=1, max_size=20))
def test_a_position_remembers_no_file_of_an_hour_that_is_complete(
    files: list[Arrival], times: list[int]
) -> None:
    _, positions = checks(files, times)
    for time, position in zip(sorted(times), positions, strict=True):
        earliest = (START + timedelta(seconds=time) - LATENESS).strftime("%Y/%m/%d/%H")
        assert position.hour == earliest
        assert all(key >= earliest for key in position.read)


def test_a_clock_that_goes_back_reads_nothing_twice() -> None:
    files = [Arrival("2026/12/31/20/00-00-000-0.jsonl", START)]
    read, _ = checks(files, [3 * 3600])
    position = Position.parse(None).after(listed(files, START, ""), START + timedelta(hours=3))
    position = position.after([], START)
    assert read == [files[0].key]
    assert position.unread(listed(files, START, "")) == []


sizes = st.lists(st.integers(1, 50), min_size=1, max_size=30)


@given(sizes, st.integers(1, 500))
def test_a_sample_fits_or_is_a_single_file(sizes: list[int], most: int) -> None:
    files = [StoredObject(f"2026/01/01/00/{number}.jsonl", size) for number, size in enumerate(sizes)]
    chosen = sample(files, most)
    assert len(set(chosen)) == len(chosen) >= 1
    assert set(chosen) <= set(files)
    assert sum(file.bytes for file in chosen) <= most or len(chosen) == 1
    if sum(sizes) <= most:
        assert len(chosen) == len(files)
    assert sample(files[::-1], most) == chosen


def test_a_sample_is_spread_over_the_day() -> None:
    files = [
        StoredObject(f"2026/01/01/{hour:02}/{number}.jsonl", 1) for hour in range(24) for number in range(10)
    ]
    hours = {file.key.split("/")[3] for file in sample(files, 120)}
    assert len(hours) >= 20
