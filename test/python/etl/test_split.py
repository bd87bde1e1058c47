"""Properties of the split by time."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from etl.train.split import missing_days, split_cutoffs


def grid(count: int, every: int) -> list[str]:
    return [(date(2024, 1, 1) + timedelta(days=every * index)).isoformat() for index in range(count)]


@given(
    count=st.integers(0, 60),
    every=st.integers(1, 30),
    horizon=st.integers(1, 90),
    validation=st.floats(0, 0.6),
    test=st.floats(0, 0.6),
)
def test_every_day_is_in_one_part_and_no_label_reaches_into_the_test(
    count: int, every: int, horizon: int, validation: float, test: float
) -> None:
    days = grid(count, every)
    split = split_cutoffs(days, horizon, validation, test)
    if split is None:
        more = missing_days(count, horizon, every, validation, test)
        assert split_cutoffs(grid(count + more, every), horizon, validation, test)
        assert more == 1 or not split_cutoffs(grid(count + more - 1, every), horizon, validation, test)
        return
    assert [*split.train, *split.validation, *split.purged, *split.test] == days
    assert min(len(split.train), len(split.validation), len(split.test)) >= 1
    known = date.fromisoformat(split.validation[-1]) + timedelta(days=horizon)
    assert known <= date.fromisoformat(split.test[0])


def test_it_is_known_how_many_days_are_missing() -> None:
    assert split_cutoffs(grid(3, 7), 28, 0.15, 0.25) is None
    assert missing_days(3, 28, 7, 0.15, 0.25) == 3
    assert split_cutoffs(grid(6, 7), 28, 0.15, 0.25)


def test_shares_are_of_all_days() -> None:
    split = split_cutoffs(grid(40, 7), 28, 0.15, 0.25)
    assert split
    assert (len(split.train), len(split.validation), len(split.purged), len(split.test)) == (21, 6, 3, 10)
