"""IAM authorization where ministack has none: SageMaker's requests, and services that act as a role."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import AuthError
from ministack.services import sts

from daybreak_local.account import REGION
from daybreak_local.cloud import hooks
from daybreak_local.cloud.credentials import RoleError, assume_role
from daybreak_local.cloud.scope import on_loop

hooks.require(iam_evaluator, "enforce", "AuthError")
hooks.require(sts, "_sessions")


def refusal(
    access_key: str, action: str, resource_arn: str, context: dict[str, Any] | None = None
) -> AuthError | None:
    """AWS's error if the owner of the key is not authorized."""
    service = action.split(":")[0]
    result = iam_evaluator.enforce(access_key, action, service, REGION, resource_arn, context)
    if result is None or isinstance(result, AuthError):
        return result
    reason = (
        "with an explicit deny in an identity-based policy"
        if result.decision == "Deny"
        else f"because no identity-based policy allows the {action} action"
    )
    denied = (
        f"User: {result.principal_arn} is not authorized to perform: {action} on resource: {resource_arn}"
    )
    return AuthError("AccessDeniedException", f"{denied} {reason}")


def denial(role_arn: str, action: str, resource_arn: str) -> str | None:
    """AWS's message if the role is not authorized, else None."""
    return on_loop(_denial, role_arn, action, resource_arn)


def _denial(role_arn: str, action: str, resource_arn: str) -> str | None:
    try:
        access_key = assume_role(role_arn, "service")["AWS_ACCESS_KEY_ID"]
    except RoleError as error:
        return str(error)
    refused = refusal(access_key, action, resource_arn)
    del sts._sessions[access_key]
    return refused.message if refused else None
