"""Kinesis → Firehose → S3 in a running cloud: buffering, compression, completeness, IAM."""

import gzip
import json
import time

import pytest
from cloud_support import Cloud, allow, wait_for

pytestmark = pytest.mark.integration


def flush(cloud: Cloud) -> dict:
    status, _, text = cloud.ask("/_daybreak/flush", "POST", cloud.authorization)
    assert status == 200, text
    return json.loads(text)


def make_stream(cloud: Cloud, name: str, statements: list[dict], **destination: object) -> None:
    cloud.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    cloud.client("s3").create_bucket(Bucket=f"{name}-lake")
    stream_arn = f"arn:aws:kinesis:us-east-1:000000000000:stream/{name}"
    role = cloud.role(
        f"{name}-firehose", "firehose.amazonaws.com", [allow("kinesis:*", stream_arn), *statements]
    )
    delimiter = {"ParameterName": "Delimiter", "ParameterValue": "\\n"}
    cloud.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": stream_arn, "RoleARN": role},
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{name}-lake",
            "RoleARN": role,
            "Prefix": "raw/shop/!{timestamp:yyyy/MM/dd/HH}/",
            "ErrorOutputPrefix": "raw-errors/shop/",
            "CompressionFormat": "GZIP",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 900},
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [{"Type": "AppendDelimiterToRecord", "Parameters": [delimiter]}],
            },
            **destination,
        },
    )


def put(cloud: Cloud, name: str, events: list[bytes]) -> None:
    kinesis = cloud.client("kinesis")
    for first in range(0, len(events), 500):
        records = [
            {"Data": event, "PartitionKey": str(index)}
            for index, event in enumerate(events[first : first + 500])
        ]
        assert kinesis.put_records(StreamName=name, Records=records)["FailedRecordCount"] == 0


def lines(cloud: Cloud, bucket: str) -> list[bytes]:
    s3 = cloud.client("s3")
    found: list[bytes] = []
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix="raw/").get("Contents", []):
        body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        found += gzip.decompress(body).splitlines()
    return found


def test_records_are_buffered_into_few_compressed_objects_and_none_is_lost(cloud: Cloud) -> None:
    make_stream(cloud, "buffered", [allow("s3:PutObject", "arn:aws:s3:::buffered-lake/raw/*")])
    events = [json.dumps({"event_id": index, "note": "x" * 80}).encode() for index in range(20_000)]
    put(cloud, "buffered", events)
    flush(cloud)

    assert sorted(lines(cloud, "buffered-lake")) == sorted(events)
    keys = [entry["Key"] for entry in cloud.client("s3").list_objects_v2(Bucket="buffered-lake")["Contents"]]
    assert 2 <= len(keys) <= 4, "2 MB in buffers of 1 MB"
    assert all(
        key.startswith(time.strftime("raw/shop/%Y/%m/", time.gmtime())) and key.endswith(".gz")
        for key in keys
    )
    metric = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Firehose",
        MetricName="DeliveryToS3.Records",
        Dimensions=[{"Name": "DeliveryStreamName", "Value": "buffered"}],
        StartTime=time.time() - 600,
        EndTime=time.time() + 60,
        Period=3600,
        Statistics=["Sum"],
    )
    assert sum(point["Sum"] for point in metric["Datapoints"]) == 20_000


def test_a_buffer_is_delivered_when_its_interval_is_over(cloud: Cloud) -> None:
    hints = {"SizeInMBs": 128, "IntervalInSeconds": 1}
    make_stream(cloud, "timely", [allow("s3:PutObject", "arn:aws:s3:::timely-lake/*")], BufferingHints=hints)
    put(cloud, "timely", [b"{}"])
    assert wait_for(lambda: lines(cloud, "timely-lake"), seconds=6) == [b"{}"]


def test_a_role_that_may_not_write_loses_nothing_and_the_failure_is_logged(cloud: Cloud) -> None:
    place = {"logGroupName": "/deliveries", "logStreamName": "s3"}
    cloud.client("logs").create_log_group(logGroupName="/deliveries")
    cloud.client("logs").create_log_stream(**place)
    options = {"Enabled": True, "LogGroupName": "/deliveries", "LogStreamName": "s3"}
    may_log = allow("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/deliveries:*")
    make_stream(cloud, "denied", [may_log], CloudWatchLoggingOptions=options)
    put(cloud, "denied", [b'{"event_id": 1}', b'{"event_id": 2}'])
    status = flush(cloud)
    assert (status["pending_records"], status["pending"]) == (2, {"denied": 2})
    assert "s3:PutObject" in status["error"]
    assert lines(cloud, "denied-lake") == []
    logged = cloud.client("logs").get_log_events(**place)["events"]
    assert logged
    assert all("s3:PutObject" in event["message"] for event in logged)

    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/denied"
    cloud.allow(
        "denied-firehose", [allow("kinesis:*", stream), allow("s3:PutObject", "arn:aws:s3:::denied-lake/*")]
    )
    assert flush(cloud)["pending_records"] == 0
    assert lines(cloud, "denied-lake") == [b'{"event_id": 1}', b'{"event_id": 2}']
