"""The entry points as SageMaker runs them: processes with environment variables, folders and exit codes."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import contract
import pytest
from artifact import load
from user_error import MAX_MESSAGE, UserError, describe, run

SOURCE = Path(__file__).parents[3] / "model"


def start(script: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SM_", "DAYBREAK_"))}
    return subprocess.run(
        [sys.executable, str(SOURCE / script)],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


HYPERPARAMETERS = {
    "num_round": "20",
    "threshold": "auto",
    "costs": '{"contact_cost": 2, "saved_value": 40, "save_rate": 0.3}',
}


def container(out: Path, channels: dict[str, Path], hyperparameters: dict[str, str]) -> dict[str, str]:
    """A container's folder of inputs, and its environment."""
    config, data = out / "input" / "config", out / "input" / "data"
    for folder in (config, data):
        folder.mkdir(parents=True, exist_ok=True)
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    for name, folder in channels.items():
        if not (data / name).exists():
            (data / name).symlink_to(folder, target_is_directory=True)
    return {
        "SM_INPUT": str(out / "input"),
        "SM_MODEL_DIR": str(out / "model"),
        "SM_OUTPUT_DIR": str(out / "output"),
    }


def training_environment(
    dataset: Path, out: Path, hyperparameters: dict[str, str] = HYPERPARAMETERS, **more: Path
) -> dict[str, str]:
    channels = {"train": dataset / "train", "validation": dataset / "validation", "dataset": dataset}
    return container(out, channels | more, hyperparameters)


def test_training_and_evaluation_write_what_the_contracts_require(
    dataset_folder: Path, tmp_path: Path, spec: dict[str, Any]
) -> None:
    environment = training_environment(dataset_folder, tmp_path)
    trained = start("train.py", environment)
    assert trained.returncode == 0, trained.stderr
    metadata = json.loads((tmp_path / "model" / "metadata.json").read_text())
    contract.check("model-metadata", metadata)
    assert metadata["run_id"] == "run-1"
    assert [feature["name"] for feature in metadata["features"]] == ["recency", "visits", "device"]
    assert metadata["rows"] == {"train": 600, "validation": 200}
    assert metadata["threshold_by"] == "profit"
    inputs = tmp_path / "processing" / "input"
    for name in ("challenger", "champion", "floor"):
        shutil.copytree(tmp_path / "model", inputs / name)
    shutil.copytree(dataset_folder, inputs / "dataset")
    version = {"model_package_arn": "arn", "model_data_url": "s3://lake/m", "last_label_day": "2025-02-09"}
    plan = {
        "run_id": "run-1",
        "as_of": "2025-03-03",
        "champion": {**version, "version": 2},
        "floor": {**version, "version": 1},
    }
    spec["serving"]["threshold"] = "auto"
    spec["segments"] = {"device": "categories", "visits": [2]}
    for name, content in (("plan", plan), ("spec", spec)):
        (inputs / name).mkdir()
        (inputs / name / f"{name}-a1b2.json").write_text(json.dumps(content))
    evaluated = start(
        "evaluate.py",
        {
            "DAYBREAK_PROCESSING_DIR": str(tmp_path / "processing"),
            "SM_OUTPUT_DIR": str(tmp_path / "output"),
        },
    )

    assert evaluated.returncode == 0, evaluated.stderr
    output = tmp_path / "processing" / "output"
    assert {file.name for file in output.iterdir()} == {"evaluation.json", "shap.json", "baseline.json"}
    evaluation = contract.check_file("evaluation", output / "evaluation.json")
    contract.check_file("explanation", output / "shap.json")
    assert evaluation["run_id"] == "run-1"
    assert evaluation["champion"]["version"] == "2"
    assert [one["kind"] for one in evaluation["comparisons"]] == [
        *["simple model", "simple model", "champion", "floor"]
    ]
    assert evaluation["verdict"][0] == {
        "rule": "test rows",
        "expected": "at least 250",
        "actual": 300,
        "passed": True,
    }
    # Of the two as-of days, one is later than the champion's labels: too few rows.
    assert "test rows new to v2, the serving version" in evaluated.stdout
    for role in ("challenger", "champion"):
        assert evaluation[role]["threshold"] == pytest.approx(metadata["threshold"], abs=1e-6)
    assert [one["segment"] for one in evaluation["segments"]][-3:] == ["up to 2", "above 2", "(missing)"]
    assert evaluation["test_rows"] == 300
    baseline = contract.check_file("baseline", output / "baseline.json")
    assert set(baseline["features"]) == {"recency", "visits", "device"}
    days = ["2025-02-03", "2025-02-10"]
    assert baseline["evaluation"] == {
        "rows": 300,
        "entities": 300,
        "independent_rows": 300,
        "as_of_days": days,
    }
    # The registered model is fitted on all labelled rows.
    everything = ["2025-02-03", "2025-02-05", "2025-02-10"]
    training = baseline["training"]
    assert (training["rows"], training["entities"], training["as_of_days"]) == (1150, 600, everything)
    assert training["independent_rows"] < 600
    assert sum(feature["importance"] for feature in baseline["features"].values()) == pytest.approx(1)


