"""Script mode's container contract: the files in /opt/ml/input/config and the toolkit's SM_* variables."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.jobs.sandbox import Sandbox

HOST = "algo-1"


@dataclass(frozen=True)
class Script:
    """The user's program and the arguments it is started with."""

    program: str
    arguments: list[str]
    hyperparameters: dict[str, Any]


def read_hyperparameters(given: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the user's, SageMaker's own) hyperparameters, decoded from JSON where they are JSON."""
    decoded = {name: _decoded(value) for name, value in given.items()}
    own = {name: value for name, value in decoded.items() if name.startswith("sagemaker_")}
    return {name: value for name, value in decoded.items() if name not in own}, own


def script_of(hyperparameters: dict[str, Any], program: str) -> Script:
    """`--name value` for each hyperparameter by name, as the toolkit passes them."""
    arguments: list[str] = []
    for name in sorted(hyperparameters):
        value = hyperparameters[name]
        text = (
            value
            if isinstance(value, str)
            else json.dumps(value)
            if isinstance(value, dict | list)
            else str(value)
        )
        arguments += [f"--{name}" if len(name) > 1 else f"-{name}", text]
    return Script(program, arguments, hyperparameters)


def write_configuration(sandbox: Sandbox, job: dict[str, Any]) -> None:
    """/opt/ml/input/config: what the container is told about its job."""
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode", "File"),
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
        }
        for channel in job.get("InputDataConfig", [])
    }
    sandbox.write_json("/opt/ml/input/config/hyperparameters.json", job.get("HyperParameters", {}))
    sandbox.write_json("/opt/ml/input/config/inputdataconfig.json", channels)
    sandbox.write_json("/opt/ml/input/config/resourceconfig.json", _resource_config(job))


def toolkit_environment(sandbox: Sandbox, job: dict[str, Any], script: Script, code: Path) -> dict[str, str]:
    """The SM_* variables, every path in the sandbox."""
    channels = [channel["ChannelName"] for channel in job.get("InputDataConfig", [])]
    folders = {name: str(sandbox.path(f"/opt/ml/input/data/{name}")) for name in channels}
    resources = _resource_config(job)
    paths = {
        "model_dir": str(sandbox.path("/opt/ml/model")),
        "input_dir": str(sandbox.path("/opt/ml/input")),
        "input_config_dir": str(sandbox.path("/opt/ml/input/config")),
        "output_dir": str(sandbox.path("/opt/ml/output")),
        "output_data_dir": str(sandbox.path("/opt/ml/output/data")),
        "output_intermediate_dir": str(sandbox.path("/opt/ml/output/intermediate")),
    }
    described = {
        **paths,
        "module_dir": str(code),
        "module_name": script.program.removesuffix(".py"),
        "user_entry_point": script.program,
        "current_host": HOST,
        "current_instance_type": resources["current_instance_type"],
        "hosts": [HOST],
        "network_interface_name": resources["network_interface_name"],
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "log_level": 20,
        "channels": channels,
    }
    environment = {f"SM_{name.upper()}": _text(value) for name, value in described.items()}
    environment |= {
        "SM_HPS": json.dumps(script.hyperparameters),
        "SM_USER_ARGS": json.dumps(script.arguments),
        "SM_RESOURCE_CONFIG": json.dumps(resources),
        "SM_INPUT_DATA_CONFIG": sandbox.path("/opt/ml/input/config/inputdataconfig.json").read_text(),
        "SM_TRAINING_ENV": json.dumps(
            {
                **described,
                "hyperparameters": script.hyperparameters,
                "channel_input_dirs": folders,
                "job_name": job["TrainingJobName"],
                "resource_config": resources,
                "is_master": True,
                "master_hostname": HOST,
            }
        ),
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
    }
    environment |= {f"SM_CHANNEL_{name.upper()}": folder for name, folder in folders.items()}
    environment |= {f"SM_HP_{name.upper()}": _text(value) for name, value in script.hyperparameters.items()}
    return environment


def _resource_config(job: dict[str, Any]) -> dict[str, Any]:
    return {
        "current_host": HOST,
        "current_instance_type": job.get("ResourceConfig", {}).get("InstanceType", "local"),
        "hosts": [HOST],
        "network_interface_name": "lo",
    }


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
