"""Resource-based policies of functions and roles, evaluated for a service that acts for this account."""

from typing import Any

from ministack.core import iam_evaluator

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.cloud import hooks

hooks.require(iam_evaluator, "EvalContext", "evaluate_resource_policy")


def service_allowed(
    policy: Any, service: str, action: str, resource_arn: str, source_arn: str | None = None
) -> bool:
    """Whether the policy allows the service this action."""
    evaluated = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=REGION,
        service_context={"aws:sourceaccount": ACCOUNT_ID, "aws:sourcearn": source_arn},
    )
    return iam_evaluator.evaluate_resource_policy(policy, evaluated, service=service).decision == "Allow"


def trusts(role: dict[str, Any], service: str) -> bool:
    """Whether the role's trust policy lets the service assume it."""
    return service_allowed(role.get("AssumeRolePolicyDocument"), service, "sts:AssumeRole", role["Arn"])
