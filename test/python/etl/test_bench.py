"""The benchmark of the jobs gives them a plan that they can read."""

import json
import runpy
from datetime import date
from pathlib import Path
from urllib.parse import urlparse

from etl.shared.spec import Plan

SCALE = Path(__file__).parents[3] / "bench/scale.py"


def test_the_plan_of_the_benchmark_is_complete(tmp_path: Path) -> None:
    arguments = runpy.run_path(str(SCALE), run_name="scale")["arguments_of_a_run"](tmp_path, "spec.json")
    plan = Plan.parse(json.loads(Path(urlparse(arguments["run"]).path).read_text()))
    assert (plan.as_of, plan.cutoffs, plan.champion) == (date(2026, 1, 8), (date(2026, 1, 8),), None)
