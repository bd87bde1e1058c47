"""The CloudWatch metrics of the checks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import boto3

Put = Callable[..., Any]


def cloudwatch() -> Put:
    """CloudWatch's PutMetricData."""
    # A separate session: the default one would keep the credentials of the first job in this process.
    return boto3.session.Session().client("cloudwatch").put_metric_data


def put_metrics(
    put: Put, namespace: str, environment: str, pipeline: str, at: datetime, values: dict[str, float]
) -> None:
    """Send one value of each metric, with the dimensions that the alarms and the dashboard use."""
    dimensions = [
        {"Name": "Environment", "Value": environment},
        {"Name": "Pipeline", "Value": pipeline},
    ]
    put(
        Namespace=namespace,
        MetricData=[
            {"MetricName": name, "Value": value, "Unit": "None", "Timestamp": at, "Dimensions": dimensions}
            for name, value in values.items()
        ],
    )
