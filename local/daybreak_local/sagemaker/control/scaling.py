"""Application Auto Scaling of endpoints: scalable targets and their policies.

It keeps them as AWS does and refuses what AWS refuses, but scales nothing: a fleet keeps its size.
"""

import time
import uuid

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.sagemaker.control.base import Context, Request
from daybreak_local.sagemaker.errors import Invalid, ObjectNotFound
from daybreak_local.sagemaker.store import Record

Key = tuple[str, str]

SERVICE = "sagemaker.application-autoscaling.amazonaws.com"
SERVICE_LINKED_ROLE = (
    f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/{SERVICE}/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


class Scaling:
    """The scalable targets by endpoint and variant, each with its policies by name."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._targets: dict[Key, Record] = {}
        self._policies: dict[Key, dict[str, Record]] = {}

    def register(self, request: Request) -> Record:
        """Adds or changes a target. The endpoint must be in service, as on AWS."""
        key = _key(request)
        endpoint = self._store.endpoints.records.get(key[0])
        variants = [one["VariantName"] for one in (endpoint or {}).get("ProductionVariants", [])]
        if endpoint is None or key[1] not in variants:
            raise Invalid(f"Amazon SageMaker variant not found: {request['ResourceId']}")
        if endpoint["EndpointStatus"] != "InService":
            raise Invalid(f"The endpoint of {request['ResourceId']} is not InService.")
        known = self._targets.get(key, {})
        target = {**known, **request}
        if target.get("MinCapacity") is None or target.get("MaxCapacity") is None:
            raise Invalid("MinCapacity and MaxCapacity are required to register a scalable target.")
        if target["MinCapacity"] > target["MaxCapacity"]:
            raise Invalid("Maximum capacity cannot be less than minimum capacity.")
        arn = f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT_ID}:scalable-target/{uuid.uuid4().hex}"
        made = {"ScalableTargetARN": arn, "RoleARN": SERVICE_LINKED_ROLE, "CreationTime": time.time()}
        self._targets[key] = {**made, **target}
        return {"ScalableTargetARN": self._targets[key]["ScalableTargetARN"]}

    def deregister(self, request: Request) -> Record:
        """Removes a target with its policies. Raises ObjectNotFound."""
        key = self._registered(request)
        del self._targets[key]
        self._policies.pop(key, None)
        return {}

    def put_policy(self, request: Request) -> Record:
        """Adds or replaces a policy. Raises ObjectNotFound."""
        name = request["PolicyName"]
        arn = (
            f"arn:aws:autoscaling:{REGION}:{ACCOUNT_ID}:scalingPolicy:{uuid.uuid4()}:"
            f"resource/sagemaker/{request['ResourceId']}:policyName/{name}"
        )
        policies = self._policies.setdefault(self._registered(request), {})
        policies[name] = {"PolicyARN": arn, "CreationTime": time.time(), **request}
        return {"PolicyARN": arn, "Alarms": []}

    def targets(self, request: Request) -> Record:
        """The targets, or those of some resources."""
        wanted = request.get("ResourceIds")
        found = [one for one in self._targets.values() if wanted is None or one["ResourceId"] in wanted]
        return {"ScalableTargets": found}

    def policies(self, request: Request) -> Record:
        """The policies, or those of one resource."""
        wanted = request.get("ResourceId")
        found = [one for policies in self._policies.values() for one in policies.values()]
        return {"ScalingPolicies": [one for one in found if wanted in (None, one["ResourceId"])]}

    def refuse_type_change(self, endpoint: str, old: Record, new: Record) -> None:
        """Raises Invalid if an update would change the instance type of a variant that is a target."""
        for variant in new["ProductionVariants"]:
            name, kept = (
                variant["VariantName"],
                {one["VariantName"]: one for one in old["ProductionVariants"]},
            )
            changed = kept.get(name, variant)["InstanceType"] != variant["InstanceType"]
            if changed and (endpoint, name) in self._targets:
                raise Invalid(
                    f"The variant {name} of the endpoint {endpoint} is a scalable target: deregister it with "
                    "Application Auto Scaling before you change its instance type."
                )

    def forget(self, endpoint: str) -> None:
        """Ends the scaling of an endpoint that is deleted."""
        for key in [key for key in self._targets if key[0] == endpoint]:
            del self._targets[key]
            self._policies.pop(key, None)

    def _registered(self, request: Request) -> Key:
        key = _key(request)
        if key not in self._targets:
            raise ObjectNotFound(
                f"No scalable target found for service namespace: sagemaker, "
                f"resource ID: {request['ResourceId']}, scalable dimension: {request['ScalableDimension']}"
            )
        return key


def _key(request: Request) -> Key:
    parts = request["ResourceId"].split("/")
    if request["ServiceNamespace"] != "sagemaker" or len(parts) != 4 or parts[::2] != ["endpoint", "variant"]:
        raise Invalid("The local cloud scales SageMaker's endpoints: endpoint/<name>/variant/<name>.")
    return parts[1], parts[3]
