"""A launched local cloud for integration tests, and clients that talk to it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from daybreak_local.account import REGION, ROOT_ACCESS_KEY, ROOT_SECRET_KEY

LOCAL = Path(__file__).resolve().parents[3]
READY_SECONDS = 60


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(port: int, home: Path, *more: str) -> subprocess.Popen[str]:
    """Starts a local cloud; the caller ends it."""
    command = [sys.executable, "-m", "daybreak_local", "--port", str(port), "--home", str(home), *more]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        command, cwd=LOCAL, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@dataclass(frozen=True)
class Cloud:
    """A running local cloud."""

    endpoint: str
    home: Path
    process: subprocess.Popen[str]

    def client(self, service: str, credentials: dict[str, str] | None = None) -> Any:
        """A boto3 client as root, or with a role's temporary credentials."""
        keys = credentials or {"AccessKeyId": ROOT_ACCESS_KEY, "SecretAccessKey": ROOT_SECRET_KEY}
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def role(self, name: str, service: str, statements: list[dict[str, Any]]) -> str:
        """Creates a role that the service and root can assume; returns its ARN."""
        iam = self.client("iam")
        principal = {"Service": service, "AWS": "arn:aws:iam::000000000000:root"}
        trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        self.allow(name, statements)
        return arn

    def allow(self, role_name: str, statements: list[dict[str, Any]]) -> None:
        """Replaces a role's policy with these statements."""
        if not statements:
            statements = [{"Effect": "Deny", "Action": "none:None", "Resource": "*"}]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("iam").put_role_policy(RoleName=role_name, PolicyName="test", PolicyDocument=document)

    def assume(self, role_arn: str) -> dict[str, str]:
        """Temporary credentials of a role."""
        return self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]


def allow(actions: str | list[str], resource: str | list[str] = "*") -> dict[str, Any]:
    """A policy statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def wait_for(look: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Polls until the result is truthy, and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not happen within {seconds} s")


def run_workflow(
    cloud: Cloud, name: str, states: dict[str, Any], statements: list[dict], data: Any = None
) -> dict[str, Any]:
    """Runs a state machine that starts at the first state; returns the finished execution."""
    role = cloud.role(f"{name}-machine", "states.amazonaws.com", statements)
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    sfn = cloud.client("stepfunctions")
    machine = sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)[
        "stateMachineArn"
    ]
    execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps(data or {}))["executionArn"]

    def finished() -> dict[str, Any] | None:
        found = sfn.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    return wait_for(finished)


def task(resource: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Arguments": arguments,
        "End": True,
        **more,
    }
