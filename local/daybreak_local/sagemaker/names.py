"""Names and ARNs of SageMaker resources."""

import re

from daybreak_local.account import ACCOUNT_ID, REGION


def arn(subject: str, name: str) -> str:
    """The ARN of a resource such as a "TrainingJob"; SageMaker writes the name in lower case."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", subject).lower()
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}:{kind}/{name.lower()}"


def name_of(name_or_arn: str) -> str:
    """The resource name from a parameter that accepts a name or an ARN."""
    return name_or_arn.partition("/")[2] if name_or_arn.startswith("arn:") else name_or_arn
