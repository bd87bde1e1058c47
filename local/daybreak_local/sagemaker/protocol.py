"""Wire protocols: JSON 1.1 (x-amz-target) for the control plane, REST JSON for the two runtimes."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.model import OperationModel

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.errors import ServiceError, validation_code

Answer = tuple[int, dict[str, str], bytes]
TARGET_PREFIX = "SageMaker."


@dataclass(frozen=True)
class Wanted:
    """The service and operation a request addresses, with its path parameters."""

    service: str
    operation: str
    path: dict[str, str]


def wanted(method: str, path: str, headers: dict[str, str]) -> Wanted | None:
    """The operation a request addresses; None if it is not a SageMaker request."""
    target = headers.get("x-amz-target", "")
    if target.startswith(TARGET_PREFIX):
        return Wanted(model.CONTROL, target.removeprefix(TARGET_PREFIX), {})
    for route_method, pattern, service, name in _routes():
        if method == route_method and (match := pattern.fullmatch(path)):
            return Wanted(service, name, {key: unquote(value) for key, value in match.groupdict().items()})
    return None


def read_request(
    want: Wanted,
    operation: OperationModel | None,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, Any],
) -> dict[str, Any]:
    """Collects the request's members from path, query, headers and body, as the model declares them."""
    if operation is None or want.service == model.CONTROL:
        return _json_body(body, operation)
    request: dict[str, Any] = dict(want.path)
    payload = operation.input_shape.serialization.get("payload") if operation.input_shape else None
    takes_json = False
    for name, shape in (operation.input_shape.members if operation.input_shape else {}).items():
        location, wire_name = shape.serialization.get("location"), shape.serialization.get("name", name)
        if location == "header":
            if wire_name.lower() in headers:
                request[name] = headers[wire_name.lower()]
        elif location == "querystring":
            values = query.get(wire_name)
            if values:
                values = values if isinstance(values, list) else [values]
                request[name] = values if shape.type_name == "list" else values[0]
        elif location is None and name == payload:
            request[name] = body
        elif location is None:
            takes_json = True
    return {**_json_body(body, operation), **request} if takes_json else request


def json_answer(value: dict[str, Any], request_id: str, control: bool) -> Answer:
    """A response with status 200."""
    content_type = "application/x-amz-json-1.1" if control else "application/json"
    return 200, {"Content-Type": content_type, "x-amzn-RequestId": request_id}, json.dumps(value).encode()


def error_answer(error: ServiceError, request_id: str, control: bool) -> Answer:
    """An error response that clients of both protocols can parse."""
    value = {"__type": error.code, "message": error.message, "Message": error.message, **error.fields}
    _, headers, body = json_answer(value, request_id, control)
    return error.status, {**headers, "x-amzn-ErrorType": error.code}, body


def _json_body(body: bytes, operation: OperationModel | None) -> dict[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise ServiceError("SerializationException", f"The request body is not JSON: {error}") from None
    if not isinstance(value, dict):
        code = validation_code(operation) if operation else "ValidationException"
        raise ServiceError(code, "The request body must be a JSON object.")
    return value


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str, str]]:
    """(method, path pattern, service, operation) of every REST operation of the two runtimes."""
    routes = []
    for service in (model.RUNTIME, model.FEATURE_STORE):
        for name in model.service_model(service).operation_names:
            http = model.service_model(service).operation_model(name).http
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", http["requestUri"])
            routes.append((http["method"], re.compile(pattern), service, name))
    return routes
