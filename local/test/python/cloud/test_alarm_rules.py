"""Alarm evaluation, without a cloud."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak_local.cloud.alarms import judge

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
