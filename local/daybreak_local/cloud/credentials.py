"""Credentials that a service gets by assuming a role.

They do not expire: their holders (warm functions, model servers, workflows) would renew them on AWS.
"""

from ministack.services import iam, sts

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.cloud.resource_policies import trusts
from daybreak_local.cloud.scope import endpoint_url, on_loop


class RoleError(Exception):
    """The role does not exist or does not trust the service."""


def role_environment(role_arn: str, session_name: str, service: str | None = None) -> dict[str, str]:
    """The AWS_* environment of a new session of `role_arn`, complete enough for boto3, the SDKs and Spark.

    With `service` (such as "glue.amazonaws.com") the role's trust policy must name that service, as on AWS.
    Raises RoleError otherwise.
    """
    return {
        **assume_role(role_arn, session_name, service),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint_url(),
    }


def assume_role(role_arn: str, session_name: str, service: str | None = None) -> dict[str, str]:
    """Registers a session of the role with ministack's STS; returns its keys as AWS_* variables."""
    return on_loop(_assume_role, role_arn, session_name, service)


def _assume_role(role_arn: str, session_name: str, service: str | None) -> dict[str, str]:
    role_name = role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get(role_name) if role_arn.startswith("arn:aws:iam::") else None
    if role is None or role.get("Arn") != role_arn:
        raise RoleError(f"The role {role_arn} does not exist.")
    if service is not None and not trusts(role, service):
        raise RoleError(
            f"The role {role_arn} cannot be assumed by {service}: its trust policy names no such principal "
            "for sts:AssumeRole."
        )
    session_name = session_name[:64]
    keys = {
        "AWS_ACCESS_KEY_ID": iam._gen_session_access_key(),
        "AWS_SECRET_ACCESS_KEY": iam._gen_secret(),
        "AWS_SESSION_TOKEN": iam._gen_session_token(),
    }
    sts.register_session(
        keys["AWS_ACCESS_KEY_ID"],
        {
            "Arn": f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role_name}/{session_name}",
            "UserId": f"{role.get('RoleId', role_name)}:{session_name}",
            "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "SessionToken": keys["AWS_SESSION_TOKEN"],
            "AccountId": ACCOUNT_ID,
            "PrincipalType": "AssumedRole",
        },
    )
    return keys
