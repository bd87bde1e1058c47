"""Requests are rejected where AWS rejects them, with AWS's error code and the path of the member."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sagemaker_fakes import IMAGE, ROLE

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.service import LocalSageMaker
from daybreak_local.sagemaker.validation import _compiled, parse_request


def training_request(**changes: Any) -> dict[str, Any]:
    request = {
        "TrainingJobName": "job",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **changes,
    }
    return {name: value for name, value in request.items() if value is not None}


def refusal(operation: str, request: Any, service: str = model.CONTROL) -> ServiceError:
    found = model.operation_model(service, operation)
    assert found is not None
    with pytest.raises(ServiceError) as caught:
        parse_request(found, request)
    return caught.value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"RoleArn": None}, '1 validation error detected: Missing required parameter in input: "RoleArn"'),
        (
            {"TrainingJobName": "no_underscores"},
            "input.TrainingJobName: Member must satisfy regular expression pattern: "
            "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        ({"TrainingJobName": "j" * 64}, "Member must have length less than or equal to 63"),
        (
            {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "Files"}},
            "input.AlgorithmSpecification.TrainingInputMode: Member must satisfy enum value set: "
            "[Pipe, File, FastFile]",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            "Invalid value for parameter StoppingCondition.MaxRuntimeInSeconds, value: 0, valid min value: 1",
        ),
        ({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a"}]}, 'in Tags[1]: "Value"'),
        (
            {"HyperParameters": {"depth": "9" * 2501}},
            "input.HyperParameters.depth: Member must have length less than or equal to 2500",
        ),
        ({"StoppingCondition": {"MaxRuntime": 5}}, 'Unknown parameter in StoppingCondition: "MaxRuntime"'),
        ({"TrainingJobName": ["a"]}, "Invalid type for parameter TrainingJobName"),
    ],
)
def test_a_violation_is_reported_with_its_path(change: dict[str, Any], message: str) -> None:
    error = refusal("CreateTrainingJob", training_request(**change))
    assert error.code == "ValidationException"
    assert message in error.message


def test_all_violations_are_reported_at_once() -> None:
    error = refusal(
        "CreateTrainingJob", training_request(RoleArn=None, TrainingJobName=5, OutputDataConfig={})
    )
    assert error.message.startswith("3 validation errors detected: ")


def test_the_runtimes_use_the_code_validation_error() -> None:
    error = refusal("PutRecord", {"FeatureGroupName": "-", "Record": []}, model.FEATURE_STORE)
    assert error.code == "ValidationError"


def test_null_counts_as_missing() -> None:
    found = model.operation_model(model.CONTROL, "ListModelPackages")
    assert found is not None
    assert parse_request(found, {"MaxResults": None}) == {}


def test_java_character_classes_are_supported() -> None:
    operation = model.operation_model(model.CONTROL, "AddTags")
    assert operation is not None
    tags = {"ResourceArn": "arn:aws:sagemaker:us-east-1:000000000000:model/m"}
    parse_request(operation, {**tags, "Tags": [{"Key": "grüße 2024", "Value": "=+-@"}]})
    with pytest.raises(ServiceError, match="pattern"):
        parse_request(operation, {**tags, "Tags": [{"Key": "json", "Value": '{"a": 1}'}]})


def test_every_pattern_of_a_served_operation_can_be_compiled(sagemaker: LocalSageMaker) -> None:
    seen: set[str] = set()

    def walk(shape: Any) -> None:
        if shape.name in seen:
            return
        seen.add(shape.name)
        if pattern := shape.metadata.get("pattern"):
            _compiled(pattern)
        for member in getattr(shape, "members", {}).values():
            walk(member)
        for part in ("member", "key", "value"):
            if hasattr(shape, part):
                walk(getattr(shape, part))

    for service, operations in sagemaker._operations.items():
        for name in operations:
            walk(sagemaker.operation(service, name).input_shape)
    assert len(seen) > 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
training_members = st.sampled_from([*training_request(), "HyperParameters", "InputDataConfig", "Tags"])


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(training_members, json_values, max_size=4))
def test_no_request_is_an_internal_error(changes: dict[str, Any]) -> None:
    """Any input yields the parsed request or a ServiceError, never another exception."""
    operation = model.operation_model(model.CONTROL, "CreateTrainingJob")
    assert operation is not None
    codes: set[str] = set()
    try:
        json.dumps(parse_request(operation, {**training_request(), **changes}))
    except ServiceError as error:
        codes.add(error.code)
    assert codes <= {"ValidationException"}


@settings(max_examples=80, deadline=None)
@given(st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", fullmatch=True))
def test_a_name_is_accepted_up_to_its_maximum_length(name: str) -> None:
    operation = model.operation_model(model.CONTROL, "DescribeTrainingJob")
    assert operation is not None
    if len(name) <= 63:
        assert parse_request(operation, {"TrainingJobName": name}) == {"TrainingJobName": name}
    else:
        with pytest.raises(ServiceError, match="length less than or equal to 63"):
            parse_request(operation, {"TrainingJobName": name})
