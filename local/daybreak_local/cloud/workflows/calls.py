"""AWS API calls with a workflow's role and Step Functions' naming of fields, values and errors."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.model import ListShape, MapShape, Shape, StructureShape
from ministack.services import stepfunctions

from daybreak_local.cloud import hooks
from daybreak_local.cloud.clients import make_client
from daybreak_local.cloud.credentials import RoleError, role_environment

hooks.require(stepfunctions, "_api_name_to_sfn_key")

_CONFIG = Config(
    retries={"total_max_attempts": 1},  # the workflow's Retry decides
    read_timeout=900,  # Lambda's maximum timeout, the longest of any synchronous call
    max_pool_connections=32,
    s3={"addressing_style": "path"},
)


class ServiceError(Exception):
    """A failed task: the error name that Retry and Catch match, and its cause."""

    def __init__(self, name: str, cause: str):
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


@dataclass(frozen=True)
class Caller:
    """A task's role, execution and deadline."""

    role_arn: str
    execution: dict[str, Any]
    deadline: float = float("inf")

    @property
    def over(self) -> bool:
        """Whether the execution was stopped or the task timed out."""
        return self.execution["status"] != "RUNNING" or time.monotonic() > self.deadline


@dataclass(frozen=True)
class Naming:
    """A service's error names: `prefix`.Name if modeled in the API, else `prefix`.`unmodeled`."""

    prefix: str
    unmodeled: str


def call(
    caller: Caller, service: str, operation: str, arguments: dict[str, Any], naming: Naming
) -> dict[str, Any]:
    """Calls `operation` (camelCase or PascalCase); returns the result in Step Functions' format.

    Raises ServiceError.
    """
    try:
        client = _client(caller.role_arn, service)
    except (RoleError, BotoCoreError) as error:
        raise ServiceError("States.Runtime", str(error)) from error
    name = operation[0].upper() + operation[1:]
    if name not in client.meta.service_model.operation_names:
        raise ServiceError("States.Runtime", f"The service {service} has no operation {name}.")
    model = client.meta.service_model.operation_model(name)
    request = to_request(model.input_shape, arguments, name) if model.input_shape else {}
    try:
        response = client._make_api_call(name, request)
    except ClientError as error:
        raise _named(error, model, naming) from error
    except ParamValidationError as error:
        raise ServiceError("States.Runtime", str(error)) from error
    except BotoCoreError as error:
        raise ServiceError(f"{naming.prefix}.SdkClientException", str(error)) from error
    response.pop("ResponseMetadata", None)
    return to_result(model.output_shape, response) if model.output_shape else {}


def _named(error: ClientError, model: Any, naming: Naming) -> ServiceError:
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code = details.get("Code", "Unknown")
    declared = {shape.name for shape in model.error_shapes} | {
        shape.metadata.get("error", {}).get("code") for shape in model.error_shapes
    }
    name = naming.unmodeled
    if code in declared:
        name = code if code.endswith("Exception") else f"{code}Exception"
    cause = (
        f"{details.get('Message', '')} (Service: {naming.prefix}, "
        f"Status Code: {metadata.get('HTTPStatusCode')}, Error Code: {code}, "
        f"Request ID: {metadata.get('RequestId')})"
    )
    return ServiceError(f"{naming.prefix}.{name}", cause)


def to_request(shape: Shape, value: Any, where: str) -> Any:
    """Converts arguments for botocore: field names ignore case; objects become JSON strings if needed."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {name.lower(): name for name in shape.members}
        unknown = [key for key in value if key.lower() not in members]
        if unknown:
            raise ServiceError(
                "States.Runtime",
                f"The field {unknown[0]!r} is not supported by {where}. "
                f"Its fields are: {', '.join(shape.members)}.",
            )
        return {
            members[key.lower()]: to_request(shape.members[members[key.lower()]], item, f"{where}.{key}")
            for key, item in value.items()
            if item is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_request(shape.member, item, where) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_request(shape.value, item, where) for key, item in value.items()}
    if shape.type_name in ("string", "blob"):
        text = json.dumps(value, separators=(",", ":")) if isinstance(value, dict | list) else value
        return text.encode() if shape.type_name == "blob" and isinstance(text, str) else text
    if shape.type_name in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)  # JSONata has no integer type
    return value


def to_result(shape: Shape, value: Any) -> Any:
    """Converts a botocore response to JSON with the SDK for Java's field names, as Step Functions does."""
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            stepfunctions._api_name_to_sfn_key(key): to_result(shape.members[key], item)
            for key, item in value.items()
            if key in shape.members
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_result(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_result(shape.value, item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode(errors="replace")
    return value


@cache
def _client(role_arn: str, service: str) -> Any:
    """Cached, because loading a service model takes tens of milliseconds."""
    return make_client(service, role_environment(role_arn, "stepfunctions", "states.amazonaws.com"), _CONFIG)
