"""Which container images run here: the AWS-owned XGBoost image, whose packages the local environment pins."""

import re

SUPPORTED = "sagemaker-xgboost:3.0-5"
_ECR = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[^:@]+)(:(?P<tag>.+))?"
)


def image_problem(image: str, region: str) -> str | None:
    """Why the image cannot run, as a job's FailureReason says it; None when it can."""
    parts = _ECR.fullmatch(image)
    if parts is None:
        return (
            f"ClientError: {image} is not the URI of an ECR image. The local SageMaker runs {SUPPORTED} only."
        )
    if parts["region"] != region:
        return (
            f"ClientError: Cannot pull {image}: the image must be in the region of the job, {region}. "
            f"Use the {region} URI of {SUPPORTED}."
        )
    if f"{parts['repository']}:{parts['tag']}" not in (SUPPORTED, f"{SUPPORTED}-cpu-py3"):
        return (
            f"ClientError: Cannot find repository: {parts['repository']}:{parts['tag']} in registry ID: "
            f"{parts['registry']}. The local SageMaker runs {SUPPORTED} only, because its Python packages "
            "are "
            "the ones installed here."
        )
    return None
