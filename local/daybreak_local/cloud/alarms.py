"""CloudWatch alarms on one metric, and on other alarms, that behave as on AWS.

ministack ignores dimensions and missing data, evaluates alarms only on PutMetricData, and sends no events to
EventBridge. Here alarms are evaluated on every PutMetricData and every second, and each state change emits
"CloudWatch Alarm State Change". Metric math is rejected.
"""

import logging
import operator
import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch, sns

from daybreak_local.account import ACCOUNT_ID
from daybreak_local.cloud import hooks
from daybreak_local.cloud.events import put_event

log = logging.getLogger("daybreak.alarms")

_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_Series = list[float | None]


def install() -> None:
    """Replaces ministack's evaluation and adds the events."""
    hooks.require(cloudwatch, "_metrics", "_dims_key", "_calc_stats", "_stat_value", "_error")
    hooks.require(cloudwatch, "_record_history", "_evaluate_parent_alarms")
    hooks.require(sns, "topic_policy_allows")
    hooks.replace(cloudwatch, "_evaluate_alarm", evaluate_alarm)
    hooks.wrap(cloudwatch, "_put_metric_alarm", _refusing_metric_math)
    hooks.wrap(cloudwatch, "_dispatch_alarm_actions", _telling_eventbridge)


def evaluate_all() -> None:
    """Evaluates every alarm; called every second to detect missing data."""
    cloudwatch._evaluate_all_alarms()


def evaluate_alarm(alarm: dict[str, Any]) -> None:
    """Updates one alarm's state from its metric."""
    state, reason = judge(alarm, _datapoints(alarm))
    old = alarm["StateValue"]
    if state is None or state == old:
        return
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def judge(alarm: dict[str, Any], values: _Series) -> tuple[str | None, str]:
    """Returns the alarm state and reason for these datapoints (newest first, None if missing).

    A state of None means no change.
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
    state = "ALARM" if count >= (alarm.get("DatapointsToAlarm") or len(values)) else "OK"
    if not present:
        treated = "[Breaching]" if missing == "breaching" else "[NonBreaching]"
        return state, (
            f"Threshold Crossed: no datapoints were received for {len(values)} period(s) "
            f"and they were treated as {treated}."
        )
    shown = breaching or present if state == "ALARM" else present
    were = "were" if state == "ALARM" else "were not"
    return state, (
        f"Threshold Crossed: {len(shown)} datapoint(s) {shown} {were} {words} the threshold ({threshold})."
    )


def _datapoints(alarm: dict[str, Any]) -> _Series:
    """The metric's value in each of the alarm's last evaluation periods, newest first."""
    dimensions = {item["Name"]: item["Value"] for item in alarm.get("Dimensions") or []}
    key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    periods = alarm.get("EvaluationPeriods", 1)
    buckets: list[list[dict[str, Any]]] = [[] for _ in range(periods)]
    now = time.time()
    for point in cloudwatch._metrics.get(key) or ():
        index = int((now - point["Timestamp"]) // alarm.get("Period", 60))
        # A timestamp slightly in the future (clock skew) counts towards the newest period.
        if -1 <= index < periods:
            buckets[max(index, 0)].append(point)
    return [
        cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points) if points else None
        for points in buckets
    ]


def _refusing_metric_math(
    original: Any, params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False
) -> Any:
    """Rejects metric math: ministack drops `Metrics`, so the alarm would never fire."""
    if (cbor_data or {}).get("Metrics"):
        message = "The local cloud has no alarms on metric math: name one metric instead of Metrics."
        return cloudwatch._error("ValidationError", message, 400, use_json=is_json, use_cbor=is_cbor)
    return original(params, cbor_data, is_cbor, is_json)


def _permitted_topics(alarm: dict[str, Any]) -> dict[str, list[str]]:
    """The alarm's actions, without the topics whose policy does not admit CloudWatch."""
    permitted = {}
    for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        topics = alarm.get(kind) or []
        permitted[kind] = [
            topic
            for topic in topics
            if sns.topic_policy_allows(topic, "cloudwatch.amazonaws.com", alarm["AlarmArn"], ACCOUNT_ID)
        ]
        if missing := set(topics) - set(permitted[kind]):
            log.error("the alarm %s may not publish to %s", alarm["AlarmName"], ", ".join(sorted(missing)))
    return permitted


def _telling_eventbridge(
    original: Any, alarm: dict[str, Any], old_state: str, new_state: str, reason: str
) -> None:
    # The SNS notification spells dimension keys in lower case (`name`, `value`), unlike the API.
    dimensions = alarm.get("Dimensions") or []
    told = [{"name": one["Name"], "value": one["Value"]} for one in dimensions]
    original({**alarm, "Dimensions": told, **_permitted_topics(alarm)}, old_state, new_state, reason)
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
    configuration: dict[str, Any] = {"description": alarm.get("AlarmDescription") or ""}
    if "AlarmRule" in alarm:
        configuration["alarmRule"] = alarm["AlarmRule"]
    else:
        configuration["metrics"] = [_metric_of(alarm)]
    detail = {
        "alarmName": alarm["AlarmName"],
        "state": {"value": new_state, "reason": reason, "timestamp": moment},
        "previousState": {"value": old_state},
        "configuration": configuration,
    }
    put_event("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm["AlarmArn"]])


def _metric_of(alarm: dict[str, Any]) -> dict[str, Any]:
    metric = {
        "namespace": alarm.get("Namespace"),
        "name": alarm.get("MetricName"),
        "dimensions": {item["Name"]: item["Value"] for item in alarm.get("Dimensions") or []},
    }
    stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    described = {"metric": metric, "period": alarm.get("Period"), "stat": stat}
    return {"id": "m1", "returnData": True, "metricStat": described}
