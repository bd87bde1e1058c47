"""The IAM permissions a request requires: its action on its resources, and iam:PassRole for its roles."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from daybreak_local.sagemaker.names import arn

# Resource type in the operation name: (request member with its name, resource type in its ARN).
_NAMED = {
    "FeatureGroup": ("FeatureGroupName", "feature-group"),
    "ModelPackageGroup": ("ModelPackageGroupName", "model-package-group"),
    "TrainingJob": ("TrainingJobName", "training-job"),
    "ProcessingJob": ("ProcessingJobName", "processing-job"),
    "Model": ("ModelName", "model"),
    "EndpointConfig": ("EndpointConfigName", "endpoint-config"),
    "Endpoint": ("EndpointName", "endpoint"),
    "Record": ("FeatureGroupName", "feature-group"),
}
_VERBS = ("Create", "Describe", "Update", "Delete", "Stop", "Put", "Get", "Invoke")


@dataclass(frozen=True)
class Check:
    """One permission: the action, the resource, and the condition keys of the request."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)


def required_permissions(operation: str, request: dict[str, Any]) -> list[Check]:
    """Every permission the caller needs. The request has not been validated yet."""
    action = f"sagemaker:{operation}"
    checks = [Check(action, resource) for resource in _resources(operation, request)]
    if operation.startswith("Create") and request.get("Tags"):
        # As on AWS, creating a resource with tags also requires AddTags on it.
        checks.append(Check("sagemaker:AddTags", checks[0].resource))
    roles = sorted(set(_roles(request)))
    checks += [
        Check("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}) for role in roles
    ]
    return checks


def _resources(operation: str, request: dict[str, Any]) -> list[str]:
    if operation in ("AddTags", "ListTags", "DeleteTags"):
        return [_text(request, "ResourceArn") or "*"]
    if operation in (
        "CreateModelPackage",
        "DescribeModelPackage",
        "UpdateModelPackage",
        "DeleteModelPackage",
    ):
        return _model_package(operation, request)
    if operation == "ListModelPackages" and "ModelPackageGroupName" in request:
        return [_arn("model-package-group", _text(request, "ModelPackageGroupName"))]
    if operation == "BatchGetRecord":
        identifiers = request.get("Identifiers")
        wanted = identifiers if isinstance(identifiers, list) else []
        names = sorted({_text(one, "FeatureGroupName") for one in wanted if isinstance(one, dict)})
        return [_arn("feature-group", name) for name in names] or ["*"]
    subject = next((operation.removeprefix(verb) for verb in _VERBS if operation.startswith(verb)), "")
    if subject not in _NAMED:
        return ["*"]
    member, kind = _NAMED[subject]
    resources = [_arn(kind, _text(request, member))]
    if operation in ("CreateEndpoint", "UpdateEndpoint"):
        resources.append(_arn("endpoint-config", _text(request, "EndpointConfigName")))
    return resources


def _model_package(operation: str, request: dict[str, Any]) -> list[str]:
    if operation == "CreateModelPackage" and "ModelPackageGroupName" in request:
        group = _text(request, "ModelPackageGroupName").rsplit("/", 1)[-1]
        # The version number is not assigned yet, so policies must match it with a wildcard.
        return [_arn("model-package", f"{group}/*"), _arn("model-package-group", group)]
    name = _text(request, "ModelPackageArn") or _text(request, "ModelPackageName")
    return [_arn("model-package", name)]


def _arn(kind: str, name: str) -> str:
    return name if name.startswith("arn:") else arn(kind, name or "*")


def _text(request: dict[str, Any], member: str) -> str:
    value = request.get(member)
    return value if isinstance(value, str) else ""


def _roles(value: Any) -> Iterator[str]:
    """Every role ARN in the request, found by member name (RoleArn, ExecutionRoleArn, …)."""
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and name.endswith(("RoleArn", "ValidationRole")):
                yield item
            else:
                yield from _roles(item)
    elif isinstance(value, list):
        for item in value:
            yield from _roles(item)
