"""The container contract of a SageMaker training job: its folders and files under /opt/ml.

The request names the program as the container's entry point, so that the image's training toolkit does not
run. The toolkit would replace the failure file with a message that hides the cause, and would load the code
from S3, which a container without a network cannot.
"""

import json
import os
from pathlib import Path
from typing import Any

from user_error import UserError

# The image sets both variables.
_INPUT = Path(os.environ.get("SM_INPUT", "/opt/ml/input"))
MODEL_FOLDER = Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
# SageMaker shows the file's text as the job's FailureReason.
FAILURE_FILE = Path(os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output")) / "failure"


def channel(name: str) -> Path:
    """The folder of a channel."""
    folder = _INPUT / "data" / name
    if not folder.is_dir():
        raise UserError(f"The training job has no channel {name}.")
    return folder


def hyperparameters() -> dict[str, Any]:
    """The job's hyperparameters: strings, of which those that are JSON are read."""
    given = json.loads((_INPUT / "config" / "hyperparameters.json").read_text(encoding="utf-8"))
    return {name: _decoded(value) for name, value in given.items()}


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
