"""Step Functions' service integrations, made as the state machine's own role.

ministack calls other services from a workflow with root's permissions, lacks `.sync` for Glue and
SageMaker, and implements aws-sdk integrations one by one. Here every integration is a request signed with
the role's credentials, so IAM applies, and botocore's models cover every operation.
"""

import contextvars
import json
import time
from dataclasses import replace
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import iam, stepfunctions

from daybreak_local.cloud import hooks
from daybreak_local.cloud.resource_policies import trusts
from daybreak_local.cloud.workflows import integrations, managed_rules
from daybreak_local.cloud.workflows.calls import Caller, ServiceError

_caller: contextvars.ContextVar[Caller | None] = contextvars.ContextVar("workflow_caller", default=None)


def install() -> None:
    """Replaces ministack's dispatch of task states."""
    hooks.require(stepfunctions, "_ExecutionError", "_state_machines", "_executions")
    hooks.require(stepfunctions, "_apply_jsonata_output", "_state_query_language")
    hooks.wrap(stepfunctions, "_apply_output_path", _with_output_of_succeed)
    hooks.wrap(stepfunctions, "_execute_task", _as_the_role)
    hooks.wrap(stepfunctions, "_invoke_resource", _invoking)
    hooks.wrap(stepfunctions, "_invoke_resource_with_timeout", _with_deadline)
    hooks.wrap(stepfunctions, "_create_state_machine", _checking_role)
    hooks.wrap(stepfunctions, "_update_state_machine", _checking_role)
    hooks.wrap(stepfunctions, "_start_execution", _starting_once)


def _with_output_of_succeed(original: Any, state_def: dict, data: Any, ctx: dict | None = None) -> Any:
    """ministack ignores the `Output` of a Succeed state in JSONata."""
    jsonata = stepfunctions._state_query_language(state_def, ctx) == "JSONata"
    if jsonata and state_def.get("Type") == "Succeed":
        return stepfunctions._apply_jsonata_output(state_def, data, ctx, default=data)
    return original(state_def, data, ctx)


def _as_the_role(original: Any, state_def: dict, raw_input: Any, execution: dict, ctx: dict) -> Any:
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
    token = _caller.set(Caller(machine["roleArn"], execution) if machine else None)
    try:
        return original(state_def, raw_input, execution, ctx)
    finally:
        _caller.reset(token)


def _invoking(original: Any, resource: str, input_data: Any) -> Any:
    caller = _caller.get()
    if caller is None or ":activity:" in resource:
        return original(resource, input_data)
    try:
        return integrations.invoke(resource, input_data if isinstance(input_data, dict) else {}, caller)
    except ServiceError as error:
        raise stepfunctions._ExecutionError(error.name, error.cause) from error


def _with_deadline(original: Any, resource: str, input_data: Any, timeout: float) -> Any:
    """Stops a .sync job when its task times out; ministack would leave it running."""
    caller = _caller.get()
    token = _caller.set(replace(caller, deadline=time.monotonic() + timeout) if caller else None)
    try:
        return original(resource, input_data, timeout)
    finally:
        _caller.reset(token)


def _checking_role(original: Any, data: dict) -> Any:
    """Rejects a state machine whose role Step Functions cannot assume, as AWS does."""
    role_arn, definition = data.get("roleArn"), data.get("definition")
    if role_arn:
        role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
        if role is None or not trusts(role, "states.amazonaws.com"):
            return _denied(
                "Neither the global service principal states.amazonaws.com, nor the regional one is "
                f"authorized to assume the provided role {role_arn}."
            )
    current = stepfunctions._state_machines.get(data.get("stateMachineArn", "")) or {}
    problem = managed_rules.denial(
        role_arn or current.get("roleArn"), definition or current.get("definition", "{}")
    )
    return _denied(problem) if problem else original(data)


def _starting_once(original: Any, data: dict) -> Any:
    """Makes StartExecution idempotent for the same name and input while it runs, as on AWS."""
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine and data.get("name"):
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
        running = stepfunctions._executions.get(arn)
        if running and running["status"] == "RUNNING" and _same(running["input"], data.get("input", "{}")):
            answer = {"executionArn": arn, "startDate": running["startDate"]}
            return stepfunctions.json_response(answer)
    return original(data)


def _same(left: str, right: str) -> bool:
    try:
        return json.loads(left) == json.loads(right)
    except ValueError:
        return left == right


def _denied(message: str) -> tuple[int, dict[str, str], bytes]:
    return error_response_json("AccessDeniedException", message, 400)
