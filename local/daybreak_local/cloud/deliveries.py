"""Delivery from EventBridge, Scheduler and SNS to functions, state machines and API destinations, as on AWS.

ministack invokes the target once, without authorization, and drops failures. Here functions are invoked
asynchronously (with retries and dead-letter target), and undeliverable events go to the target's dead-letter
queue. EventBridge and SNS are admitted by the target's resource policy, and EventBridge starts state machines
and calls API destinations as the target's role. Scheduler sends all as the target's role, Lambda its dead
letters as the function's.
"""

import contextvars
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.services import eventbridge, iam, lambda_svc, sns, sqs, stepfunctions

from daybreak_local.account import ACCOUNT_ID
from daybreak_local.cloud import hooks
from daybreak_local.cloud.authorization import denial
from daybreak_local.cloud.resource_policies import service_allowed, trusts
from daybreak_local.cloud.scope import on_loop

log = logging.getLogger("daybreak.deliveries")


@dataclass(frozen=True)
class Delivery:
    """The target of an event, and the rule or schedule that sends it."""

    target: dict[str, Any]
    source_arn: str
    service: str


class DeliveryRefused(Exception):
    """Delivery failed permanently; `code` is EventBridge's error code."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


_SCHEDULER = "scheduler.amazonaws.com"
# The permission to send an event to a target, by the target's service.
_SEND_ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "states": "states:StartExecution",
    "events": "events:PutEvents",
}
_DESTINATION = ":api-destination/"
# AWS repeats these, as it does 5xx and no answer, for up to a day and ever less often; here it gives up soon.
_REPEATED = (401, 407, 409, 429)
_PAUSES_SECONDS = (0.5, 1.5)
_current: contextvars.ContextVar[Delivery | None] = contextvars.ContextVar("delivery", default=None)


def install() -> None:
    """Replaces ministack's dispatch to functions and state machines."""
    hooks.require(
        lambda_svc, "invoke_async_with_retry", "_get_func_record_for_ref", "_execution_record_for_config"
    )
    hooks.require(sqs, "queue_policy_allows", "_queue_by_arn", "_act_send_message")
    hooks.require(sns, "topic_policy_allows")
    hooks.require(
        eventbridge,
        *("_connections", "_api_destinations", "_connection_auth_headers"),
        *("_build_api_destination_request", "_api_destination_send_sync"),
    )
    hooks.wrap(eventbridge, "_invoke_target", _knowing_the_target)
    hooks.replace(eventbridge, "_dispatch_to_lambda", _dispatching(_invoke))
    hooks.replace(eventbridge, "_dispatch_to_stepfunctions", _dispatching(_start_execution))
    hooks.replace(eventbridge, "_dispatch_to_api_destination", _to_api_destination)
    hooks.wrap(eventbridge, "_describe_connection", _without_secrets)
    hooks.wrap(eventbridge, "_create_connection", _with_unique_arn("_connections", "ConnectionArn"))
    hooks.wrap(
        eventbridge, "_create_api_destination", _with_unique_arn("_api_destinations", "ApiDestinationArn")
    )
    hooks.wrap(eventbridge, "_dispatch_to_sqs", _to_queue)
    hooks.wrap(eventbridge, "_dispatch_to_sns", _to_topic)
    hooks.replace(sns, "_deliver_to_lambda", _deliver_to_lambda)
    hooks.wrap(lambda_svc, "_route_async_failure", _as_the_function_s_role)


def _knowing_the_target(original: Any, target: dict, event: dict, rule: dict, view: Any = None) -> None:
    service = _SCHEDULER if event.get("Source") == "aws.scheduler" else "events.amazonaws.com"
    token = _current.set(Delivery(target, rule.get("Arn", ""), service))
    try:
        # Rules may run on other threads, but only the event loop may change ministack's state.
        on_loop(original, target, event, rule, view)
    finally:
        _current.reset(token)


