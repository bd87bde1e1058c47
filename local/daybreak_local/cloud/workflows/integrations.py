"""What a task's Resource means: optimized integrations (with .sync), aws-sdk integrations, Lambda
functions.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from daybreak_local.cloud.workflows.calls import Caller, Naming, ServiceError, call

POLL_SECONDS = 0.1

# Optimized integrations were built on an older SDK, whose names for undeclared errors they keep.
_OPTIMIZED = {
    "lambda": Naming("Lambda", "AWSLambdaException"),
    "sns": Naming("SNS", "AmazonSNSException"),
    "sqs": Naming("SQS", "AmazonSQSException"),
    "dynamodb": Naming("DynamoDB", "AmazonDynamoDBException"),
    "events": Naming("EventBridge", "AmazonEventBridgeException"),
    "glue": Naming("Glue", "AWSGlueException"),
    "sagemaker": Naming("SageMaker", "AmazonSageMakerException"),
    "states": Naming("StepFunctions", "AWSStepFunctionsException"),
}
_OPTIMIZED_SERVICE = {"states": "stepfunctions"}
_SDK_PREFIX = {
    "sagemaker": "SageMaker",
    "sagemakerruntime": "SageMakerRuntime",
    "sagemakerfeaturestoreruntime": "SageMakerFeatureStoreRuntime",
    "dynamodb": "DynamoDb",
    "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatchLogs",
    "eventbridge": "EventBridge",
    "secretsmanager": "SecretsManager",
}


@dataclass(frozen=True)
class SageMakerJob:
    """How a kind of SageMaker job is named, watched and stopped."""

    kind: str

    @property
    def name_key(self) -> str:
        return f"{self.kind}Name"

    @property
    def status_key(self) -> str:
        return f"{self.kind}Status"


_JOBS = {
    f"create{kind}": SageMakerJob(kind)
    for kind in ("TrainingJob", "ProcessingJob", "TransformJob", "HyperParameterTuningJob")
}


def invoke(resource: str, arguments: dict[str, Any], caller: Caller) -> Any:
    """Carries out one task and returns its result. Raises ServiceError."""
    if resource.startswith("arn:aws:lambda:"):
        return _invoke_function(caller, {"FunctionName": resource, "Payload": arguments})["Payload"]
    parts = resource.split(":")
    if not resource.startswith("arn:aws:states:::") or len(parts) < 7:
        raise ServiceError("States.Runtime", f"{resource!r} is not a resource that a task can have.")
    if parts[5] == "aws-sdk":
        service, operation = parts[6], parts[7]
        prefix = _SDK_PREFIX.get(service, service.capitalize())
        return call(caller, service, operation, arguments, Naming(prefix, f"{prefix}Exception"))

    service = parts[5]
    operation, _, pattern = ":".join(parts[6:]).partition(".")
    special = _SPECIAL.get((service, operation, pattern))
    if special:
        return special(caller, arguments)
    if service == "sagemaker" and operation in _JOBS and pattern == "sync":
        return _run_sagemaker_job(caller, operation, arguments)
    if service in _OPTIMIZED and not pattern:
        if service == "sagemaker" and operation in _JOBS:
            arguments = _tagged(arguments)
        return _optimized(caller, service, operation, arguments)
    raise ServiceError(
        "States.Runtime",
        f"The local cloud has no integration {resource}. Use arn:aws:states:::aws-sdk:<service>:<operation>, "
        "or add it to daybreak_local/cloud/workflows/integrations.py.",
    )


def _optimized(caller: Caller, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return call(caller, _OPTIMIZED_SERVICE.get(service, service), operation, arguments, _OPTIMIZED[service])


def _invoke_function(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    result = _optimized(caller, "lambda", "invoke", arguments)
    payload = _parsed(result.get("Payload"))
    if result.get("FunctionError"):
        kind = payload.get("errorType", "Lambda.Unknown") if isinstance(payload, dict) else "Lambda.Unknown"
        raise ServiceError(kind, json.dumps(payload))
    return {**result, "Payload": payload}


def _run_glue_job(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    started = _optimized(caller, "glue", "startJobRun", arguments)
    reference = {"JobName": arguments.get("JobName"), "RunId": started["JobRunId"]}

    def look() -> tuple[str, dict[str, Any]]:
        run = _optimized(caller, "glue", "getJobRun", reference)["JobRun"]
        return run["JobRunState"], run

    def stop() -> None:
        stopped = {"JobName": reference["JobName"], "JobRunIds": [reference["RunId"]]}
        _optimized(caller, "glue", "batchStopJobRun", stopped)

    return _wait(caller, look, stop, succeeded="SUCCEEDED", failed=("FAILED", "TIMEOUT", "STOPPED", "ERROR"))


def _run_sagemaker_job(caller: Caller, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    job = _JOBS[operation]
    _optimized(caller, "sagemaker", operation, _tagged(arguments))
    reference = {job.name_key: arguments[job.name_key]}

    def look() -> tuple[str, dict[str, Any]]:
        described = _optimized(caller, "sagemaker", f"describe{job.kind}", reference)
        return described[job.status_key], described

    def stop() -> None:
        _optimized(caller, "sagemaker", f"stop{job.kind}", reference)

    return _wait(caller, look, stop, succeeded="Completed", failed=("Failed", "Stopped"))


def _run_execution(caller: Caller, arguments: dict[str, Any], *, parse_output: bool) -> dict[str, Any]:
    started = _optimized(caller, "states", "startExecution", arguments)
    reference = {"ExecutionArn": started["ExecutionArn"]}

    def look() -> tuple[str, dict[str, Any]]:
        described = _optimized(caller, "states", "describeExecution", reference)
        return described["Status"], described

    def stop() -> None:
        _optimized(caller, "states", "stopExecution", reference)

    result = _wait(caller, look, stop, succeeded="SUCCEEDED", failed=("FAILED", "TIMED_OUT", "ABORTED"))
    if parse_output:
        result = {**result, "Input": _parsed(result.get("Input")), "Output": _parsed(result.get("Output"))}
    return result


def _wait(
    caller: Caller,
    look: Callable[[], tuple[str, dict[str, Any]]],
    stop: Callable[[], None],
    *,
    succeeded: str,
    failed: tuple[str, ...],
) -> dict[str, Any]:
    """Waits for a job; a failed one is States.TaskFailed with its whole description as the cause."""
    while True:
        status, described = look()
        if status == succeeded:
            return described
        if status in failed:
            raise ServiceError("States.TaskFailed", json.dumps(described))
        if caller.over:
            stop()
            raise ServiceError("States.Timeout", "The execution was stopped, or the task took too long.")
        time.sleep(POLL_SECONDS)


def _tagged(arguments: dict[str, Any]) -> dict[str, Any]:
    """Step Functions tags what it starts, which is why its role needs sagemaker:AddTags."""
    tag = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
    return {**arguments, "Tags": [*(arguments.get("Tags") or []), tag]}


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) and text else text or None
    except ValueError:
        return text


_SPECIAL: dict[tuple[str, str, str], Callable[[Caller, dict[str, Any]], Any]] = {
    ("lambda", "invoke", ""): _invoke_function,
    ("glue", "startJobRun", "sync"): _run_glue_job,
    ("states", "startExecution", "sync"): lambda caller, data: _run_execution(
        caller, data, parse_output=False
    ),
    ("states", "startExecution", "sync:2"): lambda caller, data: _run_execution(
        caller, data, parse_output=True
    ),
}
