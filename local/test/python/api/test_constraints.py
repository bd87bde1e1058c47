"""Requests are refused where AWS refuses them, with AWS's error code and message."""

from typing import Any

import botocore.session
import pytest
from botocore.model import OperationModel
from hypothesis import given, settings
from hypothesis import strategies as st

from daybreak_local.api.constraints import _rules, check
from daybreak_local.api.errors import ServiceError

SESSION = botocore.session.get_session()
# The services that Daybreak uses.
SERVICES = [
    *(
        "cloudwatch",
        "events",
        "firehose",
        "glue",
        "iam",
        "kinesis",
        "kms",
        "lambda",
        "logs",
        "s3",
        "sagemaker",
    ),
    *(
        "sagemaker-featurestore-runtime",
        "sagemaker-runtime",
        "scheduler",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
    ),
    *("stepfunctions", "sts"),
]
TRAINING = {
    "TrainingJobName": "job",
    "RoleArn": "arn:aws:iam::000000000000:role/training",
    "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


def operation(service: str, name: str) -> OperationModel:
    return SESSION.get_service_model(service).operation_model(name)


def refusal(service: str, name: str, request: Any, protocol: str = "json") -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        check(operation(service, name), request, protocol)
    return caught.value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"RoleArn": None}, "Value null at 'roleArn' failed to satisfy constraint: Member must not be null"),
        (
            {"TrainingJobName": "no_underscores"},
            "Value 'no_underscores' at 'trainingJobName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://" + "a" * 1024}},
            "Member must have length less than or equal to 1024",
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "Files"}},
            "Value 'Files' at 'algorithmSpecification.trainingInputMode' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Pipe, File, FastFile]",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            "Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        ({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a"}]}, "Value null at 'tags.2.member.value'"),
        (
            {"HyperParameters": {"depth": "9" * 2501}},
            "at 'hyperParameters.depth.member' failed to satisfy constraint: "
            "Member must have length less than or equal to 2500",
        ),
        (
            {"StoppingCondition": {"MaxRuntime": 5}},
            "'stoppingCondition.MaxRuntime' is not one of the members: MaxRuntimeInSeconds",
        ),
    ],
)
def test_a_violation_is_reported_as_aws_does(change: dict[str, Any], message: str) -> None:
    error = refusal("sagemaker", "CreateTrainingJob", TRAINING | change)
    assert error.code == "ValidationException"
    assert error.message.startswith("1 validation error detected: ")
    assert message in error.message


def test_all_violations_are_reported_at_once() -> None:
    request = TRAINING | {"RoleArn": None, "TrainingJobName": "-", "OutputDataConfig": {}}
    error = refusal("sagemaker", "CreateTrainingJob", request)
    assert error.message.startswith("3 validation errors detected: ")


@pytest.mark.parametrize(
    ("service", "name", "request_", "code"),
    [
        (
            "sagemaker-featurestore-runtime",
            "PutRecord",
            {"FeatureGroupName": "-", "Record": []},
            "ValidationError",
        ),
        ("kinesis", "PutRecord", {"StreamName": "s", "PartitionKey": "", "Data": ""}, "ValidationException"),
        ("glue", "GetJob", {"JobName": ""}, "ValidationException"),
        ("lambda", "Invoke", {"FunctionName": "not a name"}, "ValidationException"),
        # https://github.com/lazywithclass/winston-cloudwatch/issues/55
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "a", "logStreamName": "b", "logEvents": []},
            "InvalidParameterException",
        ),
        ("iam", "GetRole", {"RoleName": "not a name"}, "ValidationError"),
        ("sns", "Publish", {"TopicArn": "arn"}, "ValidationError"),
        ("cloudwatch", "PutMetricData", {"Namespace": "a"} | {"MetricData": [{}]}, "ValidationError"),
        ("sqs", "SendMessage", {"QueueUrl": "u"}, "InvalidParameterValue"),
        ("s3", "PutObject", {"Bucket": "b", "Key": "k", "StorageClass": "COLD"}, "InvalidArgument"),
        ("scheduler", "GetSchedule", {"Name": "not a name"}, "ValidationException"),
    ],
)
def test_every_service_has_its_own_code(service: str, name: str, request_: dict[str, Any], code: str) -> None:
    assert refusal(service, name, request_).code == code


