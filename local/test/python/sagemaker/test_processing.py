"""Processing jobs: mapping of /opt/ml paths, and every final status."""

import json
from typing import Any

import pytest
from sagemaker_fakes import BLIND_ROLE, IMAGE, ROLE, FakePlatform

from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.service import LocalSageMaker

SCRIPT = b"""
import json, os, pathlib, sys
rows = pathlib.Path(sys.argv[1], "rows.csv").read_text()
out = pathlib.Path(os.environ["OUT"])
(out / "deep").mkdir()
secrets = [os.environ.get(name) for name in ("AWS_SECRET_ACCESS_KEY", "SECRET_TOKEN")]
result = {"rows": rows, "role": os.environ["AWS_ACCESS_KEY_ID"], "secrets": secrets}
(out / "deep" / "result.json").write_text(json.dumps(result))
"""


def start(sagemaker: LocalSageMaker, **changes: Any) -> None:
    def source(name: str, uri: str) -> dict[str, Any]:
        s3 = {
            "S3Uri": uri,
            "LocalPath": f"/opt/ml/processing/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        }
        return {"InputName": name, "S3Input": s3}

    output = {
        "OutputName": "evaluation",
        "S3Output": {
            "S3Uri": "s3://lake/reports/evaluation",
            "LocalPath": "/opt/ml/processing/output",
            "S3UploadMode": "EndOfJob",
        },
    }
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    request = {
        "ProcessingJobName": "evaluate",
        "RoleArn": ROLE,
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/evaluate.py"],
            "ContainerArguments": ["/opt/ml/processing/input/test"],
        },
        "Environment": {"OUT": "/opt/ml/processing/output"},
        "ProcessingInputs": [source("code", "s3://code/model"), source("test", "s3://lake/test")],
        "ProcessingOutputConfig": {"Outputs": [output]},
        "ProcessingResources": {"ClusterConfig": cluster},
        **changes,
    }
    sagemaker.call("CreateProcessingJob", request)


def end(sagemaker: LocalSageMaker) -> dict[str, Any]:
    sagemaker.wait("ProcessingJob", "evaluate")
    return sagemaker.call("DescribeProcessingJob", {"ProcessingJobName": "evaluate"})


def put_script(platform: FakePlatform, script: bytes = SCRIPT) -> None:
    platform.put("s3://code/model/evaluate.py", script)
    platform.put("s3://lake/test/rows.csv", b"1,2")


def test_a_command_reads_its_inputs_and_its_outputs_are_uploaded(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    put_script(platform)
    start(sagemaker)
    job = end(sagemaker)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    result = json.loads(platform.path("s3://lake/reports/evaluation/deep/result.json").read_text())
    assert result == {"rows": "1,2", "role": "key-of-sagemaker", "secrets": [None, None]}


def test_a_crash_is_reported_with_the_end_of_the_output(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    put_script(platform, b"raise KeyError('customer_id')")
    start(sagemaker)
    job = end(sagemaker)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "KeyError: 'customer_id'" in job["FailureReason"]
    assert not platform.path("s3://lake/reports/evaluation").exists()


def test_the_jobs_message_file_is_its_exit_message_and_failure_reason(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    write = b"pathlib.Path(os.environ['SM_OUTPUT_DIR'], 'message').write_text('no test rows')"
    put_script(platform, b"import os, pathlib, sys\n" + write + b"\nsys.exit(3)")
    start(sagemaker)
    assert end(sagemaker)["FailureReason"] == "AlgorithmError: no test rows"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"RoleArn": BLIND_ROLE}, "AccessDenied"),
        ({"AppSpecification": {"ImageUri": "python:3.11"}}, "python:3.11 is not the URI of an ECR image"),
        (
            {"AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["no-such-program"]}},
            "No such file",
        ),
        ({"ProcessingInputs": []}, "evaluate.py"),
    ],
)
def test_a_job_that_cannot_run_fails_with_a_reason(
    sagemaker: LocalSageMaker, platform: FakePlatform, changes: dict[str, Any], reason: str
) -> None:
    put_script(platform)
    start(sagemaker, **changes)
    job = end(sagemaker)
    assert job["ProcessingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_a_job_that_times_out_is_stopped_with_a_reason(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    put_script(platform, b"import time; time.sleep(300)")
    start(sagemaker, StoppingCondition={"MaxRuntimeInSeconds": 1})
    job = end(sagemaker)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "MaxRuntimeInSeconds, 1" in job["FailureReason"]


def test_local_paths_outside_opt_ml_processing_are_rejected(sagemaker: LocalSageMaker) -> None:
    output = {"S3Uri": "s3://lake/x", "LocalPath": "/etc", "S3UploadMode": "EndOfJob"}
    with pytest.raises(ServiceError, match="LocalPath /etc must begin with /opt/ml/processing"):
        start(sagemaker, ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": output}]})
