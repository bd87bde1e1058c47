"""Mounts the local SageMaker in ministack: routing, and IAM before a request gets there.

ministack checks the signature of every request, but policies only for services that it knows.
"""

import json
import logging
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, router

from daybreak_local.account import REGION
from daybreak_local.cloud import hooks
from daybreak_local.sagemaker import seam

log = logging.getLogger("daybreak.sagemaker")

Answer = tuple[int, dict[str, str], bytes]


class SageMakerFront:
    """The local SageMaker behind its door."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def install(self) -> None:
        """Registers the service under its target prefix and its signing name."""
        hooks.require(app, "SERVICE_REGISTRY", "SERVICE_HANDLERS")
        hooks.require(router, "SERVICE_PATTERNS", "extract_access_key_id")
        hooks.require(iam_evaluator, "enforce", "AuthError")
        # All three APIs (control plane, endpoint runtime, feature store runtime) sign as "sagemaker".
        router.SERVICE_PATTERNS["sagemaker"] = {
            "target_prefixes": ["SageMaker."],
            "host_patterns": [r"(runtime|api|featurestore-runtime)\.sagemaker\."],
            "credential_scope": "sagemaker",
        }
        app.SERVICE_HANDLERS["sagemaker"] = self._handle

    def start(self) -> None:
        """Gives the service its folder."""
        seam.start(self._folder)

    def stop(self) -> None:
        """Ends jobs and model servers."""
        seam.stop()

    def flush(self) -> int:
        """Writes captured data that is still waiting; returns how much there was."""
        return seam.flush()

    def status(self) -> Any:
        """What it is doing."""
        return seam.status()

    async def _handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer:
        access_key = router.extract_access_key_id(headers, query_params)
        for check in seam.authorize(method, path, headers, body, query_params):
            refused = self._refusal(access_key, check, headers)
            if refused:
                return refused
        return await seam.handle_request(method, path, headers, body, query_params)

    def _refusal(self, access_key: str, check: seam.Check, headers: dict[str, str]) -> Answer | None:
        service = check.action.split(":")[0]
        result = iam_evaluator.enforce(
            access_key, check.action, service, REGION, check.resource, check.context
        )
        if result is None:
            return None
        if isinstance(result, iam_evaluator.AuthError):
            return error_answer(result.code, result.message, headers)
        reason = (
            "with an explicit deny in an identity-based policy"
            if result.decision == "Deny"
            else f"because no identity-based policy allows the {check.action} action"
        )
        message = (
            f"User: {result.principal_arn} is not authorized to perform: {check.action} "
            f"on resource: {check.resource} {reason}"
        )
        log.warning("refused: %s", message)
        return error_answer("AccessDeniedException", message, headers)


def error_answer(code: str, message: str, headers: dict[str, str]) -> Answer:
    """An error in the protocol of the request: JSON 1.1 for the control plane, REST for the runtimes."""
    if headers.get("x-amz-target"):
        body = json.dumps({"__type": code, "Message": message}).encode()
        return 400, {"Content-Type": "application/x-amz-json-1.1"}, body
    body = json.dumps({"Message": message}).encode()
    return 403, {"Content-Type": "application/json", "x-amzn-errortype": code}, body
