"""InvokeEndpoint: sends a request to the container and records metrics and data capture."""

import time
from dataclasses import dataclass
from typing import Any

import urllib3

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.hosting.fleet import Fleet
from daybreak_local.sagemaker.hosting.hosting import Hosting

_SERVED = {"EndpointName", "Body", "ContentType", "Accept", "InferenceId"}
_BYTES = "application/octet-stream"


@dataclass(frozen=True)
class Invocation:
    """The container's response and the invoked production variant."""

    body: bytes
    content_type: str
    variant: str


def invoke(hosting: Hosting, request: dict[str, Any]) -> Invocation:
    """Invokes an endpoint. Raises ServiceError with ValidationError, ModelError or ServiceUnavailable."""
    started = time.perf_counter()
    name = request["EndpointName"]
    if unserved := request.keys() - _SERVED:
        raise ServiceError("ValidationError", f"{min(unserved)} is not supported by the local SageMaker.")
    traffic = hosting.traffic(name)
    missing = ServiceError("ValidationError", f"Endpoint {name} of account {ACCOUNT_ID} not found.")
    if traffic is None:
        raise missing
    with traffic.request() as fleet:
        if fleet is None:
            raise missing
        return _through(hosting, fleet, request, started)


def _through(hosting: Hosting, fleet: Fleet, request: dict[str, Any], started: float) -> Invocation:
    content_type, body = request.get("ContentType", _BYTES), request.get("Body", b"")
    headers = {"Content-Type": content_type, "Accept": request.get("Accept", "*/*")}
    sent = time.perf_counter()

    def count(status: int) -> None:
        model_seconds = time.perf_counter() - sent
        hosting.metrics.record(fleet.endpoint, fleet.variant, status, model_seconds, sent - started)

    server = fleet.server
    if server is None:
        count(503)
        raise _unavailable()
    try:
        answer = server.invoke(body, headers)
    except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ClosedPoolError):
        count(503)
        raise _unavailable() from None
    except urllib3.exceptions.HTTPError as error:
        count(500)
        raise _model_error(fleet.endpoint, 0, f"the container did not answer: {error}") from None
    count(answer.status)
    if answer.status >= 400:
        raise _model_error(fleet.endpoint, answer.status, answer.data.decode("utf-8", errors="replace"))
    answer_type = answer.headers.get("Content-Type", _BYTES)
    if fleet.capture:
        sides = {"Input": (content_type, body), "Output": (answer_type, answer.data)}
        hosting.capture.add(fleet.capture, sides, request.get("InferenceId"))
    return Invocation(answer.data, answer_type, fleet.variant)


def _unavailable() -> ServiceError:
    """No instance is healthy, so no container got the request."""
    message = "A transient exception occurred while retrieving variant instances. Please try again later."
    return ServiceError("ServiceUnavailable", message, status=503)


def _model_error(name: str, status: int, message: str) -> ServiceError:
    side = "client" if 400 <= status < 500 else "server"
    group = f"/aws/sagemaker/Endpoints/{name}"
    return ServiceError(
        "ModelError",
        f'Received {side} error ({status}) from primary with message "{message[:1024]}". '
        f"See the log group {group} in account {ACCOUNT_ID} for more information.",
        status=424,
        OriginalStatusCode=status,
        OriginalMessage=message,
        LogStreamArn=f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}",
    )
