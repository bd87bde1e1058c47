"""How much history there is: which as-of days have a whole window of events, and when there is enough."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared.errors import TrainingSetError
from etl.shared.spec import Plan, Spec

# An event that is older than all others by more than this is a stray, such as one of a device whose clock was
# never set, and not the beginning of the data.
_STRAY_DAYS = 31


class NotEnoughHistory(Exception):
    """There is no training set yet: what is missing, and the first as-of day on which nothing will be."""

    def __init__(self, reason: str, enough_from: date) -> None:
        super().__init__(reason)
        self.reason = reason
        self.enough_from = enough_from


@dataclass(frozen=True)
class Windows:
    """Labelled as-of days by whether their window begins before the first event."""

    first_event: date | None
    complete: tuple[date, ...]
    incomplete: tuple[date, ...]


def read_windows(events: DataFrame, spec: Spec, plan: Plan) -> Windows:
    """Divide the plan's labelled as-of days. Reads only events that can be in one of their windows, and those
    of the month before.
    """
    if not plan.label_cutoffs:
        return Windows(_first_day(events, spec, plan.as_of - timedelta(days=spec.window_days)), (), ())
    return divide(
        plan.label_cutoffs,
        spec.window_days,
        _first_day(events, spec, min(plan.label_cutoffs) - timedelta(days=spec.window_days)),
    )


def _first_day(events: DataFrame, spec: Spec, start: date) -> date | None:
    """The day of the first event from a month before `start` on: where there are older ones, too, the data
    begins before `start`.
    """
    since = (start - timedelta(days=_STRAY_DAYS)).isoformat()
    time = F.col(spec.event_time)
    recent = events.where(time >= F.lit(since).cast("timestamp"))
    (day,) = recent.agg(F.date_format(F.min(time), "yyyy-MM-dd")).collect()[0]
    return None if day is None else date.fromisoformat(day)


def divide(cutoffs: tuple[date, ...], window_days: int, first_event: date | None) -> Windows:
    """An as-of day's window is complete if it begins on the day of the first event or later."""
    earliest = date.max if first_event is None else first_event + timedelta(days=window_days)
    complete = tuple(day for day in cutoffs if day >= earliest)
    return Windows(first_event, complete, tuple(day for day in cutoffs if day < earliest))


def used_days(windows: Windows, spec: Spec) -> list[str]:
    """The as-of days of the training set."""
    kept = (*windows.incomplete, *windows.complete) if spec.incomplete_windows == "keep" else windows.complete
    return [day.isoformat() for day in sorted(kept)]


def too_few_days(windows: Windows, spec: Spec, plan: Plan, present: int, missing: int) -> NotEnoughHistory:
    """The error where the `present` as-of days cannot be split; `missing` is how many more it takes."""
    window = spec.window_days if spec.incomplete_windows == "drop" else 0
    begun = windows.first_event or plan.as_of
    enough_from = begun + timedelta(days=window + plan.least_history_days)
    if enough_from <= plan.as_of:
        # There is time enough, but as-of days without rows in it.
        enough_from = plan.as_of + timedelta(days=missing * spec.cutoff_every_days)
    known = "there are no events" if windows.first_event is None else f"the events begin on {begun}"
    left_out = (
        f" ({len(windows.incomplete)} more are left out, because their window of {window} days begins before)"
        if windows.incomplete and window
        else ""
    )
    return NotEnoughHistory(
        f"{known}, and {present} as-of days have rows and a known label{left_out}: train, validation and "
        f"test need one each, with the horizon of {spec.horizon_days} days between validation and test",
        enough_from,
    )


def too_few_rows(rows: int, days: int, spec: Spec, plan: Plan) -> NotEnoughHistory:
    """The error where the `rows` of `days` as-of days are fewer than `training.min_rows`."""
    missing = math.ceil((spec.min_rows - rows) * days / rows)
    most = len(plan.label_cutoffs)
    if days + missing > most:
        raise TrainingSetError(
            f"{rows} labelled rows of {days} as-of days, but training.min_rows is {spec.min_rows}, and "
            f"training.history_days has room for {most} labelled as-of days: raise training.history_days, or "
            "lower training.min_rows"
        )
    return NotEnoughHistory(
        f"{rows} labelled rows of {days} as-of days, but training.min_rows is {spec.min_rows}",
        plan.as_of + timedelta(days=missing * spec.cutoff_every_days),
    )
