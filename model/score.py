"""SageMaker processing entry point: scores all of the day's rows with the serving version.

Writes scores.parquet and scores.csv (one row per entity, with reasons) and drift.json (the day's rows against
the version's baseline), for the table of scores, the people who act on them, and the monitor.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from artifact import load
from daily_scores import daily_scores, write_scores
from drift import Limits
from drift_report import drift_report
from scoring import as_served
from splits import read_split
from threshold import ThresholdRule
from user_error import UserError, run


def main() -> None:
    """Read the processing inputs, score, and write three files."""
    root = Path(os.environ.get("DAYBREAK_PROCESSING_DIR", "/opt/ml/processing"))
    inputs = root / "input"
    rows = read_split(inputs / "rows", "scoring")
    model = load(inputs / "model")
    entity = str(model.metadata["entity"])
    version = int(_number("DAYBREAK_MODEL_VERSION"))
    limits = Limits(_number("DAYBREAK_DRIFT_ALPHA"), _number("DAYBREAK_DRIFT_EFFECT"))
    baseline = json.loads((inputs / "baseline" / "baseline.json").read_text(encoding="utf-8"))
    rule = ThresholdRule.parse(os.environ.get("DAYBREAK_THRESHOLD", ""), None)
    scores = daily_scores(model, rows, entity, version, rule.of(model.metadata))
    # Like with like: what serves is fitted on more rows and answers differently, although nothing drifted.
    compared = np.array(as_served(load(inputs / "evaluated").score(rows)))
    drift = drift_report(baseline, rows, compared, limits)
    output = root / "output"
    output.mkdir(parents=True, exist_ok=True)
    write_scores(output, scores)
    described = {
        "run_id": os.environ.get("DAYBREAK_RUN_ID", ""),
        "as_of": os.environ.get("DAYBREAK_AS_OF", ""),
        "version": version,
        "rows": len(rows),
        **drift,
    }
    # allow_nan=False, because NaN is not valid JSON.
    (output / "drift.json").write_text(json.dumps(described, allow_nan=False), encoding="utf-8")
    positive = f"{int(scores['positive'].sum())} of them positive"
    print(f"Scored {len(scores)} rows with version {version}, {positive}; drift: {drift['status']}.")


def _number(name: str) -> float:
    text = os.environ.get(name, "")
    try:
        return float(text)
    except ValueError as error:
        raise UserError(f"{name} must be a number, not {text!r}.") from error


if __name__ == "__main__":
    sys.exit(run(main, Path(os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output")) / "message"))
