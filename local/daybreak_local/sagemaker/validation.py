"""Validates requests and renders responses with botocore's models.

botocore's own validator checks required and unknown members, types and lower bounds. This module adds
upper bounds, patterns and enumerations, which AWS enforces too.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import regex
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

from daybreak_local.sagemaker.errors import ServiceError, validation_code


def parse_request(operation: OperationModel, value: Any) -> dict[str, Any]:
    """The request without nulls. Raises ServiceError that lists all violations."""
    shape = operation.input_shape
    if shape is None:
        return {}
    # AWS treats a JSON null as absent.
    request = _without_nulls(value or {})
    report = ParamValidator().validate(request, shape).generate_report()
    violations = report.splitlines() or list(_violations(shape, request, "input"))
    if violations:
        detected = "1 validation error" if len(violations) == 1 else f"{len(violations)} validation errors"
        raise ServiceError(validation_code(operation), f"{detected} detected: {'; '.join(violations)}")
    return request


def render_answer(shape: Shape | None, value: Any) -> Any:
    """The response, reduced to the members that its shape declares and that are set."""
    if isinstance(shape, StructureShape):
        return {
            name: render_answer(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [render_answer(shape.member, item) for item in value]
    return value if shape else {}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    limits = shape.metadata
    if shape.type_name in ("string", "list", "map", "blob") and len(value) > limits.get("max", len(value)):
        yield f"{path}: Member must have length less than or equal to {limits['max']}"
    if shape.type_name in ("integer", "long", "float", "double") and value > limits.get("max", value):
        yield f"{path}: Member must have value less than or equal to {limits['max']}"
    if shape.type_name == "string":
        if "pattern" in limits and not _compiled(limits["pattern"]).fullmatch(value):
            yield f"{path}: Member must satisfy regular expression pattern: {limits['pattern']}"
        if value not in limits.get("enum", [value]):
            yield f"{path}: Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    if isinstance(shape, StructureShape):
        for name, item in value.items():
            yield from _violations(shape.members[name], item, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for position, item in enumerate(value, 1):
            yield from _violations(shape.member, item, f"{path}.{position}")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _violations(shape.key, key, f"{path} (key)")
            yield from _violations(shape.value, item, f"{path}.{key}")


@cache
def _compiled(pattern: str) -> Any:
    """AWS's patterns use Java syntax such as `\\p{L}`, which `regex` supports and `re` does not."""
    pairs = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    return regex.compile(pairs, regex.DOTALL)
