"""The errors a caller sees, with AWS's codes and shapes."""

from botocore.model import OperationModel


class ServiceError(Exception):
    """An answer that is an error: AWS's error code, the message, the HTTP status and any further fields."""

    def __init__(self, code: str, message: str, status: int = 400, **fields: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


class Refusal(Exception):
    """A well-formed request that cannot be served; the operation's model decides on the code."""

    code = "ValidationException"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(Refusal):
    """What was asked makes no sense as a whole."""


class NotFound(Refusal):
    """The resource named is not there."""

    code = "ResourceNotFound"


class InUse(Refusal):
    """A resource of that name is there already, or is busy."""

    code = "ResourceInUse"


class Conflict(Refusal):
    """Another change got there first."""

    code = "ConflictException"


def as_service_error(refusal: Refusal, operation: OperationModel) -> ServiceError:
    """The refusal under the code that the operation declares, or its service's validation error."""
    declared = {shape.name for shape in operation.error_shapes}
    if refusal.code in declared:
        return ServiceError(refusal.code, refusal.message, 404 if refusal.code == "ResourceNotFound" else 400)
    return ServiceError(validation_code(operation), refusal.message)


def validation_code(operation: OperationModel) -> str:
    """ValidationError for the services that declare it (the runtimes), ValidationException for the others."""
    names = {shape.name for shape in operation.error_shapes}
    return "ValidationError" if "ValidationError" in names else "ValidationException"