def _dispatching(deliver: Callable[[str, str, Delivery], None]) -> Callable[[str, str], None]:
    def dispatch(arn: str, payload: str) -> None:
        delivery = _current.get()
        try:
            _authorize(delivery, arn)
            deliver(arn, payload, delivery)
        except DeliveryRefused as refused:
            _give_up(delivery, payload, refused)

    return dispatch


def _invoke(arn: str, payload: str, delivery: Delivery) -> None:
    invoke_function(arn, json.loads(payload), delivery.service, delivery.source_arn)


def _to_queue(original: Any, spec: Any, payload: str, sqs_parameters: dict | None = None) -> None:
    _dispatching(lambda *_: original(spec, payload, sqs_parameters))(str(spec), payload)


def _to_topic(original: Any, arn: str, payload: str) -> None:
    _dispatching(lambda *_: original(arn, payload))(arn, payload)


def _with_unique_arn(table: str, field: str) -> Callable[..., tuple[int, dict, bytes]]:
    """Appends the ID with which AWS's ARNs of connections and API destinations end."""

    def create(original: Any, data: dict) -> tuple[int, dict, bytes]:
        status, headers, body = original(data)
        if status < 300:
            answer = json.loads(body)
            answer[field] += f"/{uuid.uuid4()}"
            getattr(eventbridge, table)[data["Name"]][field] = answer[field]
            body = json.dumps(answer).encode()
        return status, headers, body

    return create


def _without_secrets(original: Any, data: dict) -> tuple[int, dict, bytes]:
    """AWS answers with the names of a connection's keys only."""

    def public(part: dict[str, Any]) -> dict[str, Any]:
        secret = {
            "ApiKeyValue",
            "Password",
            "ClientSecret",
            *(["Value"] if part.get("IsValueSecret") else []),
        }
        return {name: value for name, value in part.items() if name not in secret}

    status, headers, body = original(data)
    return status, headers, json.dumps(json.loads(body, object_hook=public)).encode()


def _to_api_destination(spec: Any, payload: str, target: dict) -> None:
    def call(arn: str, payload: str, delivery: Delivery) -> None:
        destination = eventbridge._api_destinations.get(arn.split("/")[1], {})
        connection = eventbridge._connections.get(destination.get("ConnectionArn", "/").split("/")[1], {})
        if connection.get("ConnectionState") != "AUTHORIZED":
            raise DeliveryRefused("NO_RESOURCE", f"{arn} does not exist or has no authorized connection.")
        request = eventbridge._build_api_destination_request(
            destination, connection, target.get("HttpParameters") or {}, payload
        )
        # Only API keys are supported, so the key of cached OAuth tokens is never used.
        headers = eventbridge._connection_auth_headers(connection, token_key=None)
        threading.Thread(target=_call, args=(delivery, payload, request, headers), daemon=True).start()

    _dispatching(call)(str(spec), payload)


def _call(delivery: Delivery, payload: str, request: dict, headers: dict) -> None:
    """Sends one event to an API destination, or to the dead-letter queue if that does not take it."""
    for pause in (*_PAUSES_SECONDS, None):
        try:
            status = eventbridge._api_destination_send_sync(request, headers)
            answer = f"answered {status}"
        except OSError as error:
            status, answer = 503, f"did not answer: {error}"
        if 200 <= status < 300:
            return
        if pause is None or (status < 500 and status not in _REPEATED):
            break
        time.sleep(pause)
    refused = DeliveryRefused("ERROR_FROM_TARGET", f"{request['url']} {answer}")
    on_loop(_give_up, delivery, payload, refused)


