"""Alarm evaluation, without a cloud."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import cloudwatch

from daybreak_local.cloud.alarms import _datapoints, judge

values = st.lists(st.one_of(st.none(), st.floats(-10, 10)), min_size=1, max_size=5)


def alarm(**changes: Any) -> dict[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1.0,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        **changes,
    }


@pytest.mark.parametrize(
    ("treatment", "state"),
    [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA"), ("ignore", None)],
)
def test_missing_data_is_treated_as_the_alarm_specifies(treatment: str, state: str | None) -> None:
    assert judge(alarm(TreatMissingData=treatment), [None])[0] == state


def test_m_of_n_datapoints_are_needed() -> None:
    two_of_three = alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    assert judge(two_of_three, [2.0, 0.0, 0.0])[0] == "OK"
    assert judge(two_of_three, [2.0, None, 3.0])[0] == "ALARM"


@given(values)
def test_more_breaching_data_never_clears_an_alarm(series: list[float | None]) -> None:
    rule = alarm(EvaluationPeriods=len(series), DatapointsToAlarm=1)
    before = judge(rule, series)[0]
    after = judge(rule, [99.0, *series[1:]])[0]
    assert after == "ALARM" or before != "ALARM"


def test_the_reason_names_the_values_and_the_threshold() -> None:
    reason = judge(alarm(), [3.0])[1]
    assert "[3.0]" in reason
    assert "threshold (1.0)" in reason


@pytest.mark.parametrize(
    ("seconds_ago", "series"),
    [(10, [2.0, None, None]), (70, [None, 2.0, None]), (170, [None, None, 2.0]), (190, [None] * 3)],
)
def test_a_value_counts_for_the_period_of_its_time_however_late_it_comes(
    monkeypatch: pytest.MonkeyPatch, seconds_ago: float, series: list[float | None]
) -> None:
    metric = {"Namespace": "Daybreak", "MetricName": "Drift", "Statistic": "Maximum"}
    point = {"Timestamp": time.time() - seconds_ago, "Value": 2.0}
    monkeypatch.setattr(cloudwatch, "_metrics", {("Daybreak", "Drift", cloudwatch._dims_key({})): [point]})
    assert _datapoints({**metric, "Period": 60, "EvaluationPeriods": 3}) == series
