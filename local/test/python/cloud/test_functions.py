"""Lambda functions in a running cloud: what a caller gets when a function fails or its process ends."""

import io
import json
import zipfile

import pytest
from cloud_support import Cloud, allow, run_workflow, task

pytestmark = pytest.mark.integration

CODE = """
class NotThere extends Error {
  name = "NotThere";
}
exports.handler = async ({ fails, throws, ends }) => {
  if (fails) throw new NotThere("no \\"7\\"");
  if (throws !== undefined) throw throws;
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


def invoke(cloud: Cloud, function: str, **event: bool | str) -> tuple[str | None, object]:
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_a_process_that_ends_is_an_exit_error_and_the_next_invocation_gets_a_new_one(
    cloud: Cloud, function: str
) -> None:
    error, body = invoke(cloud, function, ends=True)
    assert error == "Unhandled"
    assert isinstance(body, dict)
    assert body["errorType"] == "Runtime.ExitError"
    assert invoke(cloud, function) == (None, "answered")


def test_an_error_of_the_handler_has_its_own_name_message_and_trace(cloud: Cloud, function: str) -> None:
    error, body = invoke(cloud, function, fails=True)
    assert error == "Unhandled"
    assert isinstance(body, dict)
    assert (body["errorType"], body["errorMessage"]) == ("NotThere", 'no "7"')
    assert any("index.js" in line for line in body["trace"])
    thrown = {"errorType": "string", "errorMessage": "a text", "trace": []}
    assert invoke(cloud, function, throws="a text") == ("Unhandled", thrown)


def test_a_workflow_fails_with_the_name_of_a_function_s_error(cloud: Cloud, function: str) -> None:
    invoke = task("lambda:invoke", {"FunctionName": function, "Payload": {"fails": True}})
    finished = run_workflow(
        cloud, "flow-function-error", {"Invoke": invoke}, [allow("lambda:InvokeFunction", function)]
    )
    assert (finished["status"], finished["error"]) == ("FAILED", "NotThere"), finished
    assert json.loads(finished["cause"])["errorMessage"] == 'no "7"'


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
