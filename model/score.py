"""SageMaker processing entry point: scores all of the day's rows with the serving version.

Writes scores.parquet and scores.csv (one row per entity, with reasons), drift.json (the day's rows against
the version's baseline) and estimate.json (the expected metrics while the labels are not known), for the table
of scores, the people who act on them, the monitor and the reports.
"""

import json
import math
import os
import sys
from pathlib import Path

import numpy as np
from artifact import load
from daily_scores import daily_scores, write_scores
from drift import Limits
from drift_report import drift_report
from performance import estimated
from scoring import as_served
from splits import read_split
from threshold import ThresholdRule
from user_error import UserError, run

ESTIMATED = ("auc", "f1", "precision", "recall", "base_rate")
DIGITS = 6


def main() -> None:
    """Read the processing inputs, score, and write four files."""
    root = Path(os.environ.get("DAYBREAK_PROCESSING_DIR", "/opt/ml/processing"))
    inputs = root / "input"
    rows = read_split(inputs / "rows", "scoring")
    model = load(inputs / "model")
    entity = str(model.metadata["entity"])
    version = int(_number("DAYBREAK_MODEL_VERSION"))
    limits = Limits(_number("DAYBREAK_DRIFT_ALPHA"), _number("DAYBREAK_DRIFT_EFFECT"))
    baseline = json.loads((inputs / "baseline" / "baseline.json").read_text(encoding="utf-8"))
    rule = ThresholdRule.parse(os.environ.get("DAYBREAK_THRESHOLD", ""), None)
    threshold = rule.of(model.metadata)
    scores = daily_scores(model, rows, entity, version, threshold)
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
    }
    estimate = {"threshold": threshold, "metrics": _expected(scores["score"].to_numpy(), threshold)}
    for name, found in (("drift", drift), ("estimate", estimate)):
        # allow_nan=False, because NaN is not valid JSON.
        text = json.dumps(described | found, allow_nan=False)
        (output / f"{name}.json").write_text(text, encoding="utf-8")
    positive = f"{int(scores['positive'].sum())} of them positive"
    print(f"Scored {len(scores)} rows with version {version}, {positive}; drift: {drift['status']}.")


def _expected(scores: np.ndarray, threshold: float) -> dict[str, float | None]:
    """The expected metrics of the scores; none is known of no rows."""
    found = estimated(scores, threshold) if len(scores) else dict.fromkeys(ESTIMATED)
    return {
        name: None if (value := found[name]) is None or not math.isfinite(value) else round(value, DIGITS)
        for name in ESTIMATED
    }


def _number(name: str) -> float:
    text = os.environ.get(name, "")
    try:
        return float(text)
    except ValueError as error:
        raise UserError(f"{name} must be a number, not {text!r}.") from error


if __name__ == "__main__":
    sys.exit(run(main, Path(os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output")) / "message"))
