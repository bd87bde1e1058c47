"""SageMaker processing entry point: evaluates challenger and champion on the test split, and judges.

Writes evaluation.json (the metrics of both, and the gate's verdict), shap.json (the influence of the
challenger's features) and baseline.json (the drift baseline), for the registry, the score stage and the
reports.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from artifact import load
from baseline import drift_baseline
from contest import ROLES, Version
from evaluation import evaluate
from explanation import shap_summary
from pipeline import Pipeline, read_json
from scoring import as_served
from splits import PARTS, read_description, read_split
from user_error import run

SEED = 7


def main() -> None:
    """Read the processing inputs, evaluate, and write three JSON files."""
    root = Path(os.environ.get("DAYBREAK_PROCESSING_DIR", "/opt/ml/processing"))
    inputs = root / "input"
    plan = read_json(inputs / "plan", "the run's plan")
    run_id = plan["run_id"]
    pipeline = Pipeline.parse(read_json(inputs / "spec", "the resolved pipeline.yaml"))
    description = read_description(inputs / "dataset")
    parts = {name: read_split(inputs / "dataset" / name, name) for name in PARTS}
    train, test = parts["train"], parts["test"]
    challenger = load(inputs / "challenger")
    versions = [
        Version(role, load(inputs / role), plan[role]["version"], plan[role]["last_label_day"])
        for role in ROLES
        if plan[role] is not None
    ]
    report = evaluate(challenger, versions, train, test, description, pipeline, plan["as_of"])
    explained = shap_summary(challenger, test, SEED)
    importance = {feature["name"]: feature["mean_abs_shap"] for feature in explained["features"]}
    answers = np.array(as_served(challenger.score(test)))
    # The model is fitted on all of them once it has passed the gate.
    labelled = pd.concat(parts.values(), ignore_index=True)
    baseline = drift_baseline(labelled, test, description.entity, challenger.features, importance, answers)
    output = root / "output"
    output.mkdir(parents=True, exist_ok=True)
    _write(output / "evaluation.json", {"run_id": run_id, **report})
    _write(output / "shap.json", {"run_id": run_id, **explained})
    _write(output / "baseline.json", {"run_id": run_id, **baseline})
    _print_summary(report)


def _write(file: Path, content: dict[str, Any]) -> None:
    # allow_nan=False, because NaN is not valid JSON.
    file.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")


def _print_summary(report: dict[str, Any]) -> None:
    for role in ("challenger", "champion"):
        if report[role] is not None:
            metrics = report[role]["metrics"]
            print(f"{role}: AUC {metrics['auc']:.4f}, F1 {metrics['f1']:.4f} on {report['test_rows']} rows")
    for rule in report["verdict"]:
        if not rule["passed"]:
            print(f"Gate: {rule['rule']} is {rule['actual']}, expected {rule['expected']}")
    for warning in report["warnings"]:
        print(f"Warning: {warning}")


if __name__ == "__main__":
    sys.exit(run(main, Path(os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output")) / "message"))
