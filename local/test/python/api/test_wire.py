"""What botocore's clients write in any protocol is read back as it was."""

from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session
import pytest
from botocore.serialize import create_serializer

from daybreak_local.api.wire import Http, find_call, read_members

SESSION = botocore.session.get_session()


def written(service: str, operation: str, request: dict[str, Any]) -> Http:
    """The request as botocore's client puts it on the wire."""
    model = SESSION.get_service_model(service)
    made = create_serializer(model.metadata["protocol"]).serialize_to_request(
        request, model.operation_model(operation)
    )
    path, _, query = made["url_path"].partition("?")
    parameters = parse_qs(query, keep_blank_values=True)
    body = made["body"]
    if isinstance(body, dict):
        fields = {name: [str(value)] for name, value in body.items()}
        assert made["method"] == "POST"
        return Http("POST", "/", {}, b"", fields)
    for name, value in dict(made["query_string"] or {}).items():
        parameters[name] = value if isinstance(value, list) else [str(value)]
    headers = {name.lower(): str(value) for name, value in made["headers"].items()}
    return Http(
        made["method"], unquote(path), headers, body.encode() if isinstance(body, str) else body, parameters
    )


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("glue", "StartJobRun", {"JobName": "transform", "Arguments": {"--as_of": "1997-08-01"}}),
        ("kinesis", "MergeShards", {"StreamName": "s", "ShardToMerge": "1", "AdjacentShardToMerge": "2"}),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f", "Payload": b'{"a": 1}'},
        ),
        (
            "lambda",
            "CreateFunction",
            {"FunctionName": "f", "Role": "r", "Code": {"S3Bucket": "code", "S3Key": "k"}, "Timeout": 3},
        ),
        ("lambda", "ListFunctions", {"MaxItems": 5}),
        ("lambda", "UntagResource", {"Resource": "arn", "TagKeys": ["a", "b"]}),
        ("scheduler", "DeleteSchedule", {"Name": "dawn", "GroupName": "default"}),
        (
            "iam",
            "CreateRole",
            {
                "RoleName": "r",
                "AssumeRolePolicyDocument": "{}",
                "MaxSessionDuration": 3600,
                "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
            },
        ),
        ("sns", "CreateTopic", {"Name": "alerts", "Attributes": {"KmsMasterKeyId": "k", "Policy": "{}"}}),
        (
            "sns",
            "Publish",
            {"Message": "m", "MessageAttributes": {"a": {"DataType": "String", "StringValue": "1"}}},
        ),
        (
            "s3",
            "PutObject",
            {"Bucket": "lake", "Key": "raw/a b.json", "Body": b"{}", "ContentType": "text/plain"},
        ),
        ("s3", "CopyObject", {"Bucket": "lake", "Key": "b", "CopySource": "lake/a"}),
        ("s3", "UploadPart", {"Bucket": "lake", "Key": "b", "PartNumber": 2, "UploadId": "u", "Body": b"x"}),
        ("s3", "ListParts", {"Bucket": "lake", "Key": "b", "UploadId": "u"}),
        ("s3", "GetObject", {"Bucket": "lake", "Key": "b", "Range": "bytes=0-1"}),
        ("s3", "ListObjectsV2", {"Bucket": "lake", "Prefix": "raw/", "MaxKeys": 10}),
        ("s3", "ListObjects", {"Bucket": "lake", "Prefix": "raw/"}),
        ("s3", "ListBuckets", {}),
        ("s3", "CreateBucket", {"Bucket": "lake"}),
        ("s3", "GetBucketAcl", {"Bucket": "lake"}),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "lake", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}], "Quiet": True}},
        ),
        (
            "s3",
            "PutBucketAcl",
            {
                "Bucket": "lake",
                "AccessControlPolicy": {
                    "Grants": [{"Grantee": {"ID": "1", "Type": "CanonicalUser"}, "Permission": "READ"}]
                },
            },
        ),
        (
            "s3",
            "PutBucketLifecycleConfiguration",
            {
                "Bucket": "lake",
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "ID": "old",
                            "Status": "Enabled",
                            "Filter": {"Prefix": ""},
                            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                        }
                    ]
                },
            },
        ),
        (
            "sagemaker-runtime",
            "InvokeEndpoint",
            {"EndpointName": "shop", "Body": b"{}", "ContentType": "application/json"},
        ),
        (
            "sagemaker-featurestore-runtime",
            "GetRecord",
            {"FeatureGroupName": "g", "RecordIdentifierValueAsString": "7", "FeatureNames": ["a", "b"]},
        ),
    ],
)
def test_a_request_is_read_as_it_was_written(service: str, operation: str, request_: dict[str, Any]) -> None:
    http = written(service, operation, request_)
    call = find_call(SESSION.get_service_model(service), http)
    assert call is not None
    assert call.operation.name == operation
    assert read_members(call, http) == request_
