"""What a monitor job has to check: the plan that monitor-plan made (contracts/monitor-plan.ts)."""

from dataclasses import dataclass
from typing import Any

from etl.shared.errors import JobError


@dataclass(frozen=True)
class MaturedDay:
    """A scored day whose labels are known."""

    as_of: str
    run_id: str
    version: int
    evaluation_uri: str
    judged: bool


@dataclass(frozen=True)
class QualityPlan:
    """The newest scored day, and the days to judge with those of the pooled window, oldest first."""

    as_of: str
    # The first day of the pooled window.
    since: str
    days: tuple[MaturedDay, ...]


@dataclass(frozen=True)
class ServingPlan:
    """The endpoint whose captured requests to check, and their folder, which has folders by hour."""

    endpoint: str
    variant: str
    captures_uri: str


@dataclass(frozen=True)
class MonitorPlan:
    """The checks of one job; one that is None has nothing new."""

    # The serving version; None if none is serving.
    version: int | None
    serving: ServingPlan | None
    quality: QualityPlan | None

    @staticmethod
    def parse(value: dict[str, Any]) -> "MonitorPlan":
        """From the job's argument `--checks`."""
        try:
            serving, quality = value["serving"], value["quality"]
            return MonitorPlan(
                version=value["version"],
                serving=serving and ServingPlan(**serving),
                quality=quality
                and QualityPlan(
                    quality["as_of"],
                    quality["since"],
                    tuple(
                        MaturedDay(
                            day["as_of"], day["run_id"], day["version"], day["evaluation_uri"], day["judged"]
                        )
                        for day in quality["days"]
                    ),
                ),
            )
        except (KeyError, TypeError) as error:
            raise JobError(f"the argument --checks is not what monitor-plan writes: {error!r}") from error
