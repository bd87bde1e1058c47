"""Unit tests of the local cloud and the Spark session, without a cloud or a JVM."""

import json
import os
import tempfile
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak_local.cloud import hooks
from daybreak_local.cloud.environment import prepare
from daybreak_local.cloud.firehose import delimiter_of
from daybreak_local.cloud.iam_resources import glue_parents, glue_resource, logs_resource
from daybreak_local.cloud.kinesis import expire_records
from daybreak_local.cloud.resource_policies import trusts
from daybreak_local.sagemaker.platform import split_uri
from daybreak_local.spark.errors import error_message, java_message
from daybreak_local.spark.session import MissingJars, configuration


def module(**functions: Any) -> types.ModuleType:
    made = types.ModuleType("ministack.services.example")
    vars(made).update(functions)
    return made


def test_a_missing_hook_is_reported_with_its_name() -> None:
    with pytest.raises(hooks.HookError, match=r"example has no function _start .*1\.5\.33"):
        hooks.replace(module(), "_start", lambda data: None)


def test_a_hook_with_other_parameters_is_reported_with_both_signatures() -> None:
    with pytest.raises(hooks.HookError, match=r"takes \(data, region\), .* expects \(data\)"):
        hooks.replace(module(_start=lambda data, region: None), "_start", lambda data: None)


def test_a_hook_wraps_the_original() -> None:
    example = module(_start=lambda data: data + 1)
    hooks.wrap(example, "_start", lambda original, data: original(data) * 10)
    assert example._start(1) == 20


@pytest.mark.parametrize(
    ("operation", "request_", "resource"),
    [
        ("GetDatabase", {"Name": "shop"}, "database/shop"),
        ("CreateTable", {"DatabaseName": "shop", "TableInput": {"Name": "events"}}, "table/shop/events"),
        ("GetTable", {"DatabaseName": "shop", "Name": "events"}, "table/shop/events"),
        ("GetTables", {"DatabaseName": "shop"}, "table/shop/*"),
        ("StartJobRun", {"JobName": "transform"}, "job/transform"),
        ("GetCrawler", {"Name": "c"}, None),
    ],
)
def test_glue_operations_name_their_resource(operation: str, request_: dict, resource: str | None) -> None:
    assert glue_resource(operation, request_) == resource


def test_a_table_is_authorized_with_its_database_and_the_catalog() -> None:
    start = "arn:aws:glue:us-east-1:000000000000"
    assert glue_parents(f"{start}:table/shop/events") == [f"{start}:database/shop", f"{start}:catalog"]


def test_log_streams_match_the_resources_in_policies() -> None:
    assert (
        logs_resource("PutLogEvents", {"logGroupName": "/a", "logStreamName": "s"})
        == "log-group:/a:log-stream:s"
    )
    assert logs_resource("CreateLogGroup", {"logGroupName": "/a"}) == "log-group:/a:*"


def test_the_emulator_gets_nothing_of_the_developer_s_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"PATH": "/bin", "JAVA_HOME": "/java", "DAYBREAK_WAIT_SCALE": "2"}
    environment = {**kept, "SECRET_TOKEN": "x", "AWS_PROFILE": "production", "HTTPS_PROXY": "http://proxy"}
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(tempfile, "tempdir", None)
    prepare(4566, tmp_path)
    assert environment.items() >= kept.items()
    assert not environment.keys() & {"SECRET_TOKEN", "AWS_PROFILE", "HTTPS_PROXY"}


def role(*statements: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": ["glue.amazonaws.com"]}, "Action": "sts:AssumeRole"}
    document = {"Statement": [{**trust, **statement} for statement in statements]}
    return {"Arn": "arn:aws:iam::000000000000:role/r", "AssumeRolePolicyDocument": json.dumps(document)}


def test_a_role_must_trust_the_service() -> None:
    assert trusts(role({}), "glue.amazonaws.com")
    assert not trusts(role({}), "sagemaker.amazonaws.com")
    assert not trusts(role({"Action": "sts:TagSession"}), "glue.amazonaws.com")
    assert not trusts(role({}, {"Effect": "Deny"}), "glue.amazonaws.com")
    assert not trusts(role(), "glue.amazonaws.com")


@pytest.mark.parametrize(("account", "trusted"), [("000000000000", True), ("111111111111", False)])
def test_conditions_of_a_trust_policy_are_evaluated(account: str, trusted: bool) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": account}}
    assert trusts(role({"Condition": condition}), "glue.amazonaws.com") is trusted


def processing(*types_: str) -> dict[str, Any]:
    parameters = [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}]
    return {
        "ProcessingConfiguration": {
            "Enabled": True,
            "Processors": [{"Type": kind, "Parameters": parameters} for kind in types_],
        }
    }


def test_records_are_delimited_only_if_the_stream_is_configured_so() -> None:
    assert delimiter_of({}) == b""
    assert delimiter_of(processing("AppendDelimiterToRecord")) == b"\n"


@given(st.lists(st.floats(0, 10**10), max_size=30))
def test_expiry_drops_exactly_the_old_records(times: list[float]) -> None:
    ordered = sorted(times)
    stream = {
        "RetentionPeriodHours": 24,
        "shards": {"0": {"records": [{"ApproximateArrivalTimestamp": moment} for moment in ordered]}},
    }
    expire_records(stream)
    import time

    cutoff = time.time() - 24 * 3600
    left = [record["ApproximateArrivalTimestamp"] for record in stream["shards"]["0"]["records"]]
    assert left == [moment for moment in ordered if moment >= cutoff]


def test_s3_uris() -> None:
    assert split_uri("s3://lake/raw/a b.json") == ("lake", "raw/a b.json")
    with pytest.raises(ValueError, match="is not an S3 URI"):
        split_uri("/tmp/a")


def test_missing_jars_are_reported_with_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(MissingJars, match="npm run setup"):
        configuration(tmp_path, None, jars=tmp_path)


def test_an_error_message_is_the_exception_in_one_line() -> None:
    assert error_message(ValueError("volume: 0 rows")) == "ValueError: volume: 0 rows"
    assert error_message(SystemExit("halted")) == "SystemExit: halted"


def test_a_java_error_keeps_the_exception_and_its_root_cause() -> None:
    trace = (
        "An error occurred while calling o1.save.\n"
        ": org.apache.spark.SparkException: Job aborted.\n\tat a.b(C.scala:1)\n"
        "Caused by: java.io.IOException: x\n\tat d\n"
        "Caused by: AccessDenied\n"
    )
    assert java_message(trace) == (
        "An error occurred while calling o1.save. org.apache.spark.SparkException: Job aborted. "
        "Caused by: AccessDenied"
    )
