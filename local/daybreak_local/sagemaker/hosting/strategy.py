"""Converts a DeploymentConfig to traffic-shifting steps."""

from dataclasses import dataclass
from typing import Any

from daybreak_local.sagemaker.control.base import refuse_unserved
from daybreak_local.sagemaker.errors import Invalid


@dataclass(frozen=True)
class Strategy:
    """How an update shifts traffic from the old (blue) fleet to the new (green) one."""

    steps: tuple[tuple[float, float], ...] = ((100.0, 0.0),)
    """(percent of the traffic, seconds to wait)"""
    alarms: tuple[str, ...] = ()

    @staticmethod
    def of(config: dict[str, Any], instances: int) -> "Strategy":
        """The strategy of a DeploymentConfig: all at once or canary. Raises Invalid for any other."""
        refuse_unserved(config, "RollingUpdatePolicy")
        alarms = config.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        names = tuple(alarm["AlarmName"] for alarm in alarms)
        policy = config.get("BlueGreenUpdatePolicy")
        if policy is None:
            return Strategy(alarms=names)
        routing = policy["TrafficRoutingConfiguration"]
        wait = routing["WaitIntervalInSeconds"]
        whole = (100.0, wait + policy.get("TerminationWaitInSeconds", 0))
        if routing["Type"] == "ALL_AT_ONCE":
            return Strategy((whole,), names)
        if routing["Type"] != "CANARY" or "CanarySize" not in routing:
            raise Invalid("TrafficRoutingConfiguration: ALL_AT_ONCE here, or CANARY with a CanarySize.")
        size = routing["CanarySize"]
        share = 1 if size["Type"] == "CAPACITY_PERCENT" else 100.0 / max(1, instances)
        # AWS limits a canary to 50 % of capacity, which one instance cannot satisfy: allow any share there.
        percent = min(float(size["Value"]) * share, 50.0 if instances > 1 else 100.0)
        return Strategy(((percent, wait), whole), names)
