"""Task resources: optimized integrations (with .sync), aws-sdk integrations, Lambda functions."""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from daybreak_local.cloud.workflows.calls import Caller, Naming, ServiceError, call

POLL_SECONDS = 0.1

# Optimized integrations keep the older SDK's names for unmodeled errors.
_OPTIMIZED = {
    "lambda": Naming("Lambda", "AWSLambdaException"),
    "sns": Naming("SNS", "AmazonSNSException"),
    "glue": Naming("Glue", "AWSGlueException"),
    "sagemaker": Naming("SageMaker", "AmazonSageMakerException"),
}
# Service names of the SDK for Java (used by aws-sdk integrations) that capitalize() gets wrong.
_SDK_PREFIX = {
    "sagemaker": "SageMaker",
    "cloudwatch": "CloudWatch",
    "secretsmanager": "SecretsManager",
    "applicationautoscaling": "ApplicationAutoScaling",
}
# botocore's names of services where the SDK for Java has others.
_CLIENTS = {"sfn": "stepfunctions", "applicationautoscaling": "application-autoscaling"}


def invoke(resource: str, arguments: dict[str, Any], caller: Caller) -> Any:
    """Runs one task and returns its result. Raises ServiceError."""
    if resource.startswith("arn:aws:lambda:"):
        return _invoke_function(caller, {"FunctionName": resource, "Payload": arguments})["Payload"]
    parts = resource.split(":")
    if not resource.startswith("arn:aws:states:::") or len(parts) < 7:
        raise ServiceError("States.Runtime", f"{resource!r} is not a resource that a task can have.")
    if parts[5] == "aws-sdk":
        service, operation = parts[6], parts[7]
        prefix = _SDK_PREFIX.get(service, service.capitalize())
        return call(
            caller, _CLIENTS.get(service, service), operation, arguments, Naming(prefix, f"{prefix}Exception")
        )

    service = parts[5]
    operation, _, pattern = ":".join(parts[6:]).partition(".")
    special = _SPECIAL.get((service, operation, pattern))
    if special:
        return special(caller, arguments)
    if service in _OPTIMIZED and not pattern:
        return _optimized(caller, service, operation, arguments)
    raise ServiceError(
        "States.Runtime",
        f"The local cloud has no integration {resource}. Use arn:aws:states:::aws-sdk:<service>:<operation>, "
        "or add it to daybreak_local/cloud/workflows/integrations.py.",
    )


def _optimized(caller: Caller, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return call(caller, service, operation, arguments, _OPTIMIZED[service])


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


def _run_sagemaker_job(kind: str, caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    # Step Functions tags the jobs it starts, so its role needs sagemaker:AddTags.
    tag = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}
    tagged = {**arguments, "Tags": [*(arguments.get("Tags") or []), tag]}
    _optimized(caller, "sagemaker", f"create{kind}", tagged)
    reference = {f"{kind}Name": arguments[f"{kind}Name"]}

    def look() -> tuple[str, dict[str, Any]]:
        described = _optimized(caller, "sagemaker", f"describe{kind}", reference)
        return described[f"{kind}Status"], described

    def stop() -> None:
        _optimized(caller, "sagemaker", f"stop{kind}", reference)

    return _wait(caller, look, stop, succeeded="Completed", failed=("Failed", "Stopped"))


def _wait(
    caller: Caller,
    look: Callable[[], tuple[str, dict[str, Any]]],
    stop: Callable[[], None],
    *,
    succeeded: str,
    failed: tuple[str, ...],
) -> dict[str, Any]:
    """Waits for a job. Raises States.TaskFailed with the job's description as the cause."""
    while True:
        status, described = look()
        if status == succeeded:
            return described
        if status in failed:
            raise ServiceError("States.TaskFailed", json.dumps(described, separators=(",", ":")))
        if caller.over:
            stop()
            raise ServiceError("States.Timeout", "The execution was stopped, or the task took too long.")
        time.sleep(POLL_SECONDS)


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) and text else text or None
    except ValueError:
        return text


_SPECIAL: dict[tuple[str, str, str], Callable[[Caller, dict[str, Any]], Any]] = {
    ("lambda", "invoke", ""): _invoke_function,
    ("glue", "startJobRun", "sync"): _run_glue_job,
    ("sagemaker", "createTrainingJob", "sync"): partial(_run_sagemaker_job, "TrainingJob"),
    ("sagemaker", "createProcessingJob", "sync"): partial(_run_sagemaker_job, "ProcessingJob"),
}
