"""Lambda functions in a running cloud: what a caller gets when a function's process ends."""

import io
import json
import zipfile

import pytest
from cloud_support import Cloud, allow, run_workflow, task

pytestmark = pytest.mark.integration

CODE = """
exports.handler = async ({ fails, ends }) => {
  if (fails) throw new TypeError("wrong");
  if (ends) process.kill(process.pid, "SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, ends ? 10000 : 0));
  return "answered";
};
"""


@pytest.fixture(scope="module")
def function(cloud: Cloud) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.js", CODE)
    created = cloud.client("lambda").create_function(
        FunctionName="mortal",
        Runtime="nodejs22.x",
        Role=cloud.role("mortal-function", "lambda.amazonaws.com", []),
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return created["FunctionArn"]


def test_a_process_that_ends_is_an_exit_error_and_the_next_invocation_gets_a_new_one(
    cloud: Cloud, function: str
) -> None:
    def invoke(**event: bool) -> tuple[str | None, object]:
        answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    error, body = invoke(ends=True)
    assert error == "Unhandled"
    assert isinstance(body, dict)
    assert body["errorType"] == "Runtime.ExitError"
    assert invoke() == (None, "answered")
    # An exception of the handler is another error.
    error, body = invoke(fails=True)
    assert error == "Unhandled"
    assert isinstance(body, dict)
    assert body["errorType"] != "Runtime.ExitError"


def test_a_workflow_can_retry_it_by_name(cloud: Cloud, function: str) -> None:
    retry = {"ErrorEquals": ["Runtime.ExitError"], "IntervalSeconds": 1, "MaxAttempts": 1}
    arguments = {
        "FunctionName": function,
        "Payload": {"ends": "{% $states.context.State.RetryCount = 0 %}"},
    }
    invoke = task("lambda:invoke", arguments, Retry=[retry], Output="{% $states.result.Payload %}")
    finished = run_workflow(
        cloud, "flow-exit", {"Invoke": invoke}, [allow("lambda:InvokeFunction", function)]
    )
    assert finished["status"] == "SUCCEEDED", finished
    assert json.loads(finished["output"]) == "answered"
