"""Resource ARNs for IAM authorization where ministack's differ from AWS's.

Glue: ministack confuses databases and tables; AWS checks the table, its database and the catalog.
CloudWatch Logs: policies name log streams (`log-group:name:*`), ministack only the group.
CloudWatch: DescribeAlarms is authorized on all alarms; ministack has no resource for it.
"""

import json
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from daybreak_local.cloud import hooks

_JOB_OPERATIONS = {"CreateJob": "Name", "UpdateJob": "JobName", "GetJob": "JobName", "DeleteJob": "JobName"}
_DATABASE_OPERATIONS = {"GetDatabase": "Name", "UpdateDatabase": "Name", "DeleteDatabase": "Name"}


def install() -> None:
    hooks.wrap(iam_actions, "extract_resource_arn", _with_own_lookups)
    hooks.wrap(iam_evaluator, "enforce", _with_parents)


def _with_own_lookups(
    original: Any,
    service: str,
    method: str,
    path: str,
    headers: dict,
    body: bytes,
    query_params: dict,
    region: str,
    account_id: str,
) -> str:
    lookup = {"glue": glue_resource, "logs": logs_resource}.get(service)
    operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    resource = lookup(operation, _members(body)) if lookup and operation else None
    if service == "monitoring" and _names(b"DescribeAlarms", operation, path, body):
        return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:*"
    if resource is not None:
        return f"arn:aws:{service}:{region}:{account_id}:{resource}"
    return original(service, method, path, headers, body, query_params, region, account_id)


def _with_parents(
    original: Any,
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:
    for resource in [resource_arn, *(glue_parents(resource_arn) if service == "glue" else ())]:
        refused = original(access_key_id, iam_action, service, region, resource, service_context)
        if refused:
            return refused
    return None


def glue_resource(operation: str, request: dict[str, Any]) -> str | None:
    """The most specific resource of a Glue operation; None where ministack is correct."""
    if operation in _DATABASE_OPERATIONS:
        return f"database/{request.get('Name', '*')}"
    if operation == "CreateDatabase":
        return f"database/{(request.get('DatabaseInput') or {}).get('Name', '*')}"
    if operation in _JOB_OPERATIONS:
        return f"job/{request.get(_JOB_OPERATIONS[operation], '*')}"
    if operation.endswith(("JobRun", "JobRuns")):
        return f"job/{request.get('JobName', '*')}"
    if "DatabaseName" in request:
        table = (
            request.get("TableName") or request.get("Name") or (request.get("TableInput") or {}).get("Name")
        )
        return f"table/{request['DatabaseName']}/{table or '*'}"
    return None


def glue_parents(resource_arn: str) -> list[str]:
    """The parent resources that AWS also authorizes: the database and the catalog."""
    start, _, resource = resource_arn.rpartition(":")
    if resource.startswith("table/"):
        return [f"{start}:database/{resource.split('/')[1]}", f"{start}:catalog"]
    return [f"{start}:catalog"] if resource.startswith("database/") else []


def logs_resource(operation: str, request: dict[str, Any]) -> str | None:
    """The log stream of the operation, else the log group with the suffix `:*`."""
    group = request.get("logGroupName")
    if not group or operation in ("TagResource", "UntagResource", "ListTagsForResource"):
        return None
    stream = request.get("logStreamName")
    return f"log-group:{group}:log-stream:{stream}" if stream else f"log-group:{group}:*"


def _names(operation: bytes, target: str, path: str, body: bytes) -> bool:
    """Whether the request calls this operation, in any AWS protocol."""
    return operation.decode() in (target, path.rpartition("/")[2]) or b"Action=" + operation in body


def _members(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
