"""IAM condition keys that ministack does not populate, and policy variables, which it takes literally."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_actions, iam_evaluator

from daybreak_local.cloud import hooks

_VARIABLE = re.compile(r"\$\{([\w:/.@-]+)\}")


def install() -> None:
    hooks.wrap(iam_actions, "request_tag_context", _with_more_keys)
    hooks.wrap(iam_evaluator, "_resolve_condition_key", _with_secure_transport)
    hooks.wrap(iam_evaluator, "_conditions_met", _with_variables)


def _with_variables(original: Any, conditions: dict, ctx: Any) -> bool:
    """Replaces `${key}` by the key's value in the request; without one the condition is not met."""

    def value_of(match: re.Match[str]) -> str:
        return str(iam_evaluator._resolve_condition_key(match[1], ctx))

    def absent(text: str) -> bool:
        return any(iam_evaluator._resolve_condition_key(key, ctx) is None for key in _VARIABLE.findall(text))

    filled: dict[str, dict[str, Any]] = {}
    for operator, expected in conditions.items():
        filled[operator] = {}
        for key, values in expected.items():
            texts = [str(value) for value in (values if isinstance(values, list) else [values])]
            if any(map(absent, texts)):
                return False
            filled[operator][key] = [_VARIABLE.sub(value_of, text) for text in texts]
    return original(filled, ctx)


def _with_secure_transport(original: Any, key: str, ctx: Any) -> Any:
    """Reports loopback requests as TLS; otherwise policies that deny plain HTTP would deny everything."""
    return "true" if key.lower() == "aws:securetransport" else original(key, ctx)


def _with_more_keys(
    original: Any, service: str, iam_action: str, body: bytes, params: dict
) -> dict[str, Any]:
    context = original(service, iam_action, body, params)
    if iam_action == "cloudwatch:PutMetricData":
        context = {**context, "cloudwatch:namespace": metric_namespace(body)}
    return context


def metric_namespace(body: bytes) -> str | None:
    """The namespace of a PutMetricData request, in the JSON or query protocol."""
    try:
        return json.loads(body).get("Namespace")
    except (ValueError, AttributeError):
        fields = parse_qs(body.decode(errors="replace"))
        return fields["Namespace"][0] if "Namespace" in fields else None
