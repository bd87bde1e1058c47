"""Which cutoffs have to be computed: a weekly training computes the new week, not its whole history."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pyspark.sql import functions as F

from etl.shared import tables
from etl.shared.job import Job


@dataclass
class Computed:
    """What the feature table holds: the as-of days that were computed, and from which definition and
    events.
    """

    definition: str
    events_snapshot: int | None = None
    days: set[str] = field(default_factory=set)
    # The as-of day whose records are all in the online store.
    online: str | None = None
    # When they were, in ISO 8601.
    online_at: str | None = None

    @staticmethod
    def parse(value: dict[str, Any] | None, definition: str) -> "Computed":
        """The stored state; an empty one where features.sql or its columns have changed since."""
        if value is None or value["definition"] != definition:
            return Computed(definition)
        snapshot = tables.snapshot_from_json(value["events_snapshot_id"])
        return Computed(definition, snapshot, set(value["days"]), value["online"], value.get("online_at"))

    def as_json(self) -> dict[str, Any]:
        """The inverse of `parse`."""
        return {
            "definition": self.definition,
            "events_snapshot_id": tables.json_snapshot(self.events_snapshot),
            "days": sorted(self.days),
            "online": self.online,
            "online_at": self.online_at,
        }

    def forget_stale(self, first: str, last: str, window_days: int) -> None:
        """Drop the days whose window contains events of `first` to `last`, which were published later."""
        reach = (date.fromisoformat(last) + timedelta(days=window_days)).isoformat()
        self.days -= {day for day in self.days if first < day <= reach}

    def to_compute(self, wanted: list[str], as_of: str) -> list[str]:
        """The wanted days that are not computed yet, and always the as-of day."""
        return [day for day in wanted if day == as_of or day not in self.days]


def published_since(job: Job, before: int | None, now: int | None) -> tuple[str, str] | None:
    """The oldest and newest day of the events published between two snapshots; None where there are none.

    Without the earlier snapshot nothing was computed that could be stale.
    """
    published = None if before is None else tables.appended(job.spark, job.table("events"), before, now)
    if published is None:
        return None
    time = F.col(job.spec.event_time)
    row = published.agg(
        F.date_format(F.min(time), "yyyy-MM-dd"), F.date_format(F.max(time), "yyyy-MM-dd")
    ).collect()[0]
    return None if row[0] is None else (row[0], row[1])
