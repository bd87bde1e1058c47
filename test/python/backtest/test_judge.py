"""The judge as the command line runs it: a process of its own group, with workers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from backtest_spec import backtest_spec

JUDGE = Path(__file__).parents[3] / "backtest/judge.py"
SPEC = backtest_spec(
    {"spend": {"type": "double"}},
    horizon_days=7,
    lateness_days=0,
    rounds=10,
    monitoring={"quality": {"alpha": 0.001, "window_days": 28}},
)
DAYS = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"]


def write_rows(folder: Path) -> None:
    random = np.random.default_rng(1)
    spend = random.random(500)
    rows = pd.DataFrame(
        {
            "as_of": np.repeat(DAYS, 100),
            "customer": [f"c{number}" for number in range(500)],
            "spend": spend,
            "churned": (random.random(500) < spend).astype(float),
        }
    )
    folder.mkdir()
    rows.to_parquet(folder / "part-0.parquet")


def start(home: Path) -> "subprocess.Popen[str]":
    write_rows(home / "rows")
    (home / "spec.json").write_text(json.dumps(SPEC))
    return subprocess.Popen(
        [sys.executable, str(JUDGE), str(home / "spec.json"), str(home / "rows")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def ask(judge: "subprocess.Popen[str]", number: int, question: str, **details: Any) -> dict[str, Any]:
    assert judge.stdin is not None
    assert judge.stdout is not None
    judge.stdin.write(json.dumps({"id": number, "question": question, **details}) + "\n")
    judge.stdin.flush()
    return dict(json.loads(judge.stdout.readline()))


def test_it_trains_and_judges_and_a_signal_ends_its_workers(tmp_path: Path) -> None:
    judge = start(tmp_path)
    try:
        trained = ask(judge, 0, "train", day="2026-02-16", cutoffs=DAYS)
        assert trained["id"] == 0
        assert trained["answer"]["outcome"] == "trained"
        verdict = ask(judge, 1, "gate", day="2026-02-16", champion=None, floor=None)
        assert verdict["answer"]["passed"] in (True, False)
        assert verdict["answer"]["best"] == "2026-02-16"
        too_early = ask(judge, 2, "train", day="2026-01-19", cutoffs=DAYS[:1])
        assert too_early["answer"]["outcome"] == "not_enough_history"
        workers = psutil.Process(judge.pid).children(recursive=True)
        assert workers
        judge.send_signal(signal.SIGTERM)
        judge.wait(timeout=20)
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert alive == []
    finally:
        if judge.poll() is None:
            os.killpg(judge.pid, signal.SIGKILL)
