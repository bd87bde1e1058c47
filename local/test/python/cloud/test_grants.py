"""The record of the grants that roles used, and the judgement of a policy by it."""

import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud_support import LOCAL, Cloud, allow

from daybreak_local.cloud.grants import judge

pytestmark = pytest.mark.integration


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    """A bucket with one object in each of two folders."""
    name = f"grants-{uuid.uuid4().hex[:8]}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    for key in ("a/1", "b/1"):
        s3.put_object(Bucket=name, Key=key)
    return name


def uses(cloud: Cloud, role: str) -> list[dict[str, Any]]:
    lines = (cloud.home / "grants.jsonl").read_text().splitlines()
    return [use for use in map(json.loads, lines) if use["role"] == role]


def statement(sid: str, actions: str | list[str], *resources: str) -> dict[str, Any]:
    return {"Sid": sid, **allow(actions, list(resources))}


def test_a_use_is_one_line_with_the_grants_that_allowed_it(cloud: Cloud, bucket: str) -> None:
    arn = f"arn:aws:s3:::{bucket}"
    role = cloud.role(
        bucket, "glue.amazonaws.com", [statement("Read", "s3:GetObject", f"{arn}/a/*", f"{arn}/b/*")]
    )
    s3 = cloud.client("s3", cloud.assume(role))
    for _ in range(3):
        s3.get_object(Bucket=bucket, Key="a/1")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=bucket, Key="a/1")
    [use] = uses(cloud, bucket)
    assert use["grants"] == [["Read", "s3:GetObject", f"{arn}/a/*"]]
    assert use["call"]["resource_arn"] == f"{arn}/a/1"


def test_a_grant_is_used_and_needed_or_covered_by_another_or_idle(
    cloud: Cloud, bucket: str, tmp_path: Path
) -> None:
    arn = f"arn:aws:s3:::{bucket}"
    policy = [
        statement("Read", ["s3:GetObject", "s3:PutObject"], f"{arn}/a/*"),
        statement("ReadTwice", "s3:GetObject", f"{arn}/b/*", f"{arn}/*/1"),
    ]
    credentials = cloud.assume(cloud.role(bucket, "glue.amazonaws.com", policy))
    cloud.client("s3", credentials).put_object(Bucket=bucket, Key="a/2")
    cloud.client("s3", credentials).get_object(Bucket=bucket, Key="b/1")
    document = {bucket: {"Statement": policy}}
    expected = {
        ("s3:GetObject", f"{arn}/a/*"): (False, False),
        ("s3:PutObject", f"{arn}/a/*"): (True, True),
        ("s3:GetObject", f"{arn}/b/*"): (True, False),
        ("s3:GetObject", f"{arn}/*/1"): (True, False),
    }
    judged = judge(uses(cloud, bucket), document)
    assert {(one["action"], one["resource"]): (one["used"], one["needed"]) for one in judged} == expected
    command = [sys.executable, "-m", "daybreak_local.cloud.grants", str(cloud.home / "grants.jsonl")]
    told = subprocess.run(command, input=json.dumps(document), capture_output=True, text=True, cwd=LOCAL)
    assert told.stderr == ""
    assert json.loads(told.stdout) == judged
