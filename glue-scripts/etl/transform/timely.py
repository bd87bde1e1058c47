"""Which events come in time."""

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
        """What is to come is judged by the clock: an event newer than the as-of day is none from the future.
        It is published; features look back from their as-of days anyway. To the end of the day, since the
        clocks of those who send are not exact.
        """
        newest = max(job.plan.as_of, job.plan.started_at.date())
        # Nothing that a person replays is too late.
        earliest = None if job.plan.replay else history.earliest_accepted(job.spec.allowed_lateness_days)
        return Limits(earliest, (newest + timedelta(days=1)).isoformat())


def set_aside_untimely(events: DataFrame, spec: Spec, limits: Limits) -> DataFrame:
    """Give events before the earliest time the reason late, and those at or after the end the reason
    future.
    """
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
