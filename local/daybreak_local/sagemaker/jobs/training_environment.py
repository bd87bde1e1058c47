"""The script-mode container contract: /opt/ml/input/config and the training toolkit's SM_* variables."""

import json
import os
from dataclasses import dataclass
from typing import Any

from daybreak_local.sagemaker.jobs.sandbox import Sandbox

HOST = "algo-1"
_PYTHON = "/miniconda3/bin/python3"


@dataclass(frozen=True)
class Script:
    """The user's program and its hyperparameters."""

    program: str
    hyperparameters: dict[str, Any]

    @property
    def command(self) -> list[str]:
        """The toolkit runs the program as a module, with hyperparameters as sorted `--name value`."""
        arguments: list[str] = []
        for name in sorted(self.hyperparameters):
            value = self.hyperparameters[name]
            text = json.dumps(value) if isinstance(value, dict | list) else str(value)
            arguments += [f"--{name}" if len(name) > 1 else f"-{name}", text]
        return [_PYTHON, "-m", self.program.removesuffix(".py"), *arguments]


def read_hyperparameters(given: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(user, sagemaker_*) hyperparameters; values that are valid JSON are decoded."""
    decoded = {name: _decoded(value) for name, value in given.items()}
    own = {name: value for name, value in decoded.items() if name.startswith("sagemaker_")}
    return {name: value for name, value in decoded.items() if name not in own}, own


def write_configuration(sandbox: Sandbox, job: dict[str, Any]) -> None:
    """Writes the job configuration files to /opt/ml/input/config."""
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode", "File"),
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
            **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
        }
        for channel in job.get("InputDataConfig", [])
    }
    resources = {"current_host": HOST, "hosts": [HOST], "network_interface_name": "lo"}
    sandbox.write_json("/opt/ml/input/config/hyperparameters.json", job.get("HyperParameters", {}))
    sandbox.write_json("/opt/ml/input/config/inputdataconfig.json", channels)
    sandbox.write_json("/opt/ml/input/config/resourceconfig.json", resources)


def toolkit_environment(sandbox: Sandbox, job: dict[str, Any], script: Script) -> dict[str, str]:
    """The SM_* and TRAINING_JOB_* variables, with sandbox paths."""
    channels = [channel["ChannelName"] for channel in job.get("InputDataConfig", [])]
    folders = {
        "MODEL_DIR": "model",
        "MODULE_DIR": "code",
        "INPUT_DIR": "input",
        "INPUT_CONFIG_DIR": "input/config",
        "OUTPUT_DIR": "output",
        "OUTPUT_DATA_DIR": "output/data",
        **{f"CHANNEL_{name.upper()}": f"input/data/{name}" for name in channels},
    }
    values = {
        "MODULE_NAME": script.program.removesuffix(".py"),
        "USER_ENTRY_POINT": script.program,
        "CURRENT_HOST": HOST,
        "HOSTS": [HOST],
        "NUM_CPUS": os.cpu_count() or 1,
        "NUM_GPUS": 0,
        "LOG_LEVEL": 20,
        "CHANNELS": channels,
        "HPS": script.hyperparameters,
        **{f"HP_{name.upper()}": value for name, value in script.hyperparameters.items()},
    }
    environment = {f"SM_{name}": str(sandbox.path(f"/opt/ml/{path}")) for name, path in folders.items()}
    environment |= {f"SM_{name}": _text(value) for name, value in values.items()}
    return environment | {
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
    }


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
