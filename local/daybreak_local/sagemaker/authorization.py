"""The IAM permissions a request requires: its action on its resources, and iam:PassRole for its roles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.sagemaker.control.scaling import SERVICE, SERVICE_LINKED_ROLE
from daybreak_local.sagemaker.names import arn, name_of

# Resource types in operation names. The request names the resource in the member of that type.
_SUBJECTS = (
    "FeatureGroup",
    "ModelPackageGroup",
    "TrainingJob",
    "ProcessingJob",
    "Model",
    "EndpointConfig",
    "Endpoint",
)
_VERBS = ("Create", "Describe", "Update", "Delete", "Stop", "Put", "Get", "Invoke")


@dataclass(frozen=True)
class Check:
    """One permission: the action, the resource, and the condition keys of the request."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)


Metadata = Callable[[str], dict[str, str]]


def required_permissions(operation: str, request: dict[str, Any], metadata: Metadata) -> list[Check]:
    """Every permission the caller needs. The request has not been validated yet.

    `metadata` gives the customer metadata of a model package, by its ARN.
    """
    action = f"sagemaker:{operation}"
    checks = [
        Check(
            action,
            resource,
            _version_keys(request, metadata(resource)) if "ModelPackage" in operation else {},
        )
        for resource in _resources(operation, request)
    ]
    if operation.startswith("Create") and request.get("Tags"):
        # As on AWS, creating a resource with tags also requires AddTags on it.
        checks.append(Check("sagemaker:AddTags", checks[0].resource))
    roles = sorted(set(_roles(request)))
    checks += [
        Check("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}) for role in roles
    ]
    return checks


# What Application Auto Scaling does in its caller's name, which must be allowed it, too.
_SCALED = {
    "RegisterScalableTarget": (
        "sagemaker:DescribeEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "iam:CreateServiceLinkedRole",
    ),
    "PutScalingPolicy": ("cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms"),
    "DeregisterScalableTarget": ("cloudwatch:DeleteAlarms",),
}


def scaling_permissions(operation: str, request: dict[str, Any]) -> list[Check]:
    """Every permission that a caller of Application Auto Scaling needs. AWS makes up the ARNs of targets."""
    resource_id = _text(request, "ResourceId")
    alarms = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:"
    context = {
        "application-autoscaling:service-namespace": _text(request, "ServiceNamespace"),
        "application-autoscaling:scalable-dimension": _text(request, "ScalableDimension"),
    }
    target = f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT_ID}:scalable-target/new"
    needed = {
        "sagemaker": (arn("Endpoint", "/".join(resource_id.split("/")[1:2])), {}),
        "iam": (SERVICE_LINKED_ROLE, {"iam:AWSServiceName": SERVICE}),
        "cloudwatch": (f"{alarms}TargetTracking-{resource_id}-AlarmHigh-new", {}),
    }
    checks = [Check(f"application-autoscaling:{operation}", target, context)]
    for action in _SCALED.get(operation, ()):
        resource, more = needed[action.partition(":")[0]]
        checks.append(Check(action, f"{alarms}*" if action.endswith("DescribeAlarms") else resource, more))
    return checks


def _resources(operation: str, request: dict[str, Any]) -> list[str]:
    if operation in (
        "CreateModelPackage",
        "DescribeModelPackage",
        "UpdateModelPackage",
        "DeleteModelPackage",
    ):
        return _model_package(operation, request)
    if operation == "ListModelPackages" and "ModelPackageGroupName" in request:
        return [_arn("ModelPackageGroup", request)]
    if operation == "BatchGetRecord":
        identifiers = request.get("Identifiers")
        wanted = identifiers if isinstance(identifiers, list) else []
        return sorted({_arn("FeatureGroup", one) for one in wanted if isinstance(one, dict)}) or ["*"]
    operation = operation.replace("ModelPackageGroupPolicy", "ModelPackageGroup")
    subject = next((operation.removeprefix(verb) for verb in _VERBS if operation.startswith(verb)), "")
    subject = "FeatureGroup" if subject == "Record" else subject
    if subject not in _SUBJECTS:
        return ["*"]
    if operation in ("CreateEndpoint", "UpdateEndpoint"):
        return [_arn(subject, request), _arn("EndpointConfig", request)]
    return [_arn(subject, request)]


def _model_package(operation: str, request: dict[str, Any]) -> list[str]:
    if operation == "CreateModelPackage" and "ModelPackageGroupName" in request:
        group = name_of(_text(request, "ModelPackageGroupName"))
        # The version number is not assigned yet, so policies must match it with a wildcard.
        return [arn("ModelPackage", f"{group}/*"), arn("ModelPackageGroup", group)]
    return [_text(request, "ModelPackageArn") or _arn("ModelPackage", request)]


def _version_keys(request: dict[str, Any], current: dict[str, str]) -> dict[str, Any]:
    """The condition keys of operations on model packages (service authorization reference of SageMaker)."""
    keys = {f"sagemaker:CurrentCustomerMetadataProperties/{key}": value for key, value in current.items()}
    given = request.get("CustomerMetadataProperties")
    for key, value in given.items() if isinstance(given, dict) else ():
        keys[f"sagemaker:CustomerMetadataProperties/{key}"] = value
    for member in ("ModelApprovalStatus", "CustomerMetadataPropertiesToRemove"):
        if member in request:
            keys[f"sagemaker:{member}"] = request[member]
    return keys


def _arn(subject: str, request: dict[str, Any]) -> str:
    return arn(subject, name_of(_text(request, f"{subject}Name")) or "*")


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
