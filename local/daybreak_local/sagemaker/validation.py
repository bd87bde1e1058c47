"""Requests and answers against botocore's shapes: what AWS would refuse is refused, in AWS's words."""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from dateutil.parser import isoparse

from daybreak_local.sagemaker.errors import ServiceError, validation_code
from daybreak_local.sagemaker.patterns import compile_pattern

_JSON_TYPES = {
    "string": (str, "a String"),
    "character": (str, "a String"),
    "boolean": (bool, "a Boolean"),
    "integer": (int, "an Integer"),
    "long": (int, "a Long"),
    "float": ((int, float), "a Float"),
    "double": ((int, float), "a Double"),
    "structure": (dict, "a Structure"),
    "map": (dict, "a Map"),
    "list": (list, "a List"),
}


def parse_request(operation: OperationModel, value: Any) -> dict[str, Any]:
    """The request as AWS would take it. Raises ServiceError with all of its violations at once."""
    shape = operation.input_shape
    if shape is None:
        return {}
    parsed = _parse(shape, {} if value is None else value, "")
    violations = list(_violations(shape, parsed, ""))
    if violations:
        count = len(violations)
        detected = "1 validation error" if count == 1 else f"{count} validation errors"
        raise ServiceError(validation_code(operation), f"{detected} detected: {'; '.join(violations)}")
    return parsed


def render_answer(shape: Shape | None, value: Any) -> Any:
    """The answer as it goes over the wire: only what AWS has, times as epoch seconds, nothing unset."""
    if shape is None or value is None:
        return {} if value is None else value
    if isinstance(shape, StructureShape):
        return {
            name: render_answer(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [render_answer(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: render_answer(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, datetime):
        return value.timestamp()
    if shape.type_name == "blob" and isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def _parse(shape: Shape, value: Any, path: str) -> Any:
    """Types and unknown members first: neither is worth reporting beside a constraint."""
    kind = shape.type_name
    if kind == "timestamp":
        return _parse_timestamp(value, path)
    if kind == "blob":
        return _parse_blob(value, path)
    expected, article = _JSON_TYPES[kind]
    wrong = not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean")
    if wrong:
        raise _serialization(path, f"{_token(value)} can not be converted to {article}")
    if isinstance(shape, StructureShape):
        return _parse_structure(shape, value, path)
    if isinstance(shape, ListShape):
        return [
            _parse(shape.member, item, f"{path}.{position}.member") for position, item in enumerate(value, 1)
        ]
    if isinstance(shape, MapShape):
        return {key: _parse(shape.value, item, f"{path}.{key}.member") for key, item in value.items()}
    return value


def _parse_structure(shape: StructureShape, value: dict[str, Any], path: str) -> dict[str, Any]:
    unknown = [name for name in value if name not in shape.members]
    if unknown:
        where = f" at '{path}'" if path else ""
        raise ServiceError(
            "ValidationException",
            f'Unknown parameter in input{where}: "{unknown[0]}", must be one of: {", ".join(shape.members)}',
        )
    # AWS reads a JSON null as "not given".
    return {
        name: _parse(shape.members[name], item, _join(path, name))
        for name, item in value.items()
        if item is not None
    }


def _parse_timestamp(value: Any, path: str) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return isoparse(value).timestamp()
    except (TypeError, ValueError):
        raise _serialization(path, f"{_token(value)} can not be converted to a Timestamp") from None


def _parse_blob(value: Any, path: str) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise _serialization(path, f"{_token(value)} is not base64") from None


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure_violations(shape, value, path)
        return
    for constraint in _constraints(shape, value):
        yield _violation(value, path, constraint)
    if isinstance(shape, ListShape):
        for position, item in enumerate(value, 1):
            if isinstance(shape.member, StructureShape):
                yield from _violations(shape.member, item, f"{path}.{position}.member")
            elif inner := list(_constraints(shape.member, item)):
                yield _violation(value, path, f"Member must satisfy constraint: [{', '.join(inner)}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            if inner := list(_constraints(shape.key, key)):
                yield _violation(value, path, f"Map keys must satisfy constraint: [{', '.join(inner)}]")
            if isinstance(shape.value, StructureShape | ListShape):
                yield from _violations(shape.value, item, f"{path}.{key}.member")
            elif inner := list(_constraints(shape.value, item)):
                yield _violation(value, path, f"Map value must satisfy constraint: [{', '.join(inner)}]")


def _structure_violations(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield _violation(None, _join(path, name), "Member must not be null")
    if shape.is_tagged_union and len(value) != 1:
        yield _violation(value, path, f"Exactly one of [{', '.join(shape.members)}] must be set")
    for name, item in value.items():
        yield from _violations(shape.members[name], item, _join(path, name))


def _constraints(shape: Shape, value: Any) -> Iterator[str]:
    """The constraints of a leaf, a list or a map that the value breaks."""
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in ("integer", "long", "float", "double"):
        if low is not None and value < low:
            yield f"Member must have value greater than or equal to {low}"
        if high is not None and value > high:
            yield f"Member must have value less than or equal to {high}"
        return
    if shape.type_name in ("string", "list", "map", "blob"):
        if low is not None and len(value) < low:
            yield f"Member must have length greater than or equal to {low}"
        if high is not None and len(value) > high:
            yield f"Member must have length less than or equal to {high}"
    if shape.type_name == "string":
        pattern, allowed = shape.metadata.get("pattern"), shape.metadata.get("enum")
        if pattern and not compile_pattern(pattern).fullmatch(value):
            yield f"Member must satisfy regular expression pattern: {pattern}"
        if allowed and value not in allowed:
            yield f"Member must satisfy enum value set: [{', '.join(allowed)}]"


def _violation(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{_shown(value)}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 256 else f"{text[:256]}…"


def _join(path: str, name: str) -> str:
    return f"{path}.{name[:1].lower()}{name[1:]}" if path else f"{name[:1].lower()}{name[1:]}"


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    names = {
        str: "STRING_VALUE",
        int: "NUMBER_VALUE",
        float: "DECIMAL_VALUE",
        dict: "START_OBJECT",
        list: "START_ARRAY",
    }
    return names.get(type(value), "NULL_VALUE")


def _serialization(path: str, problem: str) -> ServiceError:
    return ServiceError("SerializationException", f"{problem} (at '{path or 'the request'}')")
