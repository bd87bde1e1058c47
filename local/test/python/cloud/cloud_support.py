"""A launched local cloud for integration tests, and clients that talk to it."""

import base64
import http.client
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

from daybreak_local.account import REGION

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
    environment |= {"SECRET_TOKEN": "the developer's", "AWS_PROFILE": "production", "TZ": "Asia/Tokyo"}
    return subprocess.Popen(
        command, cwd=LOCAL, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@dataclass(frozen=True)
class Cloud:
    """A running local cloud."""

    endpoint: str
    home: Path
    process: subprocess.Popen[str]

    @property
    def keys(self) -> dict[str, str]:
        """What the cloud wrote for its owner."""
        return json.loads((self.home / "credentials.json").read_text())

    def client(self, service: str, credentials: dict[str, str] | None = None, **config: Any) -> Any:
        """A boto3 client as root, or with a role's temporary credentials."""
        root = self.keys
        keys = credentials or {
            "AccessKeyId": root["accessKeyId"],
            "SecretAccessKey": root["secretAccessKey"],
        }
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config),
        )

    def ask(
        self,
        path: str,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[int, dict[str, str], str]:
        """Sends a plain HTTP request; returns status, headers with lower-case names, and text."""
        connection = http.client.HTTPConnection(self.endpoint.removeprefix("http://"), timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, named, answer.read().decode()
        finally:
            connection.close()

    @property
    def authorization(self) -> dict[str, str]:
        """The header that the cloud's own routes ask for."""
        pair = f"{self.keys['accessKeyId']}:{self.keys['secretAccessKey']}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

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

    return wait_for(finished, 120)


def task(resource: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Arguments": arguments,
        "End": True,
        **more,
    }
