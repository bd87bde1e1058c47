"""The servers of one endpoint configuration: started together, drained together."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.errors import Refusal
from daybreak_local.sagemaker.hosting.capture import CapturePlan
from daybreak_local.sagemaker.hosting.server import ModelServer, ServerStartError
from daybreak_local.sagemaker.images import image_problem
from daybreak_local.sagemaker.jobs.logs import LogPump
from daybreak_local.sagemaker.jobs.sandbox import Sandbox, extract_tar
from daybreak_local.sagemaker.platform import AccessProblem, Platform, RoleSession
from daybreak_local.sagemaker.store import Record

DEFAULT_STARTUP_SECONDS = 120.0
_DRAIN_SECONDS = 70.0


class FleetStartError(Exception):
    """A variant did not start; the message is the endpoint's FailureReason."""


@dataclass
class Variant:
    """One production variant: its server, its share of the fleet's traffic, its capture."""

    name: str
    weight: float
    instances: int
    server: ModelServer
    capture: CapturePlan | None
    credit: float = 0.0


class Fleet:
    """All variants of one configuration. Counts the requests in flight, so that it can be drained."""

    def __init__(self, endpoint: str, config: Record, platform: Platform, home: Path) -> None:
        self.endpoint, self.config = endpoint, config
        self.config_name: str = config["EndpointConfigName"]
        self.variants: list[Variant] = []
        self._platform, self._home = platform, home
        self._sandboxes: list[Sandbox] = []
        self._idle = threading.Condition()
        self._in_flight = 0

    def start(self, container_of: Callable[[str], tuple[str, dict[str, Any]]]) -> None:
        """Starts every variant; on a failure stops those that did start and raises FleetStartError."""
        try:
            for variant in self.config["ProductionVariants"]:
                self._start_variant(variant, container_of)
        except BaseException:
            self.stop()
            raise

    def _start_variant(
        self, variant: dict[str, Any], container_of: Callable[[str], tuple[str, dict[str, Any]]]
    ) -> None:
        name = variant["VariantName"]
        try:
            role_arn, container = container_of(variant["ModelName"])
        except Refusal as refusal:
            raise FleetStartError(refusal.message) from refusal
        if problem := image_problem(container["Image"], self._platform.region):
            raise FleetStartError(problem)
        sandbox = Sandbox(self._home / "endpoints", f"{self.endpoint}-{name}")
        self._sandboxes.append(sandbox)
        try:
            session = self._platform.assume_role(role_arn, f"{self.endpoint}-{name}")
            environment = self._prepare(sandbox, session, container)
        except (AccessProblem, OSError, ValueError) as problem:
            raise FleetStartError(
                f"Failed to download model data for production variant {name} "
                f"({container.get('ModelDataUrl', 'no ModelDataUrl')}): {problem}"
            ) from problem
        stream = f"{name}/i-{uuid.uuid4().hex[:17]}"
        hide = (str(sandbox.opt_ml), "/opt/ml")
        pump = LogPump(session, f"/aws/sagemaker/Endpoints/{self.endpoint}", stream, hide=hide)
        server = ModelServer(environment, sandbox.root, pump)
        plan = CapturePlan.of(self.config.get("DataCaptureConfig"), self.endpoint, name, session)
        weight = float(variant.get("InitialVariantWeight", 1.0))
        self.variants.append(Variant(name, weight, variant.get("InitialInstanceCount", 1), server, plan))
        timeout = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", DEFAULT_STARTUP_SECONDS)
        try:
            server.wait_healthy(timeout)
        except ServerStartError as error:
            raise FleetStartError(
                f"The primary container for production variant {name} did not pass the ping health check. "
                "Please "
                f"check CloudWatch logs for this endpoint. ({error})"
            ) from error

    def _prepare(self, sandbox: Sandbox, session: RoleSession, container: dict[str, Any]) -> dict[str, str]:
        """Model and code in place; the environment the server finds."""
        model, code = sandbox.path("/opt/ml/model"), sandbox.path("/opt/ml/code")
        model.mkdir(parents=True)
        if "ModelDataUrl" in container:
            self._fetch(session, container["ModelDataUrl"], sandbox, model)
        given = container.get("Environment", {})
        source = given.get("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/model/code")
        if source.startswith("s3://"):
            self._fetch(session, source, sandbox, code)
        else:
            code = sandbox.path(source)
        if "SAGEMAKER_PROGRAM" not in given:
            raise ValueError(
                "the model's Environment has no SAGEMAKER_PROGRAM, the module that defines model_fn"
            )
        if not (code / given["SAGEMAKER_PROGRAM"]).is_file():
            raise ValueError(f"{given['SAGEMAKER_PROGRAM']} is not in {source}")
        return {
            **session.environment,
            **{name: sandbox.rewrite(value) for name, value in given.items()},
            "HOME": str(sandbox.root),
            "SM_MODEL_DIR": str(model),
            "SM_MODULE_DIR": str(code),
            "OMP_NUM_THREADS": given.get("OMP_NUM_THREADS", "1"),
        }

    def _fetch(self, session: RoleSession, uri: str, sandbox: Sandbox, folder: Path) -> None:
        archive = sandbox.root / "download.tar.gz"
        session.download_object(uri, archive)
        extract_tar(archive, folder)
        archive.unlink()

    def enter(self) -> None:
        """A request begins."""
        with self._idle:
            self._in_flight += 1

    def leave(self) -> None:
        """A request ended."""
        with self._idle:
            self._in_flight -= 1
            self._idle.notify_all()

    def drain(self) -> None:
        """Waits for the requests in flight; nobody may send new ones any more."""
        with self._idle:
            self._idle.wait_for(lambda: self._in_flight == 0, _DRAIN_SECONDS)

    def pick(self, target: str | None) -> Variant | None:
        """The variant for the next request: the one asked for, or by weight and without chance."""
        if target is not None:
            return next((variant for variant in self.variants if variant.name == target), None)
        return pick_by_weight([(variant, variant.weight) for variant in self.variants])

    def stop(self) -> None:
        """Ends the servers and removes their folders."""
        for variant in self.variants:
            variant.server.stop()
        for sandbox in self._sandboxes:
            sandbox.remove()


def pick_by_weight(candidates: list[tuple[Any, float]]) -> Any:
    """Smooth weighted round robin over things with a `credit`: of any 100 picks, each gets its share."""
    total = sum(weight for _, weight in candidates)
    if total <= 0:
        return None
    for candidate, weight in candidates:
        candidate.credit += weight
    chosen = max((candidate for candidate, weight in candidates if weight > 0), key=lambda one: one.credit)
    chosen.credit -= total
    return chosen


def scaled_wait(seconds: float, scale: float, interrupted: Callable[[], bool]) -> bool:
    """Waits `seconds` times `scale`, looking for a reason to stop; True when there was one."""
    deadline = time.monotonic() + seconds * scale
    while True:
        if interrupted():
            return True
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(left, 0.25))
