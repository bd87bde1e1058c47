"""Training jobs: the container contract, and every final status."""

import contextlib
import io
import json
import tarfile
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from sagemaker_fakes import BLIND_ROLE, IMAGE, ROLE, FakePlatform

from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.service import LocalSageMaker

SCRIPT = """
import json, os, pathlib, sys
import helper
inputs = pathlib.Path(os.environ["SM_INPUT"])
channel = inputs / "data" / "train"
rows = (channel / "part" / "a.csv").read_text()
print(f"rows={rows.strip()}")
print("secrets seen:", os.environ.get("AWS_SECRET_ACCESS_KEY"), os.environ.get("SECRET_TOKEN"), "as",
os.environ.get("AWS_ACCESS_KEY_ID"), "in", os.environ["TZ"])
seen = {
    "arguments": sys.argv[1:],
    "hyperparameters": json.loads((inputs / "config" / "hyperparameters.json").read_text()),
    "host": json.loads((inputs / "config" / "resourceconfig.json").read_text())["current_host"],
    "given": os.environ["GIVEN"].endswith("/opt/ml/model/x") and len(os.environ["GIVEN"]) > 15,
    "config": sorted(p.name for p in (inputs / "config").iterdir()),
}
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps(seen))
pathlib.Path(os.environ["SM_OUTPUT_DIR"], "data", "notes.txt").write_text("done")
"""


def channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


CODE = channel("code", "s3://code/source/")


def start(sagemaker: LocalSageMaker, name: str = "job", **changes: Any) -> None:
    request = {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/train.py"],
            "ContainerArguments": ["--verbose"],
        },
        "HyperParameters": {"max_depth": "4", "objective": "binary:logistic"},
        "InputDataConfig": [CODE],
        "OutputDataConfig": {"S3OutputPath": "s3://lake/models", "KmsKeyId": "alias/lake"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **changes,
    }
    sagemaker.call("CreateTrainingJob", request)


def end(sagemaker: LocalSageMaker, name: str = "job") -> dict[str, Any]:
    sagemaker.wait("TrainingJob", name)
    return sagemaker.call("DescribeTrainingJob", {"TrainingJobName": name})


@pytest.fixture
def code(platform: FakePlatform) -> Callable[[str], None]:
    def put(script: str) -> None:
        platform.put("s3://code/source/train.py", script.encode())
        platform.put("s3://code/source/helper.py", b"X = 1")

    return put


def test_a_job_runs_the_script_with_the_container_contract(
    sagemaker: LocalSageMaker, platform: FakePlatform, code: Callable[[str], None]
) -> None:
    code(SCRIPT)
    platform.put("s3://lake/data/train/part/a.csv", b"1,2")
    platform.put("s3://lake/data/other/b.csv", b"not this")

    start(
        sagemaker,
        InputDataConfig=[channel("train", "s3://lake/data/train/"), CODE],
        Environment={"GIVEN": "/opt/ml/model/x"},
    )
    job = end(sagemaker)

    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifact == "s3://lake/models/job/output/model.tar.gz"
    assert platform.kms_keys[artifact] == "alias/lake"
    with tarfile.open(fileobj=io.BytesIO(platform.path(artifact).read_bytes())) as tar:
        member = tar.extractfile("model.json")
        assert member is not None
        seen = json.loads(member.read())
    assert seen == {
        "arguments": ["--verbose"],
        "hyperparameters": {"max_depth": "4", "objective": "binary:logistic"},
        "host": "algo-1",
        "given": True,
        "config": ["hyperparameters.json", "inputdataconfig.json", "resourceconfig.json"],
    }
    assert platform.path("s3://lake/models/job/output/output.tar.gz").is_file()
    assert [one["Status"] for one in job["SecondaryStatusTransitions"]] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed",
    ]  # fmt: skip
    logs = platform.logs["/aws/sagemaker/TrainingJobs"]
    assert "secrets seen: None None as key-of-sagemaker in UTC" in logs


def test_a_crash_is_reported_with_the_end_of_the_scripts_output(
    sagemaker: LocalSageMaker, code: Callable[[str], None]
) -> None:
    code("print('before')\nraise ValueError('the label has one class')")
    start(sagemaker)
    job = end(sagemaker)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: Traceback")
    assert "ValueError: the label has one class" in reason
    assert reason.endswith(", exit code: 1")
    assert len(reason) <= 1024


