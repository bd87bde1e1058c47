"""SageMaker's three APIs on the wire: JSON 1.1 for the control plane, REST JSON for the two runtimes.

Application Auto Scaling, which scales endpoints, speaks JSON 1.1, too.
"""

import json
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from daybreak_local.api.errors import ServiceError
from daybreak_local.api.wire import Call, Http, find_call
from daybreak_local.sagemaker import model

Answer = tuple[int, dict[str, str], bytes]
TARGET_PREFIXES = {"SageMaker.": model.CONTROL, "AnyScaleFrontendService.": model.SCALING}


def called(http: Http) -> Call | None:
    """The operation that a request calls, of any of the APIs; None if it calls none."""
    target = http.headers.get("x-amz-target")
    services = (model.RUNTIME, model.FEATURE_STORE)
    if target is not None:
        services = tuple(name for prefix, name in TARGET_PREFIXES.items() if target.startswith(prefix))
    return next(filter(None, (find_call(model.service_model(service), http) for service in services)), None)


def render_answer(shape: Shape | None, value: Any) -> Any:
    """The response, reduced to the members that its shape declares and that are set."""
    if isinstance(shape, StructureShape):
        return {
            name: render_answer(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [render_answer(shape.member, item) for item in value]
    return value if shape else {}


def json_answer(value: dict[str, Any], request_id: str, control: bool) -> Answer:
    """A response with status 200."""
    content_type = "application/x-amz-json-1.1" if control else "application/json"
    return 200, {"Content-Type": content_type, "x-amzn-RequestId": request_id}, json.dumps(value).encode()


def error_answer(error: ServiceError, request_id: str, control: bool) -> Answer:
    """An error response that clients of both protocols can parse."""
    value = {"__type": error.code, "message": error.message, "Message": error.message, **error.fields}
    _, headers, body = json_answer(value, request_id, control)
    return error.status, {**headers, "x-amzn-ErrorType": error.code}, body
