"""The supported container image: AWS's XGBoost image, whose packages the local environment pins."""

import re

from daybreak_local.account import REGION

SUPPORTED = "sagemaker-xgboost:3.0-5"
_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<image>[^@]+)")


def image_problem(image: str) -> str | None:
    """The FailureReason if the image cannot run here, else None."""
    parts = _ECR.fullmatch(image)
    if parts is None:
        return (
            f"ClientError: {image} is not the URI of an ECR image. The local SageMaker runs {SUPPORTED} only."
        )
    if parts["region"] != REGION:
        return (
            f"ClientError: Cannot pull {image}: the image must be in the region of the job, {REGION}. "
            f"Use the {REGION} URI of {SUPPORTED}."
        )
    if parts["image"].removesuffix("-cpu-py3") != SUPPORTED:
        return (
            f"ClientError: Cannot find repository: {parts['image']} in registry ID: {parts[1]}. The local "
            f"SageMaker runs {SUPPORTED} only, because its Python packages are the ones installed here."
        )
    return None
