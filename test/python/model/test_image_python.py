"""The training image's Python is older than the developers': model/ uses only what it supports."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "model"
IMAGE_PYTHON = "3.10"


def versions_needed(source: Path) -> subprocess.CompletedProcess[str]:
    """Run vermin on a folder; it fails if the code needs a newer Python than the image's."""
    options = [f"--target={IMAGE_PYTHON}-", "--violations", "--no-tips"]
    command = [sys.executable, "-c", "from vermin import main; main()", *options, str(source)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_model_runs_on_the_python_of_the_image() -> None:
    found = versions_needed(SOURCE)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import UTC",
        "import tomllib",
        "from enum import StrEnum",
        "from typing import Self",
        "try:\n    print()\nexcept* ValueError:\n    pass",
    ],
)
def test_code_for_a_newer_python_is_detected(tmp_path: Path, code: str) -> None:
    (tmp_path / "train.py").write_text(f"{code}\n")
    assert versions_needed(tmp_path).returncode == 1
