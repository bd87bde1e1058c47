"""CloudWatch alarms that behave as on AWS.

ministack evaluates an alarm over every metric of the same name whatever its dimensions, knows neither
missing data nor metric math, looks only when a metric is put, and tells EventBridge nothing. Here an alarm
is evaluated at once when a metric arrives and every second besides, and each change of state puts
"CloudWatch Alarm State Change" on the bus.
"""

import ast
import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch

from daybreak_local.cloud import hooks
from daybreak_local.cloud.events import put_event
from daybreak_local.cloud.metric_math import ExpressionError, evaluate, parse

log = logging.getLogger("daybreak.alarms")

_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": (
        lambda value, threshold: value >= threshold,
        "greater than or equal to",
    ),
    "GreaterThanThreshold": (lambda value, threshold: value > threshold, "greater than"),
    "LessThanThreshold": (lambda value, threshold: value < threshold, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, threshold: value <= threshold, "less than or equal to"),
}
_Series = list[float | None]

# The last state of each alarm that was told to EventBridge, by its ARN.
_told: dict[str, dict[str, Any]] = {}


def install() -> None:
    """Replaces ministack's evaluation and adds the events."""
    hooks.require(
        cloudwatch, "_alarms", "_metrics", "_dims_key", "_calc_stats", "_stat_value", "_record_history"
    )
    hooks.replace(cloudwatch, "_evaluate_alarm", lambda _original: lambda alarm: evaluate_alarm(alarm))
    hooks.replace(cloudwatch, "_put_metric_alarm", _keeping_metric_math)
    hooks.replace(cloudwatch, "_dispatch_alarm_actions", _telling_eventbridge)


def evaluate_all() -> None:
    """Evaluates every alarm; called every second, for the datapoints that stay away."""
    cloudwatch._evaluate_all_alarms()


def evaluate_alarm(alarm: dict[str, Any]) -> None:
    """Brings one alarm to the state that its metrics call for."""
    try:
        values = datapoints(alarm)
    except ExpressionError as error:
        log.error("the alarm %s cannot be evaluated: %s", alarm["AlarmName"], error)
        return
    state, reason = judge(alarm, values)
    old = alarm["StateValue"]
    if state is None or state == old:
        return
    now = time.time()
    alarm["StateValue"] = state
    alarm["StateReason"] = reason
    alarm["StateReasonData"] = json.dumps(
        {
            "version": "1.0",
            "queryDate": _stamp(now),
            "statistic": alarm.get("Statistic"),
            "period": alarm.get("Period"),
            "recentDatapoints": [value for value in values if value is not None],
            "threshold": alarm.get("Threshold"),
        }
    )
    alarm["StateUpdatedTimestamp"] = int(now)
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def judge(alarm: dict[str, Any], values: _Series) -> tuple[str | None, str]:
    """The state that these datapoints (newest first, None where there is none) give, with the reason.

    A state of None leaves the alarm as it is.
    """
    breaches, words = _COMPARISONS[alarm["ComparisonOperator"]]
    threshold = alarm["Threshold"]
    missing = alarm.get("TreatMissingData") or "missing"
    present = [value for value in values if value is not None]
    if not present and missing == "ignore":
        return None, ""
    if not present and missing == "missing":
        return "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received."
    breaching = [value for value in present if breaches(value, threshold)]
    count = len(breaching) + (len(values) - len(present) if missing == "breaching" else 0)
    needed = alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods", 1)
    if not present:
        treated = "[Breaching]" if missing == "breaching" else "[NonBreaching]"
        reason = (
            f"Threshold Crossed: no datapoints were received for {len(values)} period(s) "
            f"and they were treated as {treated}."
        )
        return ("ALARM" if count >= needed else "OK"), reason
    verb = f"{words} the threshold ({threshold})"
    if count >= needed:
        shown = breaching or present
        return "ALARM", f"Threshold Crossed: {len(shown)} datapoint(s) {shown} were {verb}."
    return "OK", f"Threshold Crossed: {len(present)} datapoint(s) {present} were not {verb}."


def datapoints(alarm: dict[str, Any]) -> _Series:
    """The alarm's value in each of its last evaluation periods, newest first."""
    periods = alarm.get("EvaluationPeriods", 1)
    queries = alarm.get("Metrics")
    if not queries:
        statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
        return _series(alarm, alarm.get("Period", 60), statistic, periods)
    period = next(
        (query["MetricStat"]["Period"] for query in queries if query.get("MetricStat")),
        alarm.get("Period", 60),
    )
    series: dict[str, _Series] = {}
    for query in queries:
        if query.get("MetricStat"):
            stat = query["MetricStat"]
            series[query["Id"]] = _series(stat["Metric"], period, stat["Stat"], periods)
    trees = {query["Id"]: parse(query["Expression"]) for query in queries if query.get("Expression")}
    result = next(query["Id"] for query in queries if query.get("ReturnData", True))
    return [
        _result(result, {key: points[index] for key, points in series.items()}, trees)
        for index in range(periods)
    ]


