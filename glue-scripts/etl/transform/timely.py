"""Decides which events are too late, or from the future."""

from dataclasses import dataclass
from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.shared.identity import LATE
from etl.shared.job import Job
from etl.shared.spec import Spec
from etl.transform.files import History


@dataclass(frozen=True)
class Limits:
    """The times that a run accepts: from `earliest` (None: any) to before `end`."""

    earliest: str | None
    end: str

    @staticmethod
    def of(job: Job, history: History) -> "Limits":
        """The limits of a run.

        The future is what comes after the day on which the run started, not after its as-of day: events
        newer than the as-of day are published, and features do not use them. The limit is the end of that
        day, because the clocks of senders are not exact.
        """
        newest = max(job.plan.as_of, job.plan.started_at.date())
        # A replay accepts late events.
        earliest = None if job.plan.replay else history.earliest_accepted(job.spec.allowed_lateness_days)
        return Limits(earliest, (newest + timedelta(days=1)).isoformat())


def set_aside_untimely(events: DataFrame, spec: Spec, limits: Limits) -> DataFrame:
    """Gives events before the earliest time the reason `late`, and events at or after the end `future`."""
    time = F.col(spec.event_time)
    late = F.lit(False) if limits.earliest is None else time < F.lit(limits.earliest).cast("timestamp")
    future = time >= F.lit(limits.end).cast("timestamp")
    good = F.col("_reason").isNull()
    return events.withColumns(
        {
            "_reason": F.when(good & late, F.lit(LATE))
            .when(good & future, F.lit("future"))
            .otherwise(F.col("_reason")),
            "_detail": F.when(
                good & late, F.lit(f"happened before {limits.earliest}, the earliest still accepted")
            )
            .when(good & future, F.lit(f"happened at or after {limits.end}, the day after the run"))
            .otherwise(F.col("_detail")),
        }
    )
