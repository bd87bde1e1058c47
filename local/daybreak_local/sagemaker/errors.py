"""Errors returned to the caller, with AWS's codes and shapes."""

from botocore.model import OperationModel

from daybreak_local.api.errors import ServiceError, validation_code


class Refusal(Exception):
    """A valid request that is rejected; the operation's model determines the error code."""

    code = "ValidationException"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(Refusal):
    """The request violates a rule that its shapes do not express."""


class NotFound(Refusal):
    """The resource does not exist."""

    code = "ResourceNotFound"


class InUse(Refusal):
    """The name is already taken."""

    code = "ResourceInUse"


class Conflict(Refusal):
    """The request conflicts with the current state of the resource."""

    code = "ConflictException"


class ObjectNotFound(Refusal):
    """Application Auto Scaling does not know the target."""

    code = "ObjectNotFoundException"


class LimitExceeded(Refusal):
    """The resource would exceed a quota."""

    code = "ResourceLimitExceeded"


def as_service_error(refusal: Refusal, operation: OperationModel) -> ServiceError:
    """The error with the refusal's code if the operation declares it, else with the validation error code."""
    declared = {shape.name for shape in operation.error_shapes}
    if refusal.code in declared:
        return ServiceError(refusal.code, refusal.message, 404 if refusal.code == "ResourceNotFound" else 400)
    return ServiceError(validation_code(operation), refusal.message)