@pytest.mark.parametrize(
    ("service", "name", "request_", "protocol", "code"),
    [
        (
            "sagemaker",
            "CreateTrainingJob",
            {"TrainingJobName": ["a"]},
            "json",
            "SerializationException",
        ),
        (
            "sagemaker",
            "CreateTrainingJob",
            {"TrainingJobName": 5},
            "json",
            "SerializationException",
        ),
        ("sagemaker", "ListModels", {"MaxResults": True}, "json", "SerializationException"),
        ("lambda", "ListFunctions", {"MaxItems": "many"}, "rest-json", "SerializationException"),
        ("iam", "ListRoles", {"MaxItems": "many"}, "query", "MalformedInput"),
        ("s3", "ListObjectsV2", {"Bucket": "b", "MaxKeys": "many"}, "rest-xml", "MalformedXML"),
    ],
)
def test_a_value_of_the_wrong_type_is_no_validation_error(
    service: str, name: str, request_: dict[str, Any], protocol: str, code: str
) -> None:
    assert refusal(service, name, request_, protocol).code == code


def test_null_counts_as_missing() -> None:
    check(operation("sagemaker", "ListModelPackages"), {"MaxResults": None}, "json")


def test_the_length_of_a_blob_is_that_of_its_bytes() -> None:
    """Base64 is a third longer."""
    key = {"KeyId": "key", "Plaintext": "A" * 5460 + "AA=="}
    check(operation("kms", "Encrypt"), key, "json")
    assert (
        "length less than or equal to 4096"
        in refusal("kms", "Encrypt", key | {"Plaintext": "A" * 5464}).message
    )


def test_a_secret_is_not_repeated() -> None:
    error = refusal("secretsmanager", "PutSecretValue", {"SecretId": "s", "SecretString": "x" * 65537})
    assert "xxx" not in error.message


def test_java_character_classes_are_supported() -> None:
    tags = {"ResourceArn": "arn:aws:sagemaker:us-east-1:000000000000:model/m"}
    check(
        operation("sagemaker", "AddTags"), tags | {"Tags": [{"Key": "grüße 2024", "Value": "=+-@"}]}, "json"
    )
    error = refusal("sagemaker", "AddTags", tags | {"Tags": [{"Key": "json", "Value": '{"a": 1}'}]})
    assert "pattern" in error.message


@pytest.mark.parametrize("service", SERVICES)
def test_every_shape_of_a_request_can_be_checked(service: str) -> None:
    """Every pattern can be compiled."""
    model = SESSION.get_service_model(service)
    seen: set[str] = set()

    def walk(shape: Any) -> None:
        if shape is None or shape.name in seen:
            return
        seen.add(shape.name)
        _rules(shape)
        for member in getattr(shape, "members", {}).values():
            walk(member)
        for part in ("member", "key", "value"):
            walk(getattr(shape, part, None))

    for name in model.operation_names:
        walk(model.operation_model(name).input_shape)
    assert len(seen) > 5


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
training_members = st.sampled_from([*TRAINING, "HyperParameters", "InputDataConfig", "Tags"])


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(training_members, json_values, max_size=4))
def test_no_request_is_an_internal_error(changes: dict[str, Any]) -> None:
    """Any input is taken or refused with a ServiceError, never another exception."""
    codes = {"ValidationException"}
    try:
        check(operation("sagemaker", "CreateTrainingJob"), TRAINING | changes, "json")
    except ServiceError as error:
        codes.add(error.code)
    assert codes <= {"ValidationException", "SerializationException"}


@settings(max_examples=80, deadline=None)
@given(st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", fullmatch=True))
def test_a_name_is_accepted_up_to_its_maximum_length(name: str) -> None:
    request = {"TrainingJobName": name}
    if len(name) <= 63:
        check(operation("sagemaker", "DescribeTrainingJob"), request, "json")
    else:
        assert "less than or equal to 63" in refusal("sagemaker", "DescribeTrainingJob", request).message
