"""The training set's split by time: train, then validation, then test, without labels of the first two that
reach into the test period.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from etl.shared.errors import TrainingSetError


@dataclass(frozen=True)
class Split:
    """The as-of days of each part. `purged` days are in none, because their labels were not yet known on the
    first test day.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    purged: tuple[str, ...]

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The parts that are written, by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


def split_cutoffs(
    cutoffs: list[str], horizon_days: int, every_days: int, validation_share: float, test_share: float
) -> Split:
    """Split as-of days: the latest `test_share` for test, before them a gap of one horizon, then validation,
    then train.

    Raises if there are too few for one day in each part, and says how much more history is needed.
    """
    found = _try_split(sorted(cutoffs), horizon_days, validation_share, test_share)
    if found:
        return found
    missing = _missing_days(len(cutoffs), horizon_days, every_days, validation_share, test_share)
    raise TrainingSetError(
        f"the training set needs about {missing} more days of events: there are {len(cutoffs)} as-of days "
        "with rows "
        "and a known label, but train, validation and test need one each, and the label's horizon of "
        f"{horizon_days} days has to lie between validation and test. Wait, or raise training.history_days, "
        "or "
        "lower label.horizon_days"
    )


def _try_split(
    days: list[str], horizon_days: int, validation_share: float, test_share: float
) -> Split | None:
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


def _missing_days(
    count: int, horizon_days: int, every_days: int, validation_share: float, test_share: float
) -> int:
    """How much longer the history must be, with an as-of day every `every_days`."""
    start = date(2000, 1, 1)
    for more in range(1, 4000):
        days = [(start + timedelta(days=every_days * index)).isoformat() for index in range(count + more)]
        if _try_split(days, horizon_days, validation_share, test_share):
            return more * every_days
    return 4000 * every_days
