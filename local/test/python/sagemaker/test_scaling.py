"""Scalable targets of endpoints: what AWS refuses, and how they end."""

from collections.abc import Callable
from typing import Any

import pytest
from sagemaker_endpoints import Endpoints
from sagemaker_fakes import FakePlatform

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.service import LocalSageMaker

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/shop/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
POLICY = {
    "PolicyName": "requests",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 600,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    },
}


@pytest.fixture
def endpoints(sagemaker: LocalSageMaker, platform: FakePlatform, archive: Callable[..., bytes]) -> Endpoints:
    return Endpoints(sagemaker, platform, archive)


@pytest.fixture
def scale(sagemaker: LocalSageMaker) -> Callable[..., dict[str, Any]]:
    """Calls Application Auto Scaling on the endpoint `shop`."""

    def call(operation: str, **more: Any) -> dict[str, Any]:
        return sagemaker.call(operation, {**TARGET, **more}, model.SCALING)

    return call


def registered(sagemaker: LocalSageMaker) -> list[str]:
    listed = {"ServiceNamespace": "sagemaker"}
    found = sagemaker.call("DescribeScalableTargets", listed, model.SCALING)["ScalableTargets"]
    policies = sagemaker.call("DescribeScalingPolicies", listed, model.SCALING)["ScalingPolicies"]
    return [one["ResourceId"] for one in found] + [one["PolicyName"] for one in policies]


def test_a_target_is_an_endpoint_in_service(
    sagemaker: LocalSageMaker, endpoints: Endpoints, scale: Callable[..., dict[str, Any]]
) -> None:
    with pytest.raises(ServiceError, match="variant not found"):
        scale("RegisterScalableTarget", MinCapacity=1, MaxCapacity=4)
    endpoints.create(endpoints.config("a"))
    with pytest.raises(ServiceError, match="required to register"):
        scale("RegisterScalableTarget", MinCapacity=1)
    with pytest.raises(ServiceError, match="cannot be less"):
        scale("RegisterScalableTarget", MinCapacity=5, MaxCapacity=4)
    with pytest.raises(ServiceError, match="No scalable target") as missing:
        scale("PutScalingPolicy", **POLICY)
    assert missing.value.code == "ObjectNotFoundException"
    scale("RegisterScalableTarget", MinCapacity=1, MaxCapacity=4)
    scale("PutScalingPolicy", **POLICY)
    assert registered(sagemaker) == [TARGET["ResourceId"], "requests"]


def test_the_instance_type_of_a_target_changes_only_once_it_is_deregistered(
    sagemaker: LocalSageMaker, endpoints: Endpoints, scale: Callable[..., dict[str, Any]]
) -> None:
    endpoints.create(endpoints.config("a"))
    scale("RegisterScalableTarget", MinCapacity=1, MaxCapacity=4)
    other = {"VariantName": "AllTraffic", "ModelName": "a", "InitialInstanceCount": 1}
    for name, kind in (("same", "ml.m5.large"), ("larger", "ml.m5.xlarge")):
        variant = {**other, "InstanceType": kind}
        sagemaker.call("CreateEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": [variant]})
    with pytest.raises(ServiceError, match="deregister it"):
        endpoints.update("larger")
    endpoints.update("same", wait_seconds=0)
    assert endpoints.settled()["EndpointConfigName"] == "same"
    scale("DeregisterScalableTarget")
    endpoints.update("larger", wait_seconds=0)
    assert endpoints.settled()["EndpointConfigName"] == "larger"
    with pytest.raises(ServiceError, match="No scalable target"):
        scale("DeregisterScalableTarget")


def test_a_deleted_endpoint_is_no_target_any_more(
    sagemaker: LocalSageMaker, endpoints: Endpoints, scale: Callable[..., dict[str, Any]]
) -> None:
    endpoints.create(endpoints.config("a"))
    scale("RegisterScalableTarget", MinCapacity=1, MaxCapacity=4)
    scale("PutScalingPolicy", **POLICY)
    sagemaker.call("DeleteEndpoint", {"EndpointName": "shop"})
    assert registered(sagemaker) == []


def test_requests_are_judged_by_the_model_of_their_service(scale: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(ServiceError) as invalid:
        scale("RegisterScalableTarget", ScalableDimension="sagemaker:variant:Size", MinCapacity=1)
    assert invalid.value.code == "ValidationException"
