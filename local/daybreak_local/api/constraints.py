"""The constraints of a request's model: required members, types, ranges, lengths, patterns, enumerations.

botocore's clients check half of them: neither upper bounds nor patterns nor enumerations. AWS checks all,
the types first, and answers with every violation at once.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import regex
from botocore.model import OperationModel, Shape, StructureShape

from daybreak_local.api.errors import ServiceError, serialization_code, validation_code

# Exact types, because a boolean is an int in Python. Timestamps have many forms.
_TYPES: dict[str, set[type]] = {
    "structure": {dict},
    "map": {dict},
    "list": {list},
    "string": {str},
    "boolean": {bool},
    "integer": {int},
    "long": {int},
    "float": {int, float},
    "double": {int, float},
    # Base64 in JSON.
    "blob": {str, bytes},
}
_SHOWN_CHARACTERS = 200

# Whether a value satisfies a constraint, and how AWS words it.
_Constraint = tuple[Callable[[Any], bool], str]


class _Rules(NamedTuple):
    """What the model says about a shape, prepared for many requests."""

    types: set[type] | None
    constraints: list[_Constraint]
    # A structure's members by either of their names: as AWS's messages spell them, and their shapes.
    members: dict[str, tuple[str, Shape]] | None
    required: list[tuple[str, set[str]]]


class _Mistyped(Exception):
    """A value of the wrong type."""


# What judging has cost since the start, for `npm run bench`.
EFFORT = {"requests": 0, "seconds": 0.0}


@contextmanager
def judging() -> Iterator[None]:
    """Counts a request that is judged, and the processor time that this takes."""
    began = time.thread_time()
    try:
        yield
    finally:
        EFFORT["requests"] += 1
        EFFORT["seconds"] += time.thread_time() - began


def check(operation: OperationModel, request: dict[str, Any], protocol: str) -> None:
    """Raises ServiceError, with AWS's code and message, if the request violates the operation's model."""
    try:
        found = violations(operation.input_shape, request)
    except _Mistyped as mistyped:
        raise ServiceError(serialization_code(protocol), str(mistyped)) from None
    if found:
        detected = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise ServiceError(validation_code(operation), f"{detected} detected: {'; '.join(found)}")


def violations(shape: Shape | None, value: Any) -> list[str]:
    """How a value violates the model of its shape, in AWS's words."""
    found: list[str] = []
    if shape is not None:
        _check(shape, value, "", found)
    return found


def _check(shape: Shape, value: Any, path: str, violations: list[str]) -> None:
    rules = _rules(shape)
    if rules.types and type(value) not in rules.types:
        raise _Mistyped(f"A {type(value).__name__} can not be converted to a {shape.type_name} at '{path}'.")
    for holds, words in rules.constraints:
        if not holds(value):
            shown = _shown(shape, value)
            violations.append(f"Value {shown} at '{path}' failed to satisfy constraint: {words}")
    if rules.members is not None:
        _check_members(rules, value, f"{path}." if path else "", violations)
    elif shape.type_name == "list":
        for position, item in enumerate(value, 1):
            _check(shape.member, item, f"{path}.{position}.member", violations)
    elif shape.type_name == "map":
        for key, item in value.items():
            _check(shape.key, key, f"{path}.{key}.key", violations)
            _check(shape.value, item, f"{path}.{key}.member", violations)


def _check_members(rules: _Rules, value: dict[str, Any], path: str, violations: list[str]) -> None:
    # AWS takes a JSON null for absent.
    given = {name: item for name, item in value.items() if item is not None}
    for shown, names in rules.required:
        if names.isdisjoint(given):
            violations.append(
                f"Value null at '{path}{shown}' failed to satisfy constraint: Member must not be null"
            )
    for name, item in given.items():
        if found := rules.members.get(name):
            _check(found[1], item, path + found[0], violations)
        else:
            # AWS ignores it, and so an option that is misspelt.
            violations.append(f"'{path}{name}' is not one of the members: {', '.join(rules.members)}")


@cache
def _rules(shape: Shape) -> _Rules:
    members, required = None, []
    if isinstance(shape, StructureShape) and not shape.is_document_type:
        aliases = {name: {name, item.serialization.get("name", name)} for name, item in shape.members.items()}
        members = {
            alias: (_lower(name), item) for name, item in shape.members.items() for alias in aliases[name]
        }
        required = [(_lower(name), aliases[name]) for name in shape.required_members]
    return _Rules(_TYPES.get(shape.type_name), list(_constraints(shape)), members, required)


def _constraints(shape: Shape) -> Iterator[_Constraint]:
    limits, kind = shape.metadata, shape.type_name
    measured, size = ("value", float) if kind in ("integer", "long", "float", "double") else ("length", len)
    size = _length if kind == "blob" else size
    if (least := limits.get("min")) is not None:
        words = f"Member must have {measured} greater than or equal to {least}"
        yield lambda value: size(value) >= least, words
    if (most := limits.get("max")) is not None:
        words = f"Member must have {measured} less than or equal to {most}"
        yield lambda value: size(value) <= most, words
    if "pattern" in limits and kind == "string":
        # Java's syntax, such as `\p{L}`, which `regex` knows and `re` does not.
        java = limits["pattern"].replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
        matches = regex.compile(java, regex.DOTALL).fullmatch
        yield matches, f"Member must satisfy regular expression pattern: {limits['pattern']}"
    if values := limits.get("enum"):
        yield set(values).__contains__, f"Member must satisfy enum value set: [{', '.join(values)}]"


def _length(blob: str | bytes) -> int:
    """The number of bytes; text is base64."""
    return len(blob) // 4 * 3 - blob[-2:].count("=") if isinstance(blob, str) else len(blob)


def _shown(shape: Shape, value: Any) -> str:
    if shape.metadata.get("sensitive"):
        return "'***'"
    text = str(value)
    return f"'{text[:_SHOWN_CHARACTERS]}…'" if len(text) > _SHOWN_CHARACTERS else f"'{text}'"


def _lower(name: str) -> str:
    """AWS's messages spell members as its Java code does."""
    return name[:1].lower() + name[1:]
