"""The training set's split by time: train, then validation, then test, without labels of the first two that
reach into the test period.
"""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Split:
    """The as-of days of each part. `purged` days neither train nor evaluate, because their labels were not
    yet known on the first test day; the refit uses them.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    purged: tuple[str, ...]

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """All parts by name, in the order of time."""
        return {
            "train": self.train,
            "validation": self.validation,
            "purged": self.purged,
            "test": self.test,
        }


def split_cutoffs(
    cutoffs: list[str], horizon_days: int, validation_share: float, test_share: float
) -> Split | None:
    """Split as-of days: the latest `test_share` for test, before them a gap of one horizon, then validation,
    then train. None where there are too few for one day in each part.
    """
    days = sorted(cutoffs)
    # With little history, the full share for test would leave nothing before the gap, so test gets less.
    wanted = max(1, round(len(days) * test_share))
    tries = (_split_at(days, size, horizon_days, validation_share) for size in range(wanted, 0, -1))
    return next((split for split in tries if split), None)


def _split_at(days: list[str], test_size: int, horizon_days: int, validation_share: float) -> Split | None:
    test, before = days[len(days) - test_size :], days[: len(days) - test_size]
    if not test or not before:
        return None
    first_test = date.fromisoformat(test[0])
    known = [day for day in before if date.fromisoformat(day) + timedelta(days=horizon_days) <= first_test]
    # Train keeps at least half of the days before the gap.
    validation_size = min(max(1, round(len(days) * validation_share)), len(known) // 2)
    if validation_size < 1:
        return None
    cut = len(known) - validation_size
    return Split(tuple(known[:cut]), tuple(known[cut:]), tuple(test), tuple(before[len(known) :]))


def missing_days(
    count: int, horizon_days: int, every_days: int, validation_share: float, test_share: float
) -> int:
    """How many more as-of days a split takes, with one every `every_days`."""
    start = date(2000, 1, 1)
    # One day each for train and validation, a horizon between validation and test, and the test's day.
    most = 3 + horizon_days // every_days + 1
    for more in range(1, most + 1):
        days = [(start + timedelta(days=every_days * index)).isoformat() for index in range(count + more)]
        if split_cutoffs(days, horizon_days, validation_share, test_share):
            return more
    raise AssertionError(f"{count + most} as-of days every {every_days} days cannot be split")
