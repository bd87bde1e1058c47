"""What the rest of the local cloud uses of the local SageMaker. The launcher calls `start` once, then the
others.

`handle_request` serves HTTP, `authorize` says which permissions a request needs, `call` and `wait` are for
callers in this process, `flush`, `status`, `reset` and `stop` for the launcher.
"""

import asyncio
import logging
import shutil
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.authorization import Check, required_permissions
from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.platform import Platform
from daybreak_local.sagemaker.protocol import (
    TARGET_PREFIX,
    Answer,
    Wanted,
    error_answer,
    is_runtime_path,
    json_answer,
    read_request,
    wanted,
)
from daybreak_local.sagemaker.service import LocalSageMaker

__all__ = [
    "TARGET_PREFIX",
    "Check",
    "ServiceError",
    "authorize",
    "call",
    "flush",
    "handle_request",
    "is_runtime_path",
    "reset",
    "start",
    "status",
    "stop",
    "wait",
]
logger = logging.getLogger(__name__)
_service: LocalSageMaker | None = None
# Invocations wait for a container and Creates look at S3: neither may hold up the event loop.
_threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="sagemaker")


def start(home: Path, platform: Platform | None = None) -> LocalSageMaker:
    """Makes the service; its sandboxes go below `home`."""
    global _service
    if platform is None:
        from daybreak_local.sagemaker.aws_platform import AwsPlatform

        aws = AwsPlatform()
        aws.warm_up()
        platform = aws
    folder = home / "sagemaker"
    # What a cloud that was killed left behind: sandboxes of processes that ended with it.
    shutil.rmtree(folder, ignore_errors=True)
    _service = LocalSageMaker(platform, folder)
    return _service


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> Answer:
    """Answers one HTTP request of any of the three services. Header names are lower case."""
    request_id = str(uuid.uuid4())
    want = wanted(method, path, headers)
    if want is None:
        error = ServiceError(
            "UnknownOperationException", f"{method} {path} is no operation of SageMaker.", 404
        )
        return error_answer(error, request_id, control=True)
    control = want.service == model.CONTROL
    try:
        request = read_request(
            want, _running().operation(want.service, want.operation), headers, body, query_params
        )
        if want.service == model.FEATURE_STORE:
            # Only memory is touched: a thread would cost more than the work.
            return json_answer(_running().call(want.operation, request, want.service), request_id, control)
        loop = asyncio.get_running_loop()
        if want.service == model.RUNTIME:
            return await loop.run_in_executor(_threads, _invoke, request, request_id)
        answer = await loop.run_in_executor(_threads, _running().call, want.operation, request)
        return json_answer(answer, request_id, control)
    except ServiceError as error:
        return error_answer(error, request_id, control)
    except Exception as error:
        logger.exception("%s failed inside the local SageMaker", want.operation)
        failure = ServiceError("InternalFailure", f"{type(error).__name__}: {error}", 500)
        return error_answer(failure, request_id, control)


def authorize(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> list[Check]:
    """The permissions a request needs, iam:PassRole included; empty when the request is not SageMaker's."""
    want = wanted(method, path, headers)
    if want is None:
        return []
    return required_permissions(
        want.operation, _lenient(want, headers, body, query_params), _running().context.place
    )


def call(operation: str, parameters: dict[str, Any], service: str = model.CONTROL) -> dict[str, Any]:
    """Runs an operation in this process, permissions unchecked. Raises ServiceError."""
    return _running().call(operation, parameters, service)


def wait(kind: str, name: str, timeout: float | None = None) -> dict[str, Any] | None:
    """Waits until a training-job, processing-job, endpoint or feature-group has settled."""
    return _running().wait(kind, name, timeout)


def flush() -> int:
    """Writes what capture, metrics and events still hold; not from the event loop's thread."""
    return _service.flush() if _service else 0


def status() -> dict[str, Any]:
    """What is going on."""
    return _service.status() if _service else {}


def reset() -> None:
    """Ends everything and starts empty."""
    if _service:
        _service.reset()


def stop() -> None:
    """Writes what was captured and ends every job and server; not from the event loop's thread."""
    global _service
    if _service:
        service, _service = _service, None
        service.close()


def _running() -> LocalSageMaker:
    if _service is None:
        raise ServiceError(
            "ServiceUnavailable", "The local SageMaker is not started: call seam.start first.", 503
        )
    return _service


def _invoke(request: dict[str, Any], request_id: str) -> Answer:
    try:
        invocation = _running().invoke(request)
    except ServiceError as error:
        return error_answer(error, request_id, control=False)
    headers = {
        "Content-Type": invocation.content_type,
        "x-Amzn-Invoked-Production-Variant": invocation.variant,
        "x-amzn-RequestId": request_id,
    }
    if invocation.custom_attributes:
        headers["X-Amzn-SageMaker-Custom-Attributes"] = invocation.custom_attributes
    return 200, headers, invocation.body


def _lenient(want: Wanted, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> dict[str, Any]:
    """The request as far as it can be read: one that is broken is refused later, with its own error."""
    try:
        return read_request(want, model.operation_model(want.service, want.operation), headers, body, query)
    except ServiceError:
        return dict(want.path)
