"""Delivery from EventBridge, Scheduler and SNS to Lambda functions and state machines, as on AWS.

ministack invokes the target once, without authorization, and drops failures. Here functions are invoked
asynchronously (with retries and dead-letter target), and undeliverable events go to the target's dead-letter
queue. EventBridge and SNS are admitted by the target's resource policy, and EventBridge starts state machines
as the target's role. Scheduler sends all as the target's role, Lambda its dead letters as the function's.
"""

import contextvars
import json
import logging
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
_current: contextvars.ContextVar[Delivery | None] = contextvars.ContextVar("delivery", default=None)


def install() -> None:
    """Replaces ministack's dispatch to functions and state machines."""
    hooks.require(
        lambda_svc, "invoke_async_with_retry", "_get_func_record_for_ref", "_execution_record_for_config"
    )
    hooks.require(sqs, "queue_policy_allows", "_queue_by_arn", "_act_send_message")
    hooks.require(sns, "topic_policy_allows")
    hooks.wrap(eventbridge, "_invoke_target", _knowing_the_target)
    hooks.replace(eventbridge, "_dispatch_to_lambda", _dispatching(_invoke))
    hooks.replace(eventbridge, "_dispatch_to_stepfunctions", _dispatching(_start_execution))
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


def _authorize(delivery: Delivery, arn: str) -> None:
    """Raises DeliveryRefused unless the service may send to the target; a function's policy comes later."""
    sender = delivery.service
    policies = {"sqs": sqs.queue_policy_allows, "sns": sns.topic_policy_allows}
    target = arn.split(":")[2]
    if sender == _SCHEDULER or target == "states":
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
    message = denial(role_arn, _SEND_ACTIONS[arn.split(":")[2]], arn)
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
