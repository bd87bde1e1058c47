"""SageMaker processing entry point: evaluates challenger and champion on the test split.

Writes evaluation.json (the metrics of both), shap.json (the influence of the challenger's features) and
baseline.json (the drift baseline), for the gate, the registry, the score stage and the reports.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from artifact import load
from baseline import drift_baseline
from evaluation import Champion, evaluate
from explanation import shap_summary
from scoring import as_served
from splits import read_description, read_split
from user_error import UserError, run

SEED = 7


def main() -> None:
    """Read the processing inputs, evaluate, and write three JSON files."""
    root = Path(os.environ.get("DAYBREAK_PROCESSING_DIR", "/opt/ml/processing"))
    inputs = root / "input"
    run_id = os.environ.get("DAYBREAK_RUN_ID", "")
    description = read_description(inputs / "dataset")
    test = read_split(inputs / "test", "test")
    challenger = load(inputs / "challenger")
    champion = None
    if (inputs / "champion").exists():
        champion = Champion(load(inputs / "champion"), os.environ.get("DAYBREAK_CHAMPION_VERSION", ""))
    report = evaluate(challenger, champion, test, description, _serving_threshold())
    explained = shap_summary(challenger, test, SEED)
    importance = {feature["name"]: feature["mean_abs_shap"] for feature in explained["features"]}
    answers = np.array(as_served(challenger.score(test)))
    training = read_split(inputs / "train", "train")
    baseline = drift_baseline(training, test, description.entity, challenger.features, importance, answers)
    output = root / "output"
    output.mkdir(parents=True, exist_ok=True)
    _write(output / "evaluation.json", {"run_id": run_id, **report})
    _write(output / "shap.json", {"run_id": run_id, **explained})
    _write(output / "baseline.json", {"run_id": run_id, **baseline})
    _print_summary(report)


def _serving_threshold() -> float | None:
    text = os.environ.get("DAYBREAK_THRESHOLD", "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise UserError(f"DAYBREAK_THRESHOLD must be a number between 0 and 1, not {text!r}.") from error


def _write(file: Path, content: dict[str, Any]) -> None:
    # allow_nan=False, because NaN is not valid JSON.
    file.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")


def _print_summary(report: dict[str, Any]) -> None:
    for role in ("challenger", "champion"):
        if report[role] is not None:
            metrics = report[role]["metrics"]
            print(f"{role}: AUC {metrics['auc']:.4f}, F1 {metrics['f1']:.4f} on {report['test_rows']} rows")
    for warning in report["warnings"]:
        print(f"Warning: {warning}")


if __name__ == "__main__":
    sys.exit(run(main, Path(os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output")) / "message"))
