"""The checks of a monitor job do not depend on each other."""

from typing import Any, cast

import pytest

from etl.monitor.checks import run_checks
from etl.monitor.plan import MonitorPlan, QualityPlan, ServingPlan
from etl.shared.errors import JobError
from etl.shared.job import Workspace

PLAN = MonitorPlan(
    3, ServingPlan("shop", "live", "s3://lake/captures"), QualityPlan("1998-01-08", "1998-01-01", ())
)
WORK = cast(Workspace, None)


def make(monkeypatch: pytest.MonkeyPatch, **failing: Exception) -> list[str]:
    """Replace the checks by ones that fail as given; returns the names of those that ran."""
    ran: list[str] = []

    def check(name: str) -> Any:
        def run(*_: Any) -> dict[str, Any]:
            ran.append(name)
            if name in failing:
                raise failing[name]
            return {"of": name}

        return run

    for name in ("serving", "quality"):
        monkeypatch.setattr(f"etl.monitor.{name}.run", check(name))
    return ran


def test_every_check_that_has_something_new_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    make(monkeypatch)
    assert run_checks(WORK, PLAN, lambda _: None) == {
        "serving": {"of": "serving"},
        "quality": {"of": "quality"},
    }
    assert run_checks(WORK, MonitorPlan(3, None, PLAN.quality), lambda _: None) == {
        "quality": {"of": "quality"}
    }


@pytest.mark.parametrize("broken", ["serving", "quality"])
def test_a_check_that_fails_stops_no_other_and_its_cause_fails_the_job(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    ran = make(monkeypatch, **{broken: ValueError("the capture is broken")})
    with pytest.raises(ValueError, match="the capture is broken"):
        run_checks(WORK, PLAN, lambda _: None)
    assert ran == ["serving", "quality"]


def test_the_causes_of_several_checks_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    make(monkeypatch, serving=ValueError("one"), quality=JobError("two"))
    with pytest.raises(JobError, match="serving: ValueError: one; quality: JobError: two"):
        run_checks(WORK, PLAN, lambda _: None)
