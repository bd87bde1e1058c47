"""botocore's models of the four services: their operations, inputs and outputs."""

from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel

CONTROL = "sagemaker"
RUNTIME = "sagemaker-runtime"
FEATURE_STORE = "sagemaker-featurestore-runtime"
SCALING = "application-autoscaling"


@cache
def service_model(service: str) -> ServiceModel:
    """The model of one service."""
    return botocore.session.Session().get_service_model(service)


@cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of an operation, or None if AWS has no such operation."""
    model = service_model(service)
    return model.operation_model(operation) if operation in model.operation_names else None
