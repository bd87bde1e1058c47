"""Functions of a running cloud see their own variables and keys, and nothing of the developer's."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from cloud_support import Cloud

pytestmark = pytest.mark.integration

NODE = """
exports.handler = async () => ({ ...process.env, now: new Date(0).getHours() });
"""
PYTHON = """
import os, time
def handler(event, context):
    return {**os.environ, "now": time.localtime(0).tm_hour}
"""
GIVEN = {"GREETING": "hello", "LOG_LEVEL": "WARNING"}
# What AWS documents, the endpoint, and what a process needs on this machine.
FUNCTION_VARIABLES = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
    *("AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT", "_LAMBDA_FUNCTION_ARN", "_LAMBDA_TIMEOUT"),
    *("AWS_ENDPOINT_URL", "AWS_DISABLE_HOST_PREFIX_INJECTION", "AWS_CONFIG_FILE"),
    *("AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"),
    *("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SSL_CERT_FILE"),
    *("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "_MINISTACK_INVOKE_DEPTH"),
}


def invoke(cloud: Cloud, name: str, runtime: str, file: str, code: str) -> dict[str, Any]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(file, code)
    functions = cloud.client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime=runtime,
        Role=cloud.role(f"{name}-function", "lambda.amazonaws.com", []),
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": GIVEN},
    )
    return json.loads(functions.invoke(FunctionName=name)["Payload"].read())


@pytest.mark.parametrize(
    ("runtime", "file", "code"), [("nodejs22.x", "index.js", NODE), ("python3.12", "index.py", PYTHON)]
)
def test_a_function_gets_its_own_variables_alone(cloud: Cloud, runtime: str, file: str, code: str) -> None:
    name = f"isolated-{runtime[:4]}"
    seen = invoke(cloud, name, runtime, file, code)
    assert seen.pop("now") == 0  # UTC
    assert {key: seen.pop(key) for key in GIVEN} == GIVEN
    assert {key for key in seen if not key.startswith("_X_AMZN_")} <= FUNCTION_VARIABLES
    assert not set(cloud.keys.values()) & set(seen.values())
    assert seen["AWS_ENDPOINT_URL"] == cloud.endpoint
    keys = {
        "AccessKeyId": seen["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": seen["AWS_SECRET_ACCESS_KEY"],
        "SessionToken": seen["AWS_SESSION_TOKEN"],
    }
    arn = cloud.client("sts", keys).get_caller_identity()["Arn"]
    assert arn.split(":", 5)[5] == f"assumed-role/{name}-function/{name}"
    # ministack derives a function's keys from its name and role, so that anyone could compute them.
    function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    role_arn = f"arn:aws:iam::000000000000:role/{name}-function"
    digest = hashlib.sha256(f"{function_arn}:{role_arn}".encode()).hexdigest()
    assert seen["AWS_ACCESS_KEY_ID"] != f"ASIA{digest[:16].upper()}"
