"""The error response of a request, with AWS's code for what is wrong with it."""

from botocore.model import OperationModel

# The services with a code of their own for a violated constraint.
_VALIDATION_CODES = {
    "logs": "InvalidParameterException",
    "sqs": "InvalidParameterValue",
    "s3": "InvalidArgument",
}
_SERIALIZATION_CODES = {"query": "MalformedInput", "rest-xml": "MalformedXML"}


class ServiceError(Exception):
    """An error response: AWS's error code, message, HTTP status and any additional fields."""

    def __init__(self, code: str, message: str, status: int = 400, **fields: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


def validation_code(operation: OperationModel) -> str:
    """The code of a request that violates a constraint of its model."""
    declared = {shape.name for shape in operation.error_shapes}
    # Services that spoke the Query protocol first (IAM, STS, SNS, CloudWatch) name no exceptions.
    spoke_query = "query" in operation.service_model.metadata.get("protocols", ())
    default = "ValidationError" if spoke_query or "ValidationError" in declared else "ValidationException"
    return _VALIDATION_CODES.get(operation.service_model.service_name, default)


def serialization_code(protocol: str) -> str:
    """The code of a request that has a value of the wrong type or is not in its protocol's format."""
    return _SERIALIZATION_CODES.get(protocol, "SerializationException")
