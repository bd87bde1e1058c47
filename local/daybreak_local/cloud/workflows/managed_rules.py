"""Permissions for the EventBridge managed rules that notify Step Functions when a .sync job ends.

AWS refuses to create a state machine whose role may not manage them. Glue jobs are polled and need none.
"""

import json
from collections.abc import Iterator
from typing import Any

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.cloud.authorization import denial as role_denial

_RULES = {
    "arn:aws:states:::sagemaker:createTrainingJob.sync": "SageMakerTrainingJobs",
    "arn:aws:states:::sagemaker:createProcessingJob.sync": "SageMakerProcessingJobs",
}


def denial(role_arn: str | None, definition: str) -> str | None:
    """Returns AWS's message if the role lacks a permission for the managed rules, else None."""
    if not role_arn:
        return None
    try:
        resources = set(_resources(json.loads(definition)))
    except ValueError:
        return None  # invalid JSON is rejected elsewhere
    for resource in sorted(resources & _RULES.keys()):
        rule = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/StepFunctionsGetEventsFor{_RULES[resource]}Rule"
        for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule"):
            message = role_denial(role_arn, action, rule)
            if message:
                return f"{role_arn!r} is not authorized to create managed-rule. {message}"
    return None


def _resources(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("Resource"), str):
            yield value["Resource"]
        for member in value.values():
            yield from _resources(member)
    elif isinstance(value, list):
        for member in value:
            yield from _resources(member)
