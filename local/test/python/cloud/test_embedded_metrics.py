"""Which data points a log line of a function contains, without a cloud and in a running one."""

import io
import json
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from cloud_support import Cloud

from daybreak_local.cloud.embedded_metrics import metrics_in

DIRECTIVE = {
    "Namespace": "Shop",
    "Dimensions": [["Site"], []],
    "Metrics": [{"Name": "Refused", "Unit": "Count"}],
}
LINE = {"_aws": {"Timestamp": 0, "CloudWatchMetrics": [DIRECTIVE]}, "Site": "north", "Refused": 2}


def test_a_line_has_a_point_for_each_set_of_dimensions_and_each_value() -> None:
    assert metrics_in(json.dumps(LINE | {"Refused": [1, 2.5]})) == [
        ("Shop", "Refused", 1, "Count", {"Site": "north"}),
        ("Shop", "Refused", 2.5, "Count", {"Site": "north"}),
        ("Shop", "Refused", 1, "Count", {}),
        ("Shop", "Refused", 2.5, "Count", {}),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Refused 2",
        "[1]",
        "{broken",
        json.dumps({"level": "INFO", "message": "no metrics"}),
        json.dumps({"_aws": {"Timestamp": 0}}),
        "2026-01-01T00:00:00Z INFO " + json.dumps(LINE),
        json.dumps(LINE | {"Refused": "many"}),
    ],
)
def test_other_lines_have_none(line: str) -> None:
    assert metrics_in(line) == []


def test_a_dimension_without_a_value_leaves_its_points_out() -> None:
    without = {name: value for name, value in LINE.items() if name != "Site"}
    assert metrics_in(json.dumps(without)) == [("Shop", "Refused", 2, "Count", {})]


@pytest.mark.integration
def test_the_output_of_a_function_becomes_a_metric(cloud: Cloud) -> None:
    archive = io.BytesIO()
    code = "exports.handler = async (line) => { process.stdout.write(JSON.stringify(line) + '\\n'); };"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.js", code)
    function = cloud.client("lambda").create_function(
        FunctionName="counting",
        Runtime="nodejs22.x",
        Role=cloud.role("counting-function", "lambda.amazonaws.com", []),
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    for _ in range(3):
        cloud.client("lambda").invoke(FunctionName=function["FunctionArn"], Payload=json.dumps(LINE))
    now = datetime.now(UTC)
    until = time.monotonic() + 10
    total = 0.0
    while total < 6 and time.monotonic() < until:
        points = cloud.client("cloudwatch").get_metric_statistics(
            Namespace="Shop",
            MetricName="Refused",
            Dimensions=[{"Name": "Site", "Value": "north"}],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        total = sum(point["Sum"] for point in points)
        time.sleep(0.2)
    assert total == 6