def test_the_refit_learns_from_every_part_with_the_rounds_that_were_chosen(
    dataset_folder: Path, tmp_path: Path
) -> None:
    environment = training_environment(dataset_folder, tmp_path)
    assert start("train.py", environment).returncode == 0
    (tmp_path / "channel").mkdir()
    with tarfile.open(tmp_path / "channel" / "model.tar.gz", "w:gz") as archive:
        for name in ("model.ubj", "metadata.json"):
            archive.add(tmp_path / "model" / name, name)
    parts = {part: dataset_folder / part for part in ("purged", "test")}
    refit = training_environment(dataset_folder, tmp_path, **parts, model=tmp_path / "channel")
    done = start("refit.py", refit | {"SM_MODEL_DIR": str(tmp_path / "refitted")})
    assert done.returncode == 0, done.stderr

    before = json.loads((tmp_path / "model" / "metadata.json").read_text())
    after = contract.check_file("model-metadata", tmp_path / "refitted" / "metadata.json")
    assert after["refitted_rows"] == 600 + 200 + 50 + 300
    same = ("best_iteration", "threshold", "threshold_by", "validation_log_loss", "rows", "run_id")
    assert [after[name] for name in same] == [before[name] for name in same]
    model, evaluated = load(tmp_path / "refitted"), load(tmp_path / "model")
    assert model.booster.num_boosted_rounds() == before["best_iteration"] + 1
    # The encoding is fitted again: this device is in the purged days only.
    assert "watch" in next(f for f in model.features if f.name == "device").categories
    assert "watch" not in next(f for f in evaluated.features if f.name == "device").categories


def test_a_failure_is_explained_on_stderr_and_in_the_failure_file(
    dataset_folder: Path, tmp_path: Path
) -> None:
    environment = training_environment(dataset_folder, tmp_path, {"max_dept": "3"})

    failed = start("train.py", environment)

    assert failed.returncode == 1
    message = (tmp_path / "output" / "failure").read_text()
    assert message.startswith("UserError: Unknown hyperparameter max_dept. Did you mean max_depth?")
    assert failed.stderr.strip().splitlines()[-1] == message
    assert "Traceback" not in failed.stderr


def test_a_missing_channel_is_reported(tmp_path: Path) -> None:
    failed = start("train.py", container(tmp_path, {}, {}))

    assert "no channel dataset" in (tmp_path / "output" / "failure").read_text()
    assert failed.returncode == 1


def test_a_bug_is_an_algorithm_error_with_its_location(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> None:
        raise ZeroDivisionError("division by zero")

    assert run(main, tmp_path / "failure") == 1
    message = (tmp_path / "failure").read_text()
    assert message.startswith("AlgorithmError: ZeroDivisionError: division by zero at test_entry_points.py:")
    assert "Traceback" in capsys.readouterr().err


def test_a_long_message_is_shortened_to_what_sagemaker_shows(tmp_path: Path) -> None:
    def main() -> None:
        raise UserError("x" * 5_000)

    run(main, tmp_path / "failure")

    assert len((tmp_path / "failure").read_text()) == MAX_MESSAGE
    assert describe(UserError("too few rows")) == "UserError: too few rows"
