"""Metrics in the log lines of Lambda functions (embedded metric format), which CloudWatch extracts."""

import json
from typing import Any

from ministack.services import cloudwatch, lambda_svc

from daybreak_local.cloud import hooks


def install() -> None:
    """Extracts metrics when a function's output is written to its log group."""
    hooks.require(cloudwatch, "record_metric")
    hooks.wrap(lambda_svc, "_emit_lambda_logs", _with_metrics)


def _with_metrics(
    original: Any,
    func: dict,
    request_id: str,
    log_text: str,
    error: bool,
    duration_ms: int,
    *,
    log_source: str | None = None,
) -> None:
    original(func, request_id, log_text, error, duration_ms, log_source=log_source)
    for line in (log_text or "").splitlines():
        for datum in metrics_in(line):
            cloudwatch.record_metric(*datum)


def metrics_in(line: str) -> list[tuple[str, str, float, str, dict[str, str]]]:
    """The data points (namespace, metric, value, unit, dimensions) of a line; none if it has no metrics.

    As on AWS, the line is nothing but one JSON object, and a metric or dimension without a value is left out.
    """
    try:
        fields = json.loads(line) if line.startswith("{") else None
    except json.JSONDecodeError:
        return []
    metadata = fields.get("_aws") if isinstance(fields, dict) else None
    found = []
    for directive in (metadata or {}).get("CloudWatchMetrics", []):
        for names in directive["Dimensions"]:
            if any(name not in fields for name in names):
                continue
            dimensions = {name: str(fields[name]) for name in names}
            for metric in directive["Metrics"]:
                values = fields.get(metric["Name"])
                for value in values if isinstance(values, list) else [values]:
                    if isinstance(value, int | float):
                        unit = metric.get("Unit", "None")
                        found.append((directive["Namespace"], metric["Name"], value, unit, dimensions))
    return found
