"""The HTTP interface, called with boto3 clients, and the permissions each request requires."""

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from sagemaker_checked import CheckedSageMaker
from sagemaker_endpoints import Endpoints
from sagemaker_fakes import IMAGE, ROLE, FakePlatform

from daybreak_local.sagemaker.front import SageMakerFront

Clients = Callable[[str], Any]


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _answered(front: SageMakerFront, request: Any) -> AWSResponse:
    """Passes a signed request to the front without the network."""
    path, _, query = request.url.split("//", 1)[1].partition("/")[2].partition("?")
    parameters: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        parameters.setdefault(name, []).append(value.replace("%3A", ":"))
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    status, answer_headers, answer = asyncio.run(
        front.answer(request.method, f"/{path}", headers, body, parameters)
    )
    return AWSResponse(request.url, status, answer_headers, _Raw(answer))


@pytest.fixture
def front(platform: FakePlatform, tmp_path: Path) -> Iterator[SageMakerFront]:
    made = SageMakerFront(tmp_path / "home", platform)  # type: ignore[arg-type]
    made.service.close()
    made.service = CheckedSageMaker(platform, tmp_path / "home")  # type: ignore[arg-type]
    yield made
    made.service.close()


@pytest.fixture
def client(front: SageMakerFront) -> Clients:
    def make(service: str) -> Any:
        made = boto3.client(
            service, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
        )
        made.meta.events.register("before-send", lambda request, **_: _answered(front, request))
        return made

    return make


def test_boto3_parses_the_control_planes_responses_and_errors(client: Clients) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="shop")
    described = sagemaker.describe_model_package_group(ModelPackageGroupName="shop")
    assert described["CreationTime"].tzinfo is not None
    assert described["ModelPackageGroupStatus"] == "Completed"
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_training_job(TrainingJobName="unheard-of")
    with pytest.raises(ClientError, match=r"ValidationException.*Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName="unheard-of")
    with pytest.raises(
        ClientError, match=r"UnknownOperationException.*is not supported by the local SageMaker"
    ):
        sagemaker.list_apps()


def test_records_are_put_and_read_over_http(client: Clients, front: SageMakerFront) -> None:
    client("sagemaker").create_feature_group(
        FeatureGroupName="shop",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
        ],
        OnlineStoreConfig={"EnableOnlineStore": True},
    )
    front.service.wait("FeatureGroup", "shop")  # type: ignore[attr-defined]
    store = client("sagemaker-featurestore-runtime")
    values = [
        {"FeatureName": "id", "ValueAsString": "7"},
        {"FeatureName": "event_time", "ValueAsString": "1997-08-01T00:00:00Z"},
    ]
    store.put_record(FeatureGroupName="shop", Record=values, TargetStores=["OnlineStore"])
    got = store.get_record(
        FeatureGroupName="shop", RecordIdentifierValueAsString="7", FeatureNames=["id", "event_time"]
    )
    assert got["Record"] == values
    assert "Record" not in store.get_record(FeatureGroupName="shop", RecordIdentifierValueAsString="8")
    with pytest.raises(store.exceptions.ResourceNotFound):
        store.get_record(FeatureGroupName="nope", RecordIdentifierValueAsString="7")


def test_an_endpoint_is_invoked_over_http(
    client: Clients, front: SageMakerFront, platform: FakePlatform, archive: Callable[..., bytes]
) -> None:
    endpoints = Endpoints(front.service, platform, archive)
    endpoints.create(endpoints.config("a"))
    runtime = client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="shop", Body=b"{}", ContentType="application/json")
    assert answer["Body"].read() == b'{"model": "a", "bad": false}'
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("application/json", "AllTraffic")
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName="shop", Body=b'{"bad": true}', ContentType="application/json")
    assert caught.value.response["OriginalStatusCode"] == 400
    assert caught.value.response["OriginalMessage"] == '{"error": "no instances"}'
    with pytest.raises(
        ClientError, match=r"ValidationError.*Endpoint nope of account 000000000000 not found"
    ):
        runtime.invoke_endpoint(EndpointName="nope", Body=b"{}")


def test_every_request_names_its_required_permissions(front: SageMakerFront) -> None:
    def _checks(operation: str, body: bytes = b"{}") -> list[tuple[str, str]]:
        headers = {"x-amz-target": f"SageMaker.{operation}"}
        return [(check.action, check.resource) for check in front.permissions("POST", "/", headers, body, {})]

    arn = "arn:aws:sagemaker:us-east-1:000000000000"
    assert _checks("DescribeEndpoint", b'{"EndpointName": "shop"}') == [
        ("sagemaker:DescribeEndpoint", f"{arn}:endpoint/shop")
    ]
    assert _checks("ListModels") == [("sagemaker:ListModels", "*")]
    body = (
        f'{{"TrainingJobName": "job", "RoleArn": "{ROLE}", "Tags": [{{"Key": "a", "Value": "b"}}],'
        f' "AlgorithmSpecification": {{"TrainingImage": "{IMAGE}"}}}}'
    )
    assert _checks("CreateTrainingJob", body.encode()) == [
        ("sagemaker:CreateTrainingJob", f"{arn}:training-job/job"),
        ("sagemaker:AddTags", f"{arn}:training-job/job"),
        ("iam:PassRole", ROLE),
    ]
    assert _checks("CreateModelPackage", b'{"ModelPackageGroupName": "shop"}') == [
        ("sagemaker:CreateModelPackage", f"{arn}:model-package/shop/*"),
        ("sagemaker:CreateModelPackage", f"{arn}:model-package-group/shop"),
    ]
    assert _checks("UpdateEndpoint", b'{"EndpointName": "shop", "EndpointConfigName": "c2"}') == [
        ("sagemaker:UpdateEndpoint", f"{arn}:endpoint/shop"),
        ("sagemaker:UpdateEndpoint", f"{arn}:endpoint-config/c2"),
    ]
    assert _checks("CreateModel", b"not json")[0] == ("sagemaker:CreateModel", f"{arn}:model/*")
    runtime = front.permissions("POST", "/endpoints/shop/invocations", {}, b"x", {})
    assert [(c.action, c.resource) for c in runtime] == [("sagemaker:InvokeEndpoint", f"{arn}:endpoint/shop")]
    record = front.permissions("PUT", "/FeatureGroup/shop", {}, b"{}", {})
    assert [(c.action, c.resource) for c in record] == [("sagemaker:PutRecord", f"{arn}:feature-group/shop")]
    assert front.permissions("GET", "/bucket/key", {}, b"", {}) == []
