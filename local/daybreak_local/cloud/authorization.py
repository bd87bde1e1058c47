"""IAM authorization of unsigned calls that a service makes on behalf of a role."""

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.cloud import hooks
from daybreak_local.cloud.scope import on_loop

hooks.require(
    iam_evaluator,
    "EvalContext",
    "evaluate",
    "combine_resource_policy",
    "_gather_role_policies",
    "_permissions_boundary",
    "_resource_policy",
    "_POLICY_REQUIRED",
)


def denial(
    role_arn: str, action: str, resource_arn: str, context: dict[str, Any] | None = None
) -> str | None:
    """Returns AWS's AccessDenied message, or None if the role is authorized."""
    return on_loop(_denial, role_arn, action, resource_arn, context or {})


def _denial(role_arn: str, action: str, resource_arn: str, context: dict[str, Any]) -> str | None:
    role_name = role_arn.rsplit("/", 1)[-1]
    if iam._roles.get(role_name) is None:
        return f"The role {role_arn} does not exist."
    caller = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role_name}/service"
    evaluated = iam_evaluator.EvalContext(
        principal_arn=caller,
        principal_type="AssumedRole",
        principal_account=ACCOUNT_ID,
        action=action,
        resource_arn=resource_arn,
        region=REGION,
        service_context={key.lower(): value for key, value in context.items()},
    )
    policies = iam_evaluator._gather_role_policies(role_name, ACCOUNT_ID)
    limits = iam_evaluator._permissions_boundary(iam._roles, role_name, ACCOUNT_ID)
    result = iam_evaluator.evaluate(evaluated, policies, *limits)
    service = action.split(":")[0]
    policy = iam_evaluator._resource_policy(service, resource_arn)
    if policy is not None:
        result = iam_evaluator.combine_resource_policy(
            result, evaluated, *policy, required=service in iam_evaluator._POLICY_REQUIRED, limits=limits
        )
    if result.decision == "Allow":
        return None
    reason = (
        "with an explicit deny"
        if result.decision == "Deny"
        else f"because no identity-based policy allows the {action} action"
    )
    return f"User: {caller} is not authorized to perform: {action} on resource: {resource_arn} {reason}"
