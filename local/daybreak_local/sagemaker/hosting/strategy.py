"""A deployment configuration as steps: what share of the traffic the new fleet has, and for how long."""

from dataclasses import dataclass
from typing import Any

from daybreak_local.sagemaker.errors import Invalid


@dataclass(frozen=True)
class Strategy:
    """How an update shifts traffic from the old (blue) fleet to the new (green) one."""

    steps: tuple[float, ...] = (100.0,)
    wait_seconds: float = 0.0
    termination_wait_seconds: float = 0.0
    alarms: tuple[str, ...] = ()

    @staticmethod
    def of(config: dict[str, Any] | None, instances: int) -> "Strategy":
        """The strategy of a DeploymentConfig. Raises Invalid when the policy lacks what its type needs."""
        config = config or {}
        alarms = tuple(
            alarm["AlarmName"]
            for alarm in config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
            if alarm.get("AlarmName")
        )
        if "RollingUpdatePolicy" in config:
            policy = config["RollingUpdatePolicy"]
            steps = _linear(_percent(policy["MaximumBatchSize"], instances))
            return Strategy(steps, policy["WaitIntervalInSeconds"], 0.0, alarms)
        policy = config.get("BlueGreenUpdatePolicy")
        if policy is None:
            return Strategy(alarms=alarms)
        routing = policy["TrafficRoutingConfiguration"]
        return Strategy(
            _steps(routing, instances),
            routing["WaitIntervalInSeconds"],
            policy.get("TerminationWaitInSeconds", 0),
            alarms,
        )


def _steps(routing: dict[str, Any], instances: int) -> tuple[float, ...]:
    kind = routing["Type"]
    if kind == "CANARY":
        if "CanarySize" not in routing:
            raise Invalid("TrafficRoutingConfiguration.CanarySize is required when Type is CANARY.")
        return (_percent(routing["CanarySize"], instances), 100.0)
    if kind == "LINEAR":
        if "LinearStepSize" not in routing:
            raise Invalid("TrafficRoutingConfiguration.LinearStepSize is required when Type is LINEAR.")
        return _linear(_percent(routing["LinearStepSize"], instances))
    return (100.0,)


def _percent(size: dict[str, Any], instances: int) -> float:
    value = float(size["Value"])
    percent = value if size["Type"] == "CAPACITY_PERCENT" else 100.0 * value / max(1, instances)
    # A fleet of one instance has no half: AWS asks for 50 % at most, here the one server takes its share.
    return min(percent, 50.0 if instances > 1 else 100.0)


def _linear(step: float) -> tuple[float, ...]:
    count = int(100.0 // step)
    steps = [step * number for number in range(1, count + 1)]
    return tuple(steps if steps[-1] >= 100.0 else [*steps, 100.0])
