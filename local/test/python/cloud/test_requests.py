"""Requests to a running cloud are refused as AWS refuses them, in the protocol of their service."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud_support import Cloud
from ministack import app
from ministack.core import responses

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code", "message"),
    [
        (
            "glue",
            "get_table",
            {"DatabaseName": "", "Name": "t"},
            "ValidationException",
            "Value '' at 'databaseName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            "iam",
            "create_role",
            {"RoleName": "not a name", "AssumeRolePolicyDocument": "{}"},
            "ValidationError",
            r"Member must satisfy regular expression pattern: [\w+=,.@-]+",
        ),
        (
            "cloudwatch",
            "put_metric_data",
            {"Namespace": "Daybreak", "MetricData": [{"MetricName": "m", "Value": 1, "Unit": "Miles"}]},
            "ValidationError",
            "Value 'Miles' at 'metricData.1.member.unit' failed to satisfy constraint: Member must satisfy",
        ),
        (
            "lambda",
            "invoke",
            {"FunctionName": "not a name"},
            "ValidationException",
            "at 'functionName' failed to satisfy constraint",
        ),
        (
            "logs",
            "create_log_group",
            {"logGroupName": "a group"},
            "InvalidParameterException",
            "at 'logGroupName' failed to satisfy constraint",
        ),
        (
            "s3",
            "put_bucket_versioning",
            {"Bucket": "nowhere", "VersioningConfiguration": {"Status": "On"}},
            "InvalidArgument",
            "at 'versioningConfiguration.status' failed to satisfy constraint",
        ),
        (
            "stepfunctions",
            "create_state_machine",
            {"name": "", "definition": "{}", "roleArn": "r"},
            "ValidationException",
            "at 'name' failed to satisfy constraint",
        ),
    ],
)
def test_a_request_that_violates_the_model_is_refused_by_name(
    cloud: Cloud, service: str, operation: str, request_: dict[str, Any], code: str, message: str
) -> None:
    client = cloud.client(service, parameter_validation=False)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**request_)
    error = caught.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == (code, 400)
    assert message in error["Error"]["Message"]


def test_who_may_not_call_an_operation_learns_nothing_about_its_model(cloud: Cloud) -> None:
    role = cloud.role("no-one", "lambda.amazonaws.com", [])
    glue = cloud.client("glue", cloud.assume(role), parameter_validation=False)
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.get_table(DatabaseName="", Name="t")


def test_a_body_in_another_format_is_a_serialization_error(cloud: Cloud) -> None:
    glue = cloud.client("glue")

    def break_body(request: Any, **_: Any) -> None:
        request.data = b"not JSON"

    glue.meta.events.register("before-sign.glue.GetTable", break_body)
    with pytest.raises(ClientError, match="SerializationException"):
        glue.get_table(DatabaseName="d", Name="t")


def test_every_service_of_the_cloud_is_judged_except_those_without_a_model() -> None:
    unjudged = {name for name in app.SERVICE_HANDLERS if responses._service_model(name) is None}
    # Their models have other names, or they are no APIs of AWS. Daybreak uses none.
    assert unjudged - {"sagemaker"} == {
        "appsync-events",
        "documentdb",
        "ecs-metadata",
        "elasticfilesystem",
        "imds",
    }


def test_what_judging_costs_is_counted(cloud: Cloud) -> None:
    def judged() -> dict[str, float]:
        return json.loads(cloud.ask("/_daybreak/status", headers=cloud.authorization)[2])["judged"]

    before = judged()
    cloud.client("glue").get_databases()
    cloud.client("sagemaker").list_models()
    after = judged()
    assert after["requests"] >= before["requests"] + 2
    assert after["seconds"] > before["seconds"]
