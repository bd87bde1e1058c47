"""All checks of a monitor job."""

import traceback
from collections.abc import Callable
from typing import Any

from etl.monitor import quality, serving
from etl.monitor.plan import MonitorPlan
from etl.shared.errors import JobError
from etl.shared.job import Workspace


def run_checks(
    work: Workspace, plan: MonitorPlan, send: Callable[[dict[str, float]], None]
) -> dict[str, Any]:
    """Run every check that has something new, also if another one fails; returns their reports by name.

    What failed is raised at the end, so that the job fails with the cause.
    """
    wanted: dict[str, Callable[[], dict[str, Any]]] = {}
    if plan.serving is not None:
        wanted["serving"] = lambda: serving.run(work, plan.serving, send)
    if plan.quality is not None:
        wanted["quality"] = lambda: quality.run(work, plan.quality, plan.version, send)
    reports: dict[str, Any] = {}
    failed: dict[str, Exception] = {}
    for name, check in wanted.items():
        try:
            reports[name] = check()
        except Exception as error:
            traceback.print_exception(error)
            failed[name] = error
    if len(failed) == 1:
        raise next(iter(failed.values()))
    if failed:
        causes = "; ".join(f"{name}: {type(error).__name__}: {error}" for name, error in failed.items())
        raise JobError(f"every check failed. {causes}")
    return reports