def _result(wanted: str, values: dict[str, float | None], trees: dict[str, ast.expr]) -> float | None:
    pending = dict(trees)
    while pending:
        ready = [
            key
            for key, tree in pending.items()
            if not {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & set(pending)
        ]
        if not ready:
            raise ExpressionError(f"the expressions {', '.join(sorted(pending))} refer to each other")
        for key in ready:
            values[key] = evaluate(pending.pop(key), values)
    return values[wanted]


def _series(metric: dict[str, Any], period: int, statistic: str, periods: int) -> _Series:
    dimensions = {item["Name"]: item["Value"] for item in metric.get("Dimensions") or []}
    key = (metric.get("Namespace"), metric.get("MetricName"), cloudwatch._dims_key(dimensions))
    buckets: list[list[dict[str, Any]]] = [[] for _ in range(periods)]
    now = time.time()
    for point in cloudwatch._metrics.get(key) or ():
        index = int((now - point["Timestamp"]) // period)
        # A clock a moment ahead of ours belongs to the newest period.
        if -1 <= index < periods:
            buckets[max(index, 0)].append(point)
    return [_value(points, statistic) if points else None for points in buckets]


def _value(points: list[dict[str, Any]], statistic: str) -> float | None:
    return cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)


def _keeping_metric_math(original: Any) -> Any:
    """ministack drops an alarm's `Metrics`: keeps them, and refuses expressions that cannot be computed
    here.
    """

    def _put_metric_alarm(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        queries = (cbor_data or {}).get("Metrics") or []
        name = (cbor_data or {}).get("AlarmName", "")
        for query in queries:
            if query.get("Expression"):
                try:
                    parse(query["Expression"])
                except ExpressionError as error:
                    return cloudwatch._error(
                        "ValidationError", f"{name}: {error}", 400, use_json=is_json, use_cbor=is_cbor
                    )
        answer = original(params, cbor_data, is_cbor, is_json)
        if answer[0] < 300 and queries:
            alarm = cloudwatch._alarms[name]
            alarm["Metrics"] = queries
            for unused in ("MetricName", "Namespace", "Statistic", "Period"):
                alarm.pop(unused, None)
            cloudwatch._evaluate_alarm(alarm)
        return answer

    return _put_metric_alarm


def _telling_eventbridge(original: Any) -> Any:
    def _dispatch_alarm_actions(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
        original(_as_told_to_topics(alarm), old_state, new_state, reason)
        state = {
            "value": new_state,
            "reason": reason,
            "reasonData": alarm.get("StateReasonData"),
            "timestamp": _stamp(time.time()),
        }
        previous = _told.get(alarm["AlarmArn"]) or {
            "value": old_state,
            "reason": "Unchecked: Initial alarm creation",
            "timestamp": _stamp(alarm.get("AlarmConfigurationUpdatedTimestamp", time.time())),
        }
        _told[alarm["AlarmArn"]] = state
        detail = {
            "alarmName": alarm["AlarmName"],
            "state": {key: value for key, value in state.items() if value is not None},
            "previousState": {key: value for key, value in previous.items() if value is not None},
            "configuration": {
                "description": alarm.get("AlarmDescription") or "",
                "metrics": _metrics_of(alarm),
            },
        }
        put_event("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm["AlarmArn"]])

    return _dispatch_alarm_actions


def _as_told_to_topics(alarm: dict[str, Any]) -> dict[str, Any]:
    """An alarm's message to SNS writes a dimension's name and value in lower case, unlike the API."""
    dimensions = alarm.get("Dimensions") or []
    return {**alarm, "Dimensions": [{"name": one["Name"], "value": one["Value"]} for one in dimensions]}


def _metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    queries = alarm.get("Metrics") or [
        {
            "Id": "m1",
            "MetricStat": {
                "Metric": alarm,
                "Period": alarm.get("Period"),
                "Stat": alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
            },
            "ReturnData": True,
        }
    ]
    described = []
    for query in queries:
        entry: dict[str, Any] = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
        if query.get("Expression"):
            entry["expression"] = query["Expression"]
        else:
            stat = query["MetricStat"]
            metric = stat["Metric"]
            entry["metricStat"] = {
                "metric": {
                    "namespace": metric.get("Namespace"),
                    "name": metric.get("MetricName"),
                    "dimensions": {item["Name"]: item["Value"] for item in metric.get("Dimensions") or []},
                },
                "period": stat["Period"],
                "stat": stat["Stat"],
            }
        described.append(entry)
    return described


def _stamp(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
