"""Live endpoints: creation, blue/green updates and deletion, each on its own thread."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.hosting.capture import CaptureBuffer
from daybreak_local.sagemaker.hosting.fleet import Fleet, FleetStartError
from daybreak_local.sagemaker.hosting.metrics import InvocationMetrics
from daybreak_local.sagemaker.hosting.strategy import Strategy
from daybreak_local.sagemaker.hosting.traffic import Traffic
from daybreak_local.sagemaker.platform import Platform
from daybreak_local.sagemaker.store import Record

logger = logging.getLogger(__name__)
_FLUSH_SECONDS = 2.0
_LOOK_SECONDS = 0.25
ContainerOf = Callable[[str], tuple[str, dict[str, Any]]]
# Updates fields of the endpoint's record.
Setter = Callable[..., Any]


@dataclass
class LiveEndpoint:
    """One endpoint's fleet and traffic."""

    traffic: Traffic = field(default_factory=Traffic)
    fleet: Fleet | None = None


class Hosting:
    """All live endpoints by name."""

    def __init__(self, platform: Platform, home: Path, container_of: ContainerOf) -> None:
        self._platform, self._home, self._container_of = platform, home, container_of
        self.capture = CaptureBuffer()
        self.metrics = InvocationMetrics(platform)
        # Multiplies a deployment's wait intervals; tests and demos shorten them.
        self._wait_scale = float(os.environ.get("DAYBREAK_WAIT_SCALE", "1"))
        self._live: dict[str, LiveEndpoint] = {}
        self._flusher: threading.Thread | None = None
        self._closed = threading.Event()

    def traffic(self, name: str) -> Traffic | None:
        """The traffic of a live endpoint, else None."""
        live = self._live.get(name)
        return live.traffic if live else None

    def create(self, name: str, config: Record, change: Setter) -> None:
        """Starts the first fleet of an endpoint."""
        live = self._live[name] = LiveEndpoint()
        if self._flusher is None:
            self._flusher = threading.Thread(target=self._flush_often, name="sagemaker-flush", daemon=True)
            self._flusher.start()

        def body() -> None:
            live.fleet = self._started(name, config)
            live.traffic.route((live.fleet, 100.0))
            change(**_in_service(config))

        def failed(reason: str) -> None:
            change(EndpointStatus="Failed", FailureReason=reason, PendingDeploymentSummary=None)

        self._run(f"create-{name}", body, failed)

    def update(self, name: str, config: Record, strategy: Strategy, change: Setter) -> None:
        """Starts the green fleet and shifts traffic to it; rolls back to blue on an alarm or error."""
        live = self._live[name]
        blue = live.fleet
        if blue is None:
            raise RuntimeError(f"the endpoint {name} has no fleet to update")

        def roll_back(reason: str, green: Fleet | None = None) -> None:
            live.traffic.route((blue, 100.0))
            change(EndpointStatus="RollingBack", FailureReason=reason)
            if green:
                green.retire()
            change(**_in_service(blue.config), FailureReason=reason)

        def body() -> None:
            green = self._started(name, config)
            try:
                alarm = self._shift(live, blue, green, strategy)
            except Exception as error:
                logger.exception("The deployment of %s failed inside the local SageMaker", green.config_name)
                alarm = f"InternalServerError: {type(error).__name__}: {error}"
            if alarm:
                roll_back(alarm, green)
                return
            live.fleet = green
            live.traffic.route((green, 100.0))
            blue.retire()
            change(**_in_service(config))

        self._run(f"update-{name}", body, roll_back)

    def _started(self, name: str, config: Record) -> Fleet:
        fleet = Fleet(name, config, self._platform, self._home)
        fleet.start(self._container_of)
        return fleet

    def _shift(self, live: LiveEndpoint, blue: Fleet, green: Fleet, strategy: Strategy) -> str | None:
        """Shifts traffic step by step; returns the reason to roll back if an alarm fires, else None."""
        for percent, wait in strategy.steps:
            live.traffic.route((blue, 100.0 - percent), (green, percent))
            deadline = time.monotonic() + wait * self._wait_scale
            while True:
                ringing = self._platform.alarms_in_alarm(list(strategy.alarms)) if strategy.alarms else []
                if ringing:
                    return (
                        f"The deployment of {green.config_name} was rolled back to {blue.config_name} with "
                        f"{percent:g} % of the traffic shifted: these alarms are in ALARM state: "
                        f"{', '.join(ringing)}."
                    )
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                time.sleep(min(left, _LOOK_SECONDS))
        return None

    def delete(self, name: str, gone: Callable[[], None]) -> None:
        """Drains an endpoint and stops its server, then calls `gone`."""
        live = self._live.pop(name, None)

        def body() -> None:
            if live:
                live.traffic.route()
                if live.fleet:
                    live.fleet.retire()
            gone()

        self._run(f"delete-{name}", body, lambda _: gone())

    def _run(self, label: str, body: Callable[[], None], failed: Callable[[str], None]) -> None:
        def guarded() -> None:
            try:
                body()
            except FleetStartError as error:
                failed(str(error))
            except Exception as error:
                logger.exception("%s failed inside the local SageMaker", label)
                failed(f"InternalServerError: {type(error).__name__}: {error}")

        threading.Thread(target=guarded, name=label, daemon=True).start()

    def flush(self) -> int:
        """Writes metrics and capture records now; returns the number of capture records written."""
        self.metrics.flush()
        return self.capture.flush()

    def _flush_often(self) -> None:
        while not self._closed.wait(_FLUSH_SECONDS):
            try:
                self.flush()
            except Exception:
                logger.exception("Capture and metrics could not be flushed")

    def close(self) -> None:
        """Stops every server without draining, then flushes."""
        self._closed.set()
        endpoints, self._live = list(self._live.values()), {}
        for live in endpoints:
            live.traffic.route()
            if live.fleet:
                live.fleet.stop()
        self.flush()

    def status(self) -> dict[str, Any]:
        """Traffic shares per endpoint, and pending and failed capture records."""
        return {
            "endpoints": {name: live.traffic.shares() for name, live in list(self._live.items())},
            "capture_pending": self.capture.pending(),
            "capture_failed": dict(self.capture.failures),
        }


def _in_service(config: Record) -> Record:
    """Describe fields of an endpoint that is InService with this configuration."""
    capture = config.get("DataCaptureConfig")
    return {
        "EndpointStatus": "InService",
        "EndpointConfigName": config["EndpointConfigName"],
        "ProductionVariants": [variant_summary(config["ProductionVariants"][0])],
        "DataCaptureConfig": _capture_summary(capture) if capture else None,
        "PendingDeploymentSummary": None,
    }


def variant_summary(variant: Record) -> Record:
    """A production variant as DescribeEndpoint returns it."""
    weight, count = variant.get("InitialVariantWeight", 1.0), variant["InitialInstanceCount"]
    return {
        "VariantName": variant["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _capture_summary(capture: Record) -> Record:
    started = capture.get("EnableCapture", False)
    return {
        "EnableCapture": started,
        "CaptureStatus": "Started" if started else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        # Required in the response, so empty if no key is configured.
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }
