"""The endpoints that are up: creation, blue/green updates and end, each on a thread of its own."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from daybreak_local.sagemaker.hosting.capture import CaptureBuffer
from daybreak_local.sagemaker.hosting.fleet import Fleet, FleetStartError, scaled_wait
from daybreak_local.sagemaker.hosting.metrics import InvocationMetrics
from daybreak_local.sagemaker.hosting.strategy import Strategy
from daybreak_local.sagemaker.hosting.traffic import Traffic
from daybreak_local.sagemaker.platform import Platform
from daybreak_local.sagemaker.store import Record

logger = logging.getLogger(__name__)
_FLUSH_SECONDS = 2.0
ContainerOf = Callable[[str], tuple[str, dict[str, Any]]]


class Progress(Protocol):
    """What the control plane is told while an endpoint changes."""

    def in_service(self, config: Record, failure: str | None = None) -> None:
        """The endpoint serves this configuration; `failure` says why it is not the one that was asked for."""

    def rolling_back(self, reason: str) -> None:
        """Traffic goes back to the old fleet."""

    def failed(self, reason: str) -> None:
        """The endpoint does not serve."""


@dataclass
class LiveEndpoint:
    """One endpoint's fleet and traffic."""

    name: str
    traffic: Traffic = field(default_factory=Traffic)
    fleet: Fleet | None = None


def wait_scale() -> float:
    """DAYBREAK_WAIT_SCALE: what a deployment's waits are multiplied by, for tests and demos in a hurry."""
    return float(os.environ.get("DAYBREAK_WAIT_SCALE", "1"))


class Hosting:
    """All live endpoints by name."""

    def __init__(self, platform: Platform, home: Path, container_of: ContainerOf) -> None:
        self._platform, self._home, self._container_of = platform, home, container_of
        self.capture = CaptureBuffer()
        self.metrics = InvocationMetrics(platform)
        self._live: dict[str, LiveEndpoint] = {}
        self._lock = threading.Lock()
        self._flusher: threading.Thread | None = None
        self._closed = threading.Event()

    def find(self, name: str) -> LiveEndpoint | None:
        """The endpoint, when it serves."""
        with self._lock:
            live = self._live.get(name)
        return live if live and live.traffic else None

    def create(self, name: str, config: Record, progress: Progress) -> None:
        """Starts the first fleet of an endpoint."""
        live = LiveEndpoint(name)
        with self._lock:
            self._live[name] = live
            if self._flusher is None:
                self._flusher = threading.Thread(
                    target=self._flush_often, name="sagemaker-flush", daemon=True
                )
                self._flusher.start()

        def body() -> None:
            fleet = Fleet(name, config, self._platform, self._home)
            fleet.start(self._container_of)
            live.fleet = fleet
            live.traffic.route((fleet, 100.0))
            progress.in_service(config)

        self._run(f"create-{name}", body, progress.failed)

    def update(self, name: str, config: Record, strategy: Strategy, progress: Progress) -> None:
        """Starts the new fleet beside the old one and shifts the traffic; on any trouble, back to the old."""
        live = self._live[name]
        blue = live.fleet
        if blue is None:
            raise RuntimeError(f"the endpoint {name} has no fleet to update")

        def roll_back(reason: str) -> None:
            live.traffic.route((blue, 100.0))
            progress.rolling_back(reason)
            progress.in_service(blue.config, reason)

        def body() -> None:
            green = Fleet(name, config, self._platform, self._home)
            green.start(self._container_of)
            try:
                alarm = self._shift(live, blue, green, strategy)
            except BaseException:
                live.traffic.route((blue, 100.0))
                _retire(green)
                raise
            if alarm:
                live.traffic.route((blue, 100.0))
                progress.rolling_back(alarm)
                _retire(green)
                progress.in_service(blue.config, alarm)
                return
            live.fleet = green
            live.traffic.route((green, 100.0))
            _retire(blue)
            progress.in_service(config)

        self._run(f"update-{name}", body, roll_back)

    def _shift(self, live: LiveEndpoint, blue: Fleet, green: Fleet, strategy: Strategy) -> str | None:
        """Goes through the steps; the reason to roll back when an alarm went off meanwhile."""
        ringing: list[str] = []

        def alarmed() -> bool:
            if strategy.alarms:
                ringing[:] = self._platform.alarms_in_alarm(list(strategy.alarms))
            return bool(ringing)

        waits = [strategy.wait_seconds] * len(strategy.steps)
        waits[-1] += strategy.termination_wait_seconds
        for percent, wait in zip(strategy.steps, waits, strict=True):
            live.traffic.route((blue, 100.0 - percent), (green, percent))
            if scaled_wait(wait, wait_scale(), alarmed):
                return (
                    f"The deployment of {green.config_name} was rolled back to {blue.config_name} with "
                    f"{percent:g} % "
                    f"of the traffic shifted: these alarms are in ALARM state: {', '.join(ringing)}."
                )
        return None

    def delete(self, name: str, gone: Callable[[], None]) -> None:
        """Takes an endpoint out of service, drains it and ends its servers."""
        with self._lock:
            live = self._live.pop(name, None)

        def body() -> None:
            if live:
                live.traffic.route()
                if live.fleet:
                    _retire(live.fleet)
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
        """Writes captured requests and metrics now; returns how many captured lines were written."""
        self.metrics.flush()
        return self.capture.flush()

    def _flush_often(self) -> None:
        while not self._closed.wait(_FLUSH_SECONDS):
            try:
                self.flush()
            except Exception:
                logger.exception("Capture and metrics could not be flushed")

    def close(self) -> None:
        """Flushes and ends every server at once."""
        self._closed.set()
        with self._lock:
            endpoints, self._live = list(self._live.values()), {}
        for live in endpoints:
            live.traffic.route()
            if live.fleet:
                live.fleet.stop()
        self.flush()

    def status(self) -> dict[str, Any]:
        """What is up, for people who look."""
        with self._lock:
            endpoints = list(self._live.values())
        return {
            "endpoints": {live.name: live.traffic.shares() for live in endpoints},
            "capture_pending": self.capture.pending(),
            "capture_failed": dict(self.capture.failures),
        }


def _retire(fleet: Fleet) -> None:
    fleet.drain()
    fleet.stop()
