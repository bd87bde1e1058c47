"""A fleet: the one instance that stands for all instances of a production variant."""

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.errors import Refusal
from daybreak_local.sagemaker.hosting.capture import CapturePlan
from daybreak_local.sagemaker.hosting.instance import Instance
from daybreak_local.sagemaker.hosting.server import ModelServer, ServerStartError
from daybreak_local.sagemaker.images import image_problem
from daybreak_local.sagemaker.jobs.logs import LogPump
from daybreak_local.sagemaker.jobs.sandbox import Sandbox, extract_tar
from daybreak_local.sagemaker.platform import AccessProblem, Platform, RoleSession
from daybreak_local.sagemaker.store import Record

DEFAULT_STARTUP_SECONDS = 120.0
_DRAIN_SECONDS = 70.0


class FleetStartError(Exception):
    """The production variant did not start; the message is the endpoint's FailureReason."""


class Fleet:
    """Counts the requests in flight, so that the server can be drained."""

    instance: Instance | None = None
    capture: CapturePlan | None = None

    def __init__(self, endpoint: str, config: Record, platform: Platform, home: Path) -> None:
        self.endpoint, self.config = endpoint, config
        self.config_name: str = config["EndpointConfigName"]
        self.variant: str = config["ProductionVariants"][0]["VariantName"]
        self._platform = platform
        self._sandbox = Sandbox(home / "endpoints", f"{endpoint}-{self.variant}")
        self._idle = threading.Condition()
        self._in_flight = 0

    def start(self, container_of: Callable[[str], tuple[str, dict[str, Any]]]) -> None:
        """Starts the server. On failure, cleans up and raises FleetStartError."""
        try:
            self._start(container_of)
        except BaseException:
            self.stop()
            raise

    def _start(self, container_of: Callable[[str], tuple[str, dict[str, Any]]]) -> None:
        variant = self.config["ProductionVariants"][0]
        try:
            role_arn, container = container_of(variant["ModelName"])
        except Refusal as refusal:
            raise FleetStartError(refusal.message) from refusal
        if problem := image_problem(container["Image"]):
            raise FleetStartError(problem)
        try:
            session = self._platform.assume_role(role_arn, f"{self.endpoint}-{self.variant}")
            environment = self._prepare(session, container)
        except (AccessProblem, OSError, ValueError) as problem:
            raise FleetStartError(
                f"Failed to download model data for production variant {self.variant} "
                f"({container.get('ModelDataUrl', 'no ModelDataUrl')}): {problem}"
            ) from problem

        def launch(reason: str | None) -> ModelServer:
            stream = f"{self.variant}/i-{uuid.uuid4().hex[:17]}"
            hide = (str(self._sandbox.opt_ml), "/opt/ml")
            pump = LogPump(session, f"/aws/sagemaker/Endpoints/{self.endpoint}", stream, hide)
            if reason:
                pump.add(reason)
            return ModelServer(environment, self._sandbox.root, pump)

        captured = self.config.get("DataCaptureConfig", {})
        if captured.get("EnableCapture"):
            self.capture = CapturePlan(captured, self.endpoint, self.variant, session)
        startup = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", DEFAULT_STARTUP_SECONDS)
        self.instance = Instance(launch, startup)
        try:
            self.instance.start()
        except ServerStartError as error:
            raise FleetStartError(
                f"The primary container for production variant {self.variant} did not pass the ping health "
                f"check. Please check CloudWatch logs for this endpoint. ({error})"
            ) from error

    def _prepare(self, session: RoleSession, container: dict[str, Any]) -> dict[str, str]:
        """Downloads model and code; returns the server's environment."""
        model, code = self._sandbox.path("/opt/ml/model"), self._sandbox.path("/opt/ml/code")
        model.mkdir(parents=True)
        if "ModelDataUrl" in container:
            self._fetch(session, container["ModelDataUrl"], model)
        given = container.get("Environment", {})
        source = given.get("SAGEMAKER_SUBMIT_DIRECTORY", "/opt/ml/model/code")
        isolated = container.get("EnableNetworkIsolation")
        if source.startswith("s3://"):
            if isolated:
                raise ValueError(f"the container is isolated from the network and cannot download {source}")
            self._fetch(session, source, code)
        else:
            code = self._sandbox.path(source)
        if "SAGEMAKER_PROGRAM" not in given:
            raise ValueError(
                "the model's Environment has no SAGEMAKER_PROGRAM, the module that defines model_fn"
            )
        if not (code / given["SAGEMAKER_PROGRAM"]).is_file():
            raise ValueError(f"{given['SAGEMAKER_PROGRAM']} is not in {source}")
        return {
            **({} if isolated else session.environment),
            **{name: self._sandbox.rewrite(value) for name, value in given.items()},
            "HOME": str(self._sandbox.root),
            "SM_MODEL_DIR": str(model),
            "SM_MODULE_DIR": str(code),
            "OMP_NUM_THREADS": given.get("OMP_NUM_THREADS", "1"),
        }

    def _fetch(self, session: RoleSession, uri: str, folder: Path) -> None:
        archive = self._sandbox.root / "download.tar.gz"
        session.download_object(uri, archive)
        extract_tar(archive, folder)
        archive.unlink()

    @property
    def server(self) -> ModelServer | None:
        """The model server; None while it is being replaced."""
        return self.instance.server if self.instance else None

    def enter(self) -> None:
        """Counts a request as in flight."""
        with self._idle:
            self._in_flight += 1

    def leave(self) -> None:
        """Counts a request as completed."""
        with self._idle:
            self._in_flight -= 1
            self._idle.notify_all()

    def retire(self) -> None:
        """Drains the server, at most 70 s, and stops it; the caller must have stopped routing to it."""
        with self._idle:
            self._idle.wait_for(lambda: self._in_flight == 0, _DRAIN_SECONDS)
        self.stop()

    def stop(self) -> None:
        """Stops the server and removes its sandbox."""
        if self.instance:
            self.instance.stop()
        self._sandbox.remove()