def test_the_scripts_failure_file_is_the_failure_reason(
    sagemaker: LocalSageMaker, code: Callable[[str], None]
) -> None:
    code(
        "import os, pathlib, sys\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DIR'], 'failure').write_text('UserError: no rows')\nsys.exit(1)"
    )
    start(sagemaker)
    assert end(sagemaker)["FailureReason"] == "AlgorithmError: UserError: no rows, exit code: 1"


def test_a_container_without_a_network_has_no_credentials(
    sagemaker: LocalSageMaker, platform: FakePlatform, code: Callable[[str], None]
) -> None:
    code(SCRIPT)
    platform.put("s3://lake/data/train/part/a.csv", b"1,2")
    start(
        sagemaker,
        InputDataConfig=[channel("train", "s3://lake/data/train/"), CODE],
        Environment={"GIVEN": "/opt/ml/model/x"},
        EnableNetworkIsolation=True,
    )
    assert end(sagemaker)["TrainingJobStatus"] == "Completed"
    assert "secrets seen: None None as None in UTC" in platform.logs["/aws/sagemaker/TrainingJobs"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE.replace("3.0-5", "9.9-1"),
                    "TrainingInputMode": "File",
                }
            },
            "Cannot find repository: sagemaker-xgboost:9.9-1",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE.replace("us-east-1", "eu-west-1"),
                    "TrainingInputMode": "File",
                }
            },
            "must be in the region of the job, us-east-1",
        ),
        ({"RoleArn": BLIND_ROLE}, "AccessDenied"),
        ({"InputDataConfig": [channel("train", "s3://lake/nothing/")]}, "No S3 objects found under S3 URL"),
        (
            {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"}},
            "ContainerEntrypoint is required",
        ),
    ],
)
def test_a_job_that_cannot_run_fails_with_a_reason(
    sagemaker: LocalSageMaker, code: Callable[[str], None], changes: dict[str, Any], reason: str
) -> None:
    code("")
    start(sagemaker, **changes)
    job = end(sagemaker)
    assert job["TrainingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_stopping_a_job_stops_its_child_processes(
    sagemaker: LocalSageMaker, platform: FakePlatform, code: Callable[[str], None]
) -> None:
    code(
        "import subprocess, time\nprint('up', flush=True)\nsubprocess.Popen(['sleep', "
        "'300'])\ntime.sleep(300)"
    )
    start(sagemaker)
    deadline = time.monotonic() + 10
    while not platform.logs and time.monotonic() < deadline:
        time.sleep(0.02)
    sagemaker.call("StopTrainingJob", {"TrainingJobName": "job"})
    job = end(sagemaker)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    with pytest.raises(ServiceError, match="is in status Stopped"):
        sagemaker.call("StopTrainingJob", {"TrainingJobName": "job"})


def test_a_job_that_times_out_is_stopped(sagemaker: LocalSageMaker, code: Callable[[str], None]) -> None:
    code("import time\ntime.sleep(300)")
    start(sagemaker, StoppingCondition={"MaxRuntimeInSeconds": 1})
    job = end(sagemaker)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_job_needs_a_new_name_and_an_existing_role(
    sagemaker: LocalSageMaker, code: Callable[[str], None]
) -> None:
    code("")
    start(sagemaker)
    with pytest.raises(ServiceError) as caught:
        start(sagemaker)
    assert caught.value.code == "ResourceInUse"
    with pytest.raises(ServiceError, match="Could not assume role"):
        start(sagemaker, "other", RoleArn="arn:aws:iam::000000000000:role/nobody")
    with pytest.raises(ServiceError) as caught:
        sagemaker.call("DescribeTrainingJob", {"TrainingJobName": "unheard-of"})
    assert caught.value.code == "ResourceNotFound"
    end(sagemaker)


@pytest.mark.parametrize("killed", ["supervise.py", "code/train.py"])
def test_a_killed_job_fails_with_its_signal_and_leaves_no_process(
    sagemaker: LocalSageMaker, code: Callable[[str], None], killed: str
) -> None:
    code("import time\nprint('running', flush=True)\ntime.sleep(600)")
    start(sagemaker)

    def processes(words: str) -> list[psutil.Process]:
        found = []
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if words in " ".join(process.cmdline()):
                    found.append(process)
        return found

    deadline = time.monotonic() + 20
    while not processes("code/train.py"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    # Both command lines have the script's; the script's own process is the last.
    processes(killed)[-1].kill()
    job = end(sagemaker)
    assert job["TrainingJobStatus"] == "Failed"
    assert "exit code: 137" in job["FailureReason"]
    assert processes("code/train.py") == []
