"""Startup and shutdown of a local cloud: the JSON line, startup errors, no leftover processes."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from cloud_support import Cloud, allow, free_port, launch, wait_for

pytestmark = pytest.mark.integration


def test_a_port_in_use_is_reported_at_once_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = launch(taken.getsockname()[1], tmp_path)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert json.loads(output)["ready"] is False
    assert "already in use" in errors
    assert "DAYBREAK_PORT" in errors


def test_it_ends_with_its_parent_process_and_leaves_no_process(tmp_path: Path) -> None:
    port = free_port()
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    process = launch(port, tmp_path / "home", "--lazy-spark", "--parent-pid", str(parent.pid))
    assert json.loads(process.stdout.readline())["ready"]
    family = psutil.Process(process.pid).children(recursive=True)
    parent.kill()
    parent.wait()
    assert process.wait(timeout=20) == 0
    wait_for(lambda: not any(child.is_running() for child in family))


def test_a_crash_leaves_no_process_even_while_a_job_runs(tmp_path: Path) -> None:
    process = launch(free_port(), tmp_path, "--lazy-spark")
    cloud = Cloud(json.loads(process.stdout.readline())["endpoint"], tmp_path, process)
    s3, glue = cloud.client("s3"), cloud.client("glue")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="sleep.py", Body=b"import time\ntime.sleep(600)")
    role = cloud.role("sleep", "glue.amazonaws.com", [allow("s3:GetObject", "arn:aws:s3:::code/*")])
    command = {"Name": "glueetl", "ScriptLocation": "s3://code/sleep.py"}
    glue.create_job(Name="sleep", Role=role, GlueVersion="5.1", Command=command)
    run = glue.start_job_run(JobName="sleep")["JobRunId"]
    wait_for(
        lambda: glue.get_job_run(JobName="sleep", RunId=run)["JobRun"]["JobRunState"] == "RUNNING", seconds=60
    )
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 2  # the Spark worker and its JVM
    process.kill()
    process.wait()
    wait_for(lambda: not any(is_running(child) for child in family))


def is_running(process: psutil.Process) -> bool:
    """Whether a process has not ended; a zombie has, though nobody has read its exit code."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_it_writes_only_below_its_home_and_listens_only_on_loopback(cloud: Cloud) -> None:
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(cloud.process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}
    opened = [
        file.path
        for file in psutil.Process(cloud.process.pid).open_files()
        if "w" in file.mode or "a" in file.mode
    ]
    assert opened
    assert all(path.startswith((str(cloud.home), os.devnull)) for path in opened)


def test_the_slack_endpoint_stores_posted_messages(cloud: Cloud) -> None:
    message = {"text": "drift found", "blocks": []}
    webhook = f"/_daybreak/slack/{cloud.keys['slackToken']}"
    status, _, text = cloud.ask(webhook, "POST", body=json.dumps(message).encode())
    assert (status, text) == (200, "ok")
    assert cloud.ask(webhook, "POST", body=b"no json")[0] == 400
    kept = json.loads(cloud.ask("/_daybreak/slack", headers=cloud.authorization)[2])["messages"]
    assert kept[-1]["message"] == message
    assert kept[-1]["received_at"].endswith("+00:00")


def test_the_status_names_operations_in_progress(cloud: Cloud) -> None:
    status = json.loads(cloud.ask("/_daybreak/status", headers=cloud.authorization)[2])
    assert set(status) == {"firehose", "glue", "spark", "sagemaker", "judged"}


def test_an_unknown_route_is_answered_with_the_known_ones(cloud: Cloud) -> None:
    code, _, body = cloud.ask("/_daybreak/nothing", headers=cloud.authorization)
    assert code == 404
    assert "/_daybreak/status" in body


def test_sagemaker_enforces_iam(cloud: Cloud) -> None:
    role = cloud.role("no-sagemaker", "lambda.amazonaws.com", [])
    sagemaker = cloud.client("sagemaker", cloud.assume(role))
    with pytest.raises(sagemaker.exceptions.ClientError, match="sagemaker:DescribeEndpoint"):
        sagemaker.describe_endpoint(EndpointName="e")
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find endpoint"):
        cloud.client("sagemaker").describe_endpoint(EndpointName="e")
