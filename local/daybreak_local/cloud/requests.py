"""Judges every request by AWS's model of its service: ministack takes much that AWS refuses.

Requests of SageMaker and Application Auto Scaling are judged by the local SageMaker itself.
"""

import logging
import uuid
from functools import partial
from typing import Any

from ministack import app
from ministack.core import iam_actions, responses
from ministack.services import s3

from daybreak_local.api.constraints import check, judging
from daybreak_local.api.errors import ServiceError
from daybreak_local.api.wire import Http, find_call, read_members
from daybreak_local.cloud import hooks

log = logging.getLogger("daybreak.requests")

Answer = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Puts the judgement between a request's authorization and its service."""
    hooks.require(app, "SERVICE_HANDLERS")
    hooks.require(responses, "_service_model")
    hooks.require(iam_actions, "access_denied_response")
    for service, handler in app.SERVICE_HANDLERS.items():
        if service not in ("s3", "sagemaker", "application-autoscaling"):
            app.SERVICE_HANDLERS[service] = partial(_judged, handler, service)
    # Requests to a bucket's own host name go past the handlers.
    hooks.wrap(s3, "handle_request", _judged_s3)


def refusal(service: str, http: Http) -> Answer | None:
    """AWS's error response to a request that violates the model of its service."""
    try:
        with judging():
            model = responses._service_model(service)
            call = find_call(model, http) if model else None
            if call is None:
                return None  # ministack answers that there is no such operation
            check(call.operation, read_members(call, http), call.protocol)
    except ServiceError as error:
        log.warning("refused: %s.%s: %s", service, call.operation.name, error)
        _, headers, body = iam_actions.access_denied_response(
            service,
            "",
            "",
            str(uuid.uuid4()),
            error_code=error.code,
            message=error.message,
            headers=http.headers,
        )
        return error.status, headers, body
    return None


async def _judged(handler: Any, service: str, *request: Any) -> Answer:
    return refusal(service, Http(*request)) or await handler(*request)


async def _judged_s3(
    original: Any,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, list[str]],
    signed_path: str | None = None,
    enforce_bucket_region: bool = True,
    internal: bool = False,
    access_point_region: str | None = None,
    access_point: dict[str, Any] | None = None,
) -> Answer:
    request = Http(method, path, headers, body, query_params)
    more = (signed_path, enforce_bucket_region, internal, access_point_region, access_point)
    return refusal("s3", request) or await original(*request, *more)
