"""Delivery from EventBridge, Scheduler and SNS to Lambda functions and state machines, as on AWS.

ministack invokes the target once, without authorization, and drops failures. Here functions are invoked
asynchronously (with retries and dead-letter target) if their resource policy allows the caller, state
machines start if the target's role allows it, and undeliverable events go to the target's dead-letter queue.
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


_current: contextvars.ContextVar[Delivery | None] = contextvars.ContextVar("delivery", default=None)


def install() -> None:
    """Replaces ministack's dispatch to functions and state machines."""
    hooks.require(
        lambda_svc, "invoke_async_with_retry", "_get_func_record_for_ref", "_execution_record_for_config"
    )
    hooks.require(sqs, "queue_policy_allows", "_queue_by_arn", "_act_send_message")
    hooks.wrap(eventbridge, "_invoke_target", _knowing_the_target)
    hooks.replace(eventbridge, "_dispatch_to_lambda", _dispatching(_invoke))
    hooks.replace(eventbridge, "_dispatch_to_stepfunctions", _dispatching(_start_execution))
    hooks.replace(sns, "_deliver_to_lambda", _deliver_to_lambda)


def _knowing_the_target(original: Any, target: dict, event: dict, rule: dict, view: Any = None) -> None:
    scheduled = event.get("Source") == "aws.scheduler"
    service = "scheduler.amazonaws.com" if scheduled else "events.amazonaws.com"
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
            deliver(arn, payload, delivery)
        except DeliveryRefused as refused:
            _give_up(delivery, payload, refused)

    return dispatch


def _invoke(arn: str, payload: str, delivery: Delivery) -> None:
    invoke_function(arn, json.loads(payload), delivery.service, delivery.source_arn)


def _start_execution(arn: str, payload: str, delivery: Delivery) -> None:
    role_arn = delivery.target.get("RoleArn", "")
    role = iam._roles.get(role_arn.rsplit("/", 1)[-1])
    if role is None or not trusts(role, delivery.service):
        raise DeliveryRefused(
            "NO_PERMISSIONS", f"{delivery.service} cannot assume the target's role {role_arn or '(none)'}."
        )
    message = denial(role_arn, "states:StartExecution", arn)
    if message:
        raise DeliveryRefused("NO_PERMISSIONS", message)
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
    if not service_allowed(base.get("policy"), service, "lambda:InvokeFunction", arn, source_arn):
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
    if queue is None or not sqs.queue_policy_allows(
        queue_arn, delivery.service, delivery.source_arn, ACCOUNT_ID
    ):
        log.error(
            "the dead-letter queue %s does not exist or does not admit %s",
            queue_arn,
            delivery.service,
        )
        return
    attributes = {
        "RULE_ARN": delivery.source_arn,
        "TARGET_ARN": target_arn,
        "ERROR_CODE": refused.code,
        "ERROR_MESSAGE": str(refused),
    }
    strings = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    sqs._act_send_message({"MessageBody": payload, "MessageAttributes": strings}, queue["url"])
