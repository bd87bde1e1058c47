"""InvokeEndpoint: one request through an endpoint, with its metrics and its capture."""

import time
from dataclasses import dataclass
from typing import Any

import urllib3

from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.hosting.capture import Exchange, now
from daybreak_local.sagemaker.hosting.fleet import Variant
from daybreak_local.sagemaker.hosting.hosting import Hosting
from daybreak_local.sagemaker.hosting.traffic import NoVariant
from daybreak_local.sagemaker.platform import Platform

_UNSERVED = (
    "TargetModel",
    "TargetContainerHostname",
    "InferenceComponentName",
    "SessionId",
    "EnableExplanations",
)


@dataclass(frozen=True)
class Invocation:
    """The container's answer and which variant gave it."""

    body: bytes
    content_type: str
    variant: str
    custom_attributes: str | None


class Invoker:
    """Runs invocations; made for many threads at once."""

    def __init__(self, hosting: Hosting, platform: Platform) -> None:
        self._hosting, self._platform = hosting, platform

    def invoke(self, request: dict[str, Any]) -> Invocation:
        """The answer of the endpoint. Raises ServiceError: ValidationError or ModelError."""
        started = time.perf_counter()
        name = request["EndpointName"]
        for member in _UNSERVED:
            if member in request:
                raise ServiceError("ValidationError", f"{member} is not served by the local SageMaker.")
        live = self._hosting.find(name)
        if live is None:
            raise ServiceError(
                "ValidationError", f"Endpoint {name} of account {self._platform.account} not found."
            )
        try:
            with live.traffic.request(request.get("TargetVariant")) as (_, variant):
                return self._through(name, variant, request, started)
        except NoVariant as missing:
            raise ServiceError("ValidationError", f"Variant {missing} not found for Request.") from None

    def _through(self, name: str, variant: Variant, request: dict[str, Any], started: float) -> Invocation:
        content_type = request.get("ContentType", "application/octet-stream")
        headers = {"Content-Type": content_type, "Accept": request.get("Accept", "*/*")}
        if "CustomAttributes" in request:
            headers["X-Amzn-SageMaker-Custom-Attributes"] = request["CustomAttributes"]
        if "InferenceId" in request:
            headers["X-Amzn-SageMaker-Inference-Id"] = request["InferenceId"]
        body, at = request.get("Body", b""), now()
        sent = time.perf_counter()
        try:
            answer = variant.server.invoke(body, headers)
        except urllib3.exceptions.HTTPError as error:
            self._count(name, variant, 500, sent, started)
            raise self._model_error(name, 0, f"the container did not answer: {error}") from None
        self._count(name, variant, answer.status, sent, started)
        if answer.status >= 400:
            raise self._model_error(name, answer.status, answer.data.decode("utf-8", errors="replace"))
        answer_type = answer.headers.get("Content-Type", "application/octet-stream")
        if variant.capture:
            exchange = Exchange(
                content_type, body, answer_type, answer.data, at,
                request.get("InferenceId"), request.get("CustomAttributes"),
            )  # fmt: skip
            self._hosting.capture.add(variant.capture, exchange)
        attributes = answer.headers.get("X-Amzn-SageMaker-Custom-Attributes")
        return Invocation(answer.data, answer_type, variant.name, attributes)

    def _count(self, name: str, variant: Variant, status: int, sent: float, started: float) -> None:
        ended = time.perf_counter()
        self._hosting.metrics.record(
            name, variant.name, status, variant.instances, ended - sent, sent - started
        )

    def _model_error(self, name: str, status: int, message: str) -> ServiceError:
        side = "client" if 400 <= status < 500 else "server"
        region, account = self._platform.region, self._platform.account
        group = f"/aws/sagemaker/Endpoints/{name}"
        return ServiceError(
            "ModelError",
            f'Received {side} error ({status}) from primary with message "{message[:1024]}". '
            f"See the log group {group} in account {account} for more information.",
            status=424,
            OriginalStatusCode=status,
            OriginalMessage=message,
            LogStreamArn=f"arn:aws:logs:{region}:{account}:log-group:{group}",
        )