def _authorize(delivery: Delivery, arn: str) -> None:
    """Raises DeliveryRefused unless the service may send to the target; a function's policy comes later."""
    sender = delivery.service
    policies = {"sqs": sqs.queue_policy_allows, "sns": sns.topic_policy_allows}
    target = arn.split(":")[2]
    if sender == _SCHEDULER or target == "states" or _DESTINATION in arn:
        _require_role(delivery, arn)
    elif target in policies and not policies[target](arn, sender, delivery.source_arn, ACCOUNT_ID):
        raise DeliveryRefused("NO_PERMISSIONS", f"The policy of {arn} does not admit {sender}.")


def _require_role(delivery: Delivery, arn: str) -> None:
    role_arn = delivery.target.get("RoleArn", "")
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None or not trusts(role, delivery.service):
        raise DeliveryRefused(
            "NO_PERMISSIONS", f"{delivery.service} cannot assume the target's role {role_arn or '(none)'}."
        )
    action = "events:InvokeApiDestination" if _DESTINATION in arn else _SEND_ACTIONS[arn.split(":")[2]]
    message = denial(role_arn, action, arn)
    if message:
        raise DeliveryRefused("NO_PERMISSIONS", message)


def _start_execution(arn: str, payload: str, delivery: Delivery) -> None:
    status, _, body = stepfunctions._start_execution({"stateMachineArn": arn, "input": payload})
    if status >= 400:
        raise DeliveryRefused("NO_RESOURCE", json.loads(body).get("message", f"{arn} could not be started."))


def _deliver_to_lambda(
    endpoint: str,
    envelope: str,
    topic_arn: str,
    sub_arn: str,
    msg_id: str,
    raw_message: str,
    message_attributes: dict,
) -> None:
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": sub_arn,
        "EventSource": "aws:sns",
        "Sns": json.loads(envelope),
    }
    try:
        on_loop(invoke_function, endpoint, {"Records": [record]}, "sns.amazonaws.com", topic_arn)
    except DeliveryRefused as refused:
        log.error("SNS could not deliver the message %s to %s: %s", msg_id, endpoint, refused)


def invoke_function(arn: str, event: dict[str, Any], service: str, source_arn: str) -> None:
    """Invokes a function asynchronously on behalf of a service. Raises DeliveryRefused."""
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        raise DeliveryRefused("NO_RESOURCE", f"The function {name} does not exist.")
    base = lambda_svc._functions.get(name) or function
    if service != _SCHEDULER and not service_allowed(
        base.get("policy"), service, "lambda:InvokeFunction", arn, source_arn
    ):
        raise DeliveryRefused(
            "NO_PERMISSIONS",
            f"The resource policy of the function {name} does not let {service} invoke it for {source_arn}.",
        )
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), event)


def _give_up(delivery: Delivery, payload: str, refused: DeliveryRefused) -> None:
    target_arn = delivery.target.get("Arn", "")
    log.error("%s could not be delivered to %s: %s", delivery.source_arn, target_arn, refused)
    queue_arn = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue_arn:
        return
    queue = sqs._queue_by_arn(queue_arn)
    try:
        _authorize(delivery, queue_arn)
    except DeliveryRefused as problem:
        log.error("the dead letter was not sent: %s", problem)
        return
    if queue is None:
        log.error("the dead-letter queue %s does not exist", queue_arn)
        return
    attributes = {
        "RULE_ARN": delivery.source_arn,
        "TARGET_ARN": target_arn,
        "ERROR_CODE": refused.code,
        "ERROR_MESSAGE": str(refused),
    }
    strings = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    sqs._act_send_message({"MessageBody": payload, "MessageAttributes": strings}, queue["url"])


def _as_the_function_s_role(
    original: Any, target_arn: str, func_name: str, event: dict, result: dict
) -> None:
    """Sends the dead letter of an asynchronous invocation, if the function's role may."""
    role_arn = lambda_svc._functions[func_name]["config"]["Role"]
    if message := denial(role_arn, _SEND_ACTIONS[target_arn.split(":")[2]], target_arn):
        log.error("the failed event of %s was not sent to %s: %s", func_name, target_arn, message)
    else:
        original(target_arn, func_name, event, result)
