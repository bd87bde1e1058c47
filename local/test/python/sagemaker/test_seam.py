"""The HTTP side: AWS's own clients write the requests and read the answers; permissions by request."""

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from sagemaker_endpoints import Endpoints
from sagemaker_fakes import IMAGE, ROLE, FakePlatform

from daybreak_local.sagemaker import seam

Clients = Callable[[str], Any]


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _answer(request: Any, **_: Any) -> AWSResponse:
    """Hands a signed request to the seam instead of the network."""
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
        seam.handle_request(request.method, f"/{path}", headers, body, parameters)
    )
    return AWSResponse(request.url, status, answer_headers, _Raw(answer))


@pytest.fixture
def client(platform: FakePlatform, tmp_path: Path) -> Iterator[Clients]:
    seam.start(tmp_path, platform)

    def make(service: str) -> Any:
        made = boto3.client(
            service, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
        )
        made.meta.events.register("before-send", _answer)
        return made

    yield make
    seam.stop()


def test_control_plane_answers_and_errors_are_read_by_the_client(client: Clients) -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="shop")
    described = sagemaker.describe_model_package_group(ModelPackageGroupName="shop")
    assert described["CreationTime"].tzinfo is not None
    assert described["ModelPackageGroupStatus"] == "Completed"
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_training_job(TrainingJobName="unheard-of")
    with pytest.raises(ClientError, match=r"ValidationException.*Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName="unheard-of")
    with pytest.raises(ClientError, match=r"UnknownOperationException.*is not in the local SageMaker"):
        sagemaker.list_apps()


def test_records_go_in_and_out_over_http(client: Clients) -> None:
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
    seam.wait("feature-group", "shop", 10)
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
    store.delete_record(
        FeatureGroupName="shop", RecordIdentifierValueAsString="7", EventTime="1997-08-02T00:00:00Z"
    )
    assert "Record" not in store.get_record(FeatureGroupName="shop", RecordIdentifierValueAsString="7")
    with pytest.raises(store.exceptions.ResourceNotFound):
        store.get_record(FeatureGroupName="nope", RecordIdentifierValueAsString="7")


def test_an_invocation_goes_through_http(
    client: Clients, platform: FakePlatform, archive: Callable[..., bytes]
) -> None:
    service = seam._running()
    Endpoints(service, platform, archive).create(Endpoints(service, platform, archive).config("a"))
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


def _checks(operation: str, body: bytes = b"{}") -> list[tuple[str, str]]:
    headers = {"x-amz-target": f"SageMaker.{operation}"}
    return [(check.action, check.resource) for check in seam.authorize("POST", "/", headers, body, {})]


@pytest.mark.usefixtures("client")
def test_every_request_names_the_permissions_it_needs() -> None:
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
    runtime = seam.authorize("POST", "/endpoints/shop/invocations", {}, b"x", {})
    assert [(c.action, c.resource) for c in runtime] == [("sagemaker:InvokeEndpoint", f"{arn}:endpoint/shop")]
    record = seam.authorize("PUT", "/FeatureGroup/shop", {}, b"{}", {})
    assert [(c.action, c.resource) for c in record] == [("sagemaker:PutRecord", f"{arn}:feature-group/shop")]
    assert seam.authorize("GET", "/bucket/key", {}, b"", {}) == []
