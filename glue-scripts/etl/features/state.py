"""Which cutoffs have to be computed: a weekly training computes the new week, not its whole history."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from etl.shared.job import Job
from etl.shared.tables import json_snapshot, snapshot_from_json


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

    @staticmethod
    def parse(value: dict[str, Any] | None, definition: str) -> "Computed":
        """The stored state; an empty one where features.sql or its columns have changed since."""
        if value is None or value["definition"] != definition:
            return Computed(definition)
        snapshot = snapshot_from_json(value["events_snapshot_id"])
        return Computed(definition, snapshot, set(value["days"]), value["online"])

    def as_json(self) -> dict[str, Any]:
        """The inverse of `parse`."""
        return {
            "definition": self.definition,
            "events_snapshot_id": json_snapshot(self.events_snapshot),
            "days": sorted(self.days),
            "online": self.online,
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

    Reads only what was appended. Where the snapshots between them have expired, every event may be new.
    """
    if before is None or now is None or before == now:
        return None
    time = F.col(job.spec.event_time)
    try:
        row = (
            job.spark.read.format("iceberg")
            .option("start-snapshot-id", before)
            .option("end-snapshot-id", now)
            .load(job.table("events"))
            .agg(F.date_format(F.min(time), "yyyy-MM-dd"), F.date_format(F.max(time), "yyyy-MM-dd"))
            .collect()[0]
        )
    except (PySparkException, Py4JJavaError):
        return date.min.isoformat(), "9000-01-01"
    return None if row[0] is None else (row[0], row[1])
