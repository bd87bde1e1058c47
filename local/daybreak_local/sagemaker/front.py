"""Registers the local SageMaker with ministack, and authorizes and routes its requests.

ministack verifies every request's signature but evaluates IAM policies only for its own services.
"""

import asyncio
import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import router

from daybreak_local.api.errors import ServiceError
from daybreak_local.api.wire import Http, read_members
from daybreak_local.cloud import hooks
from daybreak_local.cloud.authorization import refusal
from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.authorization import Check, required_permissions, scaling_permissions
from daybreak_local.sagemaker.platform import Platform
from daybreak_local.sagemaker.protocol import TARGET_PREFIXES, Answer, called, error_answer, json_answer
from daybreak_local.sagemaker.service import LocalSageMaker

log = logging.getLogger("daybreak.sagemaker")


class SageMakerFront:
    """Handles the HTTP requests of all three APIs: control plane, endpoint runtime, Feature Store runtime."""

    def __init__(self, folder: Path, platform: Platform) -> None:
        self.service = LocalSageMaker(platform, folder)
        # Invocations wait for a container and Create operations call S3: both would block the event loop.
        self._threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="sagemaker")

    def install(self) -> None:
        """Registers the service under its target prefix and its signing name."""
        hooks.require(app, "SERVICE_REGISTRY", "SERVICE_HANDLERS")
        hooks.require(router, "SERVICE_PATTERNS", "extract_access_key_id")
        # SageMaker's three APIs sign as "sagemaker".
        hosts = {model.CONTROL: [r"(runtime|api|featurestore-runtime)\.sagemaker\."], model.SCALING: []}
        for prefix, service in TARGET_PREFIXES.items():
            router.SERVICE_PATTERNS[service] = {
                "target_prefixes": [prefix],
                "host_patterns": hosts[service],
                "credential_scope": service,
            }
            app.SERVICE_HANDLERS[service] = self._handle

    async def _handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer:
        access_key = router.extract_access_key_id(headers, query_params)
        control = "x-amz-target" in headers
        for check in self.permissions(method, path, headers, body, query_params):
            if refused := refusal(access_key, check.action, check.resource, check.context):
                log.warning("refused: %s", refused.message)
                error = ServiceError(refused.code, refused.message, 400 if control else 403)
                return error_answer(error, str(uuid.uuid4()), control)
        return await self.answer(method, path, headers, body, query_params)

    async def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer:
        """Handles one request without authorizing it. Header names must be lower case."""
        request_id = str(uuid.uuid4())
        http = Http(method, path, headers, body, query_params)
        control = "x-amz-target" in headers
        try:
            call = called(http)
            if call is None:
                name = headers.get("x-amz-target", f"{method} {path}")
                raise ServiceError("UnknownOperationException", f"{name} is no operation of SageMaker.", 404)
            service, operation = call.operation.service_model.service_name, call.operation.name
            self.service.operation(service, operation)
            request = read_members(call, http)
            if service == model.FEATURE_STORE:
                # In memory only: dispatching to a thread would cost more than the call.
                return json_answer(self.service.call(operation, request, service), request_id, control)
            loop = asyncio.get_running_loop()
            if service == model.RUNTIME:
                return await loop.run_in_executor(self._threads, self._invoke, request, request_id)
            answer = await loop.run_in_executor(self._threads, self.service.call, operation, request, service)
            return json_answer(answer, request_id, control)
        except ServiceError as error:
            return error_answer(error, request_id, control)
        except Exception as error:
            log.exception("%s %s failed inside the local SageMaker", method, path)
            failure = ServiceError("InternalFailure", f"{type(error).__name__}: {error}", 500)
            return error_answer(failure, request_id, control)

    def _invoke(self, request: dict[str, Any], request_id: str) -> Answer:
        invocation = self.service.invoke(request)
        headers = {
            "Content-Type": invocation.content_type,
            "x-Amzn-Invoked-Production-Variant": invocation.variant,
            "x-amzn-RequestId": request_id,
        }
        return 200, headers, invocation.body

    def permissions(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> list[Check]:
        """The required permissions, including iam:PassRole; empty if the request is not SageMaker's."""
        http = Http(method, path, headers, body, query_params)
        call = called(http)
        if call is None:
            return []
        try:
            request = read_members(call, http)
        except ServiceError:
            request = call.path  # malformed: `answer` then reports the error
        if call.operation.service_model.service_name == model.SCALING:
            return scaling_permissions(call.operation.name, request)
        return required_permissions(call.operation.name, request, self.service.metadata_of)
