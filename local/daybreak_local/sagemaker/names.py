"""ARNs of SageMaker resources."""

from daybreak_local.account import ACCOUNT_ID, REGION


def arn(kind: str, name: str) -> str:
    """The ARN of a resource; SageMaker writes the name in lower case."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}:{kind}/{name.lower()}"


def last_name(name_or_arn: str) -> str:
    """The resource name from a parameter that accepts a name or an ARN."""
    return name_or_arn.rsplit("/", 1)[-1] if name_or_arn.startswith("arn:") else name_or_arn
