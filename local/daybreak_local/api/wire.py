"""Requests as AWS's protocols put them on the wire: the operation that one calls, and its members.

The protocols are JSON, REST JSON, REST XML and Query; ministack does not speak the others. Values that arrive
as text are converted to their declared type if they can be; `constraints` reports the others.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from xml.etree import ElementTree

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from daybreak_local.api.errors import ServiceError, serialization_code


class Http(NamedTuple):
    """A request; header names are in lower case, the values of a query parameter are a list."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, list[str]]


@dataclass(frozen=True)
class Call:
    """The operation that a request calls, the protocol that it speaks, and the parameters in its path."""

    operation: OperationModel
    protocol: str
    path: dict[str, str]


class _Route(NamedTuple):
    method: str
    path: re.Pattern[str]
    literals: frozenset[str]
    required: frozenset[tuple[str, str]]
    operation: str


def find_call(model: ServiceModel, http: Http) -> Call | None:
    """The operation of the service that the request calls; None if there is no such operation."""
    if model.metadata["protocol"].startswith("rest-"):
        return _find_route(model, http)
    target = http.headers.get("x-amz-target")
    protocol = "json" if target else "query"
    name = target.rpartition(".")[2] if target else _form(http).get("Action")
    return Call(model.operation_model(name), protocol, {}) if name in model.operation_names else None


def _find_route(model: ServiceModel, http: Http) -> Call | None:
    parameters = {"header": http.headers, "querystring": http.query}
    path = http.path.rstrip("/") or "/"

    def fit(route: _Route) -> tuple[int, int]:
        """Several operations of S3 differ only in their required parameters."""
        missing = sum(name not in parameters[place] for place, name in route.required)
        return -missing, len(route.literals) + len(route.required)

    routes = [
        route
        for route in _routes(model)
        if route.method == http.method and route.literals <= http.query.keys() and route.path.fullmatch(path)
    ]
    if not routes:
        return None
    best = max(routes, key=fit)
    found = best.path.fullmatch(path)
    return Call(
        model.operation_model(best.operation), model.metadata["protocol"], found.groupdict() if found else {}
    )


@cache
def _routes(model: ServiceModel) -> list[_Route]:
    routes = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        if operation.deprecated:
            continue  # S3 has a second, newer operation at the same place
        path, _, query = operation.http["requestUri"].partition("?")
        pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        shape = operation.input_shape
        required = frozenset(
            (member.serialization["location"], member.serialization["name"].lower())
            if member.serialization["location"] == "header"
            else ("querystring", member.serialization["name"])
            for key, member in (shape.members.items() if shape else ())
            if key in shape.required_members
            and member.serialization.get("location") in ("header", "querystring")
        )
        literals = frozenset(parse_qs(query, keep_blank_values=True)) - {"x-id"}
        routes.append(
            _Route(operation.http["method"], re.compile(pattern.rstrip("/") or "/"), literals, required, name)
        )
    return routes


def read_members(call: Call, http: Http) -> dict[str, Any]:
    """The members of a request. Raises ServiceError if it is not of its protocol's format."""
    shape = call.operation.input_shape
    if shape is None:
        return {}
    if call.protocol.startswith("rest-"):
        return _rest(call, shape, http)
    return _body(call, shape, http)


def _body(call: Call, shape: StructureShape, http: Http) -> dict[str, Any]:
    """The members in the body, whose format is the protocol's."""
    if call.protocol == "query":
        return _from_form(shape, _tree(_form(http)))
    if not http.body:
        return {}
    try:
        if call.protocol == "rest-xml":
            value = _from_xml(shape, ElementTree.fromstring(http.body))
        else:
            value = json.loads(http.body)
    except (ValueError, ElementTree.ParseError) as error:
        message = f"The body of the request is not in the format of its protocol: {error}"
        raise ServiceError(serialization_code(call.protocol), message) from None
    if not isinstance(value, dict):
        raise ServiceError(serialization_code(call.protocol), "The body of the request must be an object.")
    return value


