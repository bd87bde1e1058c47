"""Function URLs with AWS_IAM, where ministack differs from AWS.

Since October 2025 a caller also needs lambda:InvokeFunction, and the event says who calls.
"""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json
from ministack.core.router import extract_access_key_id
from ministack.services import lambda_svc

from daybreak_local.cloud import hooks
from daybreak_local.cloud.authorization import refusal

_VIA_URL = {"lambda:InvokedViaFunctionUrl": "true"}


def install() -> None:
    hooks.require(iam_evaluator, "resolve_caller_identity")
    hooks.wrap(lambda_svc, "handle_function_url_request", _authorized)
    hooks.wrap(lambda_svc, "_build_function_url_event", _with_caller)


async def _authorized(
    original: Any,
    url_id: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, Any],
    resolved: tuple | None = None,
    source_ip: str | None = None,
) -> tuple:
    found = resolved or lambda_svc.resolve_function_url(url_id)
    if found and found[4].get("AuthType") == "AWS_IAM":
        account_id, region, name = found[:3]
        arn = f"arn:aws:lambda:{region}:{account_id}:function:{name}"
        key = extract_access_key_id(headers, query_params)
        if refused := refusal(key, "lambda:InvokeFunction", arn, _VIA_URL):
            return error_response_json("AccessDeniedException", refused.message, 403)
    return await original(url_id, method, path, headers, body, query_params, resolved, source_ip)


def _with_caller(
    original: Any,
    url_id: str,
    account_id: str,
    region: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, Any],
    source_ip: str = "127.0.0.1",
    anonymous: bool = False,
    trace_root: str = "",
) -> dict[str, Any]:
    request = (url_id, account_id, region, method, path, headers, body, query_params)
    event = original(*request, source_ip, anonymous, trace_root)
    caller = iam_evaluator.resolve_caller_identity(extract_access_key_id(headers, query_params))
    if caller and not anonymous:
        fields = {name: caller[name] for name in ("accessKey", "accountId", "userArn", "userId")}
        event["requestContext"]["authorizer"] = {"iam": {**fields, "callerId": caller["userId"]}}
    return event
