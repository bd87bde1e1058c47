"""The model registry: versions, approval, metadata, and state-change events."""

from typing import Any

import pytest
from sagemaker_fakes import IMAGE, FakePlatform

from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.service import LocalSageMaker

GROUP = "daybreak-dev-shop"


def register(sagemaker: LocalSageMaker, **changes: Any) -> str:
    container = {"Image": IMAGE, "ModelDataUrl": "s3://lake/models/run/output/model.tar.gz"}
    specification = {
        "Containers": [container],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    answer = sagemaker.call(
        "CreateModelPackage",
        {"ModelPackageGroupName": GROUP, "InferenceSpecification": specification, **changes},
    )
    return str(answer["ModelPackageArn"])


@pytest.fixture
def registry(sagemaker: LocalSageMaker) -> LocalSageMaker:
    sagemaker.call("CreateModelPackageGroup", {"ModelPackageGroupName": GROUP})
    return sagemaker


def test_versions_count_up_and_are_never_reused(registry: LocalSageMaker) -> None:
    first, second = register(registry), register(registry)
    assert first.endswith(f":model-package/{GROUP}/1")
    assert second.endswith("/2")
    registry.call("DeleteModelPackage", {"ModelPackageName": second})
    assert register(registry).endswith("/3")


def test_a_group_keeps_its_resource_policy(registry: LocalSageMaker) -> None:
    group = {"ModelPackageGroupName": GROUP}
    for policy in ("{}", '{"Version": "2012-10-17"}'):
        registry.call("PutModelPackageGroupPolicy", {**group, "ResourcePolicy": policy})
        assert registry.call("GetModelPackageGroupPolicy", group) == {"ResourcePolicy": policy}
    registry.call("DeleteModelPackageGroupPolicy", group)
    with pytest.raises(ServiceError, match="has no resource policy"):
        registry.call("GetModelPackageGroupPolicy", group)


def test_a_package_is_described_with_its_complete_lineage(registry: LocalSageMaker) -> None:
    metadata = {f"key_{number}": f"value {number}" for number in range(50)}
    arn = register(registry, CustomerMetadataProperties=metadata)
    described = registry.call("DescribeModelPackage", {"ModelPackageName": arn})
    assert described["CustomerMetadataProperties"] == metadata
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert described["ModelPackageVersion"] == 1
    assert isinstance(described["CreationTime"], float)


def test_more_metadata_than_aws_allows_is_rejected(registry: LocalSageMaker) -> None:
    arn = register(registry, CustomerMetadataProperties={f"key_{number}": "v" for number in range(50)})
    with pytest.raises(ServiceError, match="at most 50"):
        registry.call(
            "UpdateModelPackage", {"ModelPackageArn": arn, "CustomerMetadataProperties": {"one": "more"}}
        )
    with pytest.raises(ServiceError, match="length less than or equal to 256"):
        register(registry, CustomerMetadataProperties={"key": "v" * 257})


def test_approval_emits_an_event_with_the_changed_fields(
    registry: LocalSageMaker, platform: FakePlatform
) -> None:
    arn = register(registry)
    registry.call(
        "UpdateModelPackage",
        {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved", "ApprovalDescription": "by a person"},
    )
    registry.call(
        "UpdateModelPackage", {"ModelPackageArn": arn, "CustomerMetadataProperties": {"deployed": "yes"}}
    )
    registry.flush()
    details = [
        detail for kind, detail, _ in platform.events if kind == "SageMaker Model Package State Change"
    ]
    created, approved, stamped = details
    assert "UpdatedModelPackageFields" not in created
    assert approved["ModelApprovalStatus"] == "Approved"
    assert approved["ModelPackageGroupName"] == GROUP
    assert "ModelApprovalStatus" in approved["UpdatedModelPackageFields"]
    assert stamped["UpdatedModelPackageFields"] == ["CustomerMetadataProperties"]
    assert platform.events[-1][2] == [arn]


def test_list_filters_and_sorts(registry: LocalSageMaker) -> None:
    arns = [register(registry) for _ in range(12)]
    registry.call("UpdateModelPackage", {"ModelPackageArn": arns[4], "ModelApprovalStatus": "Approved"})
    newest = registry.call(
        "ListModelPackages",
        {
            "ModelPackageGroupName": GROUP,
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
            "MaxResults": 1,
        },
    )
    assert [one["ModelPackageArn"] for one in newest["ModelPackageSummaryList"]] == arns[-1:]
    approved = registry.call(
        "ListModelPackages", {"ModelPackageGroupName": GROUP, "ModelApprovalStatus": "Approved"}
    )
    assert [one["ModelPackageArn"] for one in approved["ModelPackageSummaryList"]] == [arns[4]]
    assert "NextToken" not in approved
    first = registry.call("ListModelPackages", {"ModelPackageGroupName": GROUP})
    rest = registry.call(
        "ListModelPackages", {"ModelPackageGroupName": GROUP, "NextToken": first["NextToken"]}
    )
    pages = first["ModelPackageSummaryList"] + rest["ModelPackageSummaryList"]
    assert [one["ModelPackageArn"] for one in pages] == arns


def test_models_are_listed_newest_first_by_a_part_of_their_name(sagemaker: LocalSageMaker) -> None:
    names = [f"shop-v{number}" for number in range(11)] + ["other"]
    for name in names:
        sagemaker.context.store.models.insert(name, {"ModelName": name})
    first = sagemaker.call("ListModels", {"NameContains": "shop-v"})
    rest = sagemaker.call("ListModels", {"NameContains": "shop-v", "NextToken": first["NextToken"]})
    listed = [one["ModelName"] for page in (first, rest) for one in page["Models"]]
    assert listed == names[10::-1]
    sagemaker.call("DeleteModel", {"ModelName": "shop-v3"})
    with pytest.raises(ServiceError, match="Could not find model"):
        sagemaker.call("DescribeModel", {"ModelName": "shop-v3"})
    assert len(sagemaker.call("ListModels", {"MaxResults": 100})["Models"]) == 11


def test_a_group_with_versions_is_not_deleted(registry: LocalSageMaker) -> None:
    arn = register(registry)
    with pytest.raises(ServiceError) as caught:
        registry.call("DeleteModelPackageGroup", {"ModelPackageGroupName": GROUP})
    assert caught.value.code == "ConflictException"
    registry.call("DeleteModelPackage", {"ModelPackageName": arn})
    registry.call("DeleteModelPackageGroup", {"ModelPackageGroupName": GROUP})
    with pytest.raises(ServiceError, match="does not exist"):
        registry.call("DescribeModelPackageGroup", {"ModelPackageGroupName": GROUP})


def test_a_client_token_makes_creation_idempotent(registry: LocalSageMaker) -> None:
    assert register(registry, ClientToken="run-1") == register(registry, ClientToken="run-1")


def test_an_unsupported_operation_is_reported_as_such(sagemaker: LocalSageMaker) -> None:
    with pytest.raises(
        ServiceError, match="CreateMlflowTrackingServer of sagemaker is not supported by the local SageMaker"
    ):
        sagemaker.call("CreateMlflowTrackingServer", {})
    with pytest.raises(ServiceError, match="which does not exist on AWS"):
        sagemaker.call("CreateModle", {})