def _rest(call: Call, shape: StructureShape, http: Http) -> dict[str, Any]:
    request: dict[str, Any] = {}
    body: dict[str, Any] | None = None
    payload = shape.serialization.get("payload")
    for key, member in shape.members.items():
        place, name = member.serialization.get("location"), member.serialization.get("name", key)
        if place == "uri" and name in call.path:
            request[key] = _from_text(member, call.path[name])
        elif place == "header" and name.lower() in http.headers:
            request[key] = _from_text(member, http.headers[name.lower()])
        elif place == "querystring" and name in http.query:
            texts = http.query[name]
            several = isinstance(member, ListShape)
            request[key] = (
                [_from_text(member.member, text) for text in texts]
                if several
                else _from_text(member, texts[0])
            )
        elif place is None and key != payload:
            body = _body(call, shape, http) if body is None else body
        elif key == payload and not isinstance(member, StructureShape):
            request[key] = http.body.decode(errors="replace") if member.type_name == "string" else http.body
        elif key == payload and http.body:
            request[key] = _body(call, member, http)
    return {**(body or {}), **request}


def _form(http: Http) -> dict[str, str]:
    """The fields of a request in the Query protocol."""
    body = parse_qs(http.body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in {**body, **http.query}.items()}


def _tree(fields: dict[str, str]) -> dict[str, Any]:
    """{"Tags.member.1.Key": "a"} as {"Tags": {"member": {"1": {"Key": "a"}}}}."""
    root: dict[str, Any] = {}
    for name, text in fields.items():
        *parents, last = name.split(".")
        node = root
        for parent in parents:
            if not isinstance(node.get(parent), dict):
                node[parent] = {}
            node = node[parent]
        node[last] = text
    return {name: node for name, node in root.items() if name not in ("Action", "Version")}


def _from_form(shape: Shape, node: Any) -> Any:
    if not isinstance(node, dict):
        empty = node == "" and isinstance(shape, ListShape)
        return [] if empty else _from_text(shape, node)
    if isinstance(shape, StructureShape):
        members = _members_by_wire_name(shape)
        known = {name: members.get(name, (name, None)) for name in node}
        return {
            key: _from_form(member, node[name]) if member else node[name]
            for name, (key, member) in known.items()
        }
    flat = shape.serialization.get("flattened")
    if isinstance(shape, ListShape):
        items = node if flat else node.get(shape.member.serialization.get("name", "member"))
        return (
            [_from_form(shape.member, item) for item in items.values()] if isinstance(items, dict) else node
        )
    if isinstance(shape, MapShape):
        entries = node if flat else node.get("entry")
        key, value = (
            shape.key.serialization.get("name", "key"),
            shape.value.serialization.get("name", "value"),
        )
        if isinstance(entries, dict) and all(isinstance(entry, dict) for entry in entries.values()):
            return {entry.get(key): _from_form(shape.value, entry.get(value)) for entry in entries.values()}
    return node


def _from_xml(shape: Shape, node: ElementTree.Element) -> Any:
    if isinstance(shape, ListShape):
        return [_from_xml(shape.member, child) for child in node]
    if not isinstance(shape, StructureShape):
        return _from_text(shape, node.text or "")
    members = _members_by_wire_name(shape)
    value: dict[str, Any] = {}
    for name, text in node.attrib.items():
        # S3's only attribute is xsi:type.
        if found := members.get(f"xsi:{name.rpartition('}')[2]}"):
            value[found[0]] = text
    for child in node:
        name = child.tag.rpartition("}")[2]
        key, member = members.get(name, (name, None))
        if member is None:
            value[key] = child.text
        elif isinstance(member, ListShape) and member.serialization.get("flattened"):
            value.setdefault(key, []).append(_from_xml(member.member, child))
        else:
            value[key] = _from_xml(member, child)
    return value


@cache
def _members_by_wire_name(shape: StructureShape) -> dict[str, tuple[str, Shape]]:
    """A flattened list is named as its members are."""
    members = {}
    for key, member in shape.members.items():
        name = member.serialization.get("name", key)
        if isinstance(member, ListShape) and member.serialization.get("flattened"):
            name = member.member.serialization.get("name", name)
        members[name] = (key, member)
    return members


def _from_text(shape: Shape, text: Any) -> Any:
    """A value that arrived as text, or the text itself if it is not of the shape's type."""
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except (ValueError, TypeError):
        return text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    # S3 does not look at the case: AWS's SDK for C++, and pyarrow with it, sends `enabled` for ENABLED.
    same = (one for one in shape.metadata.get("enum", ()) if one.lower() == str(text).lower())
    return next(same, text)
