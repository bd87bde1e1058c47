"""What training and processing jobs share: sandbox, input download, command and role session."""

import threading
import time
from pathlib import Path

from daybreak_local.isolation import clean_environment
from daybreak_local.sagemaker.images import image_problem
from daybreak_local.sagemaker.jobs.logs import LogPump
from daybreak_local.sagemaker.jobs.process import JobProcess
from daybreak_local.sagemaker.jobs.runner import JobFailure
from daybreak_local.sagemaker.jobs.sandbox import Sandbox, local_command
from daybreak_local.sagemaker.platform import AccessProblem, RoleSession
from daybreak_local.sagemaker.store import Record

MAX_REASON = 1024


class JobRun:
    """One job; each kind has its `_execute`."""

    log_group: str

    def __init__(self, job: Record, name: str, image: str, session: RoleSession, home: Path) -> None:
        self._job, self._image, self._session = job, image, session
        self._sandbox = Sandbox(home, name)
        hide = (str(self._sandbox.opt_ml), "/opt/ml")
        stream = f"{name}/algo-1-{int(time.time())}"
        self._pump = LogPump(session, self.log_group, stream, hide)

    def execute(self, stop: threading.Event) -> tuple[str, Record]:
        """Runs the job; returns its final status and its Describe fields. Raises JobFailure."""
        try:
            if problem := image_problem(self._image):
                raise JobFailure(problem)
            return self._execute(stop)
        except AccessProblem as problem:
            raise JobFailure(f"ClientError: {problem}"[:MAX_REASON]) from problem
        finally:
            self._sandbox.remove()

    def _execute(self, stop: threading.Event) -> tuple[str, Record]:
        raise NotImplementedError

    def _download(self, what: str, uri: str, container_path: str) -> None:
        folder = self._sandbox.path(container_path)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            count = self._session.download_prefix(uri, folder)
        except AccessProblem as problem:
            message = f"ClientError: Data download failed for {what} ({uri}): {problem}"
            raise JobFailure(message[:MAX_REASON]) from problem
        if count == 0:
            raise JobFailure(
                f'ClientError: Data download failed:No S3 objects found under S3 URL "{uri}" given in {what}.'
                " Please ensure that objects exist under that S3 prefix, and that the role "
                f'"{self._job["RoleArn"]}" has "s3:ListBucket" permissions on it.'
            )

    def _run(
        self, command: list[str], folder: Path, environment: dict[str, str], stop: threading.Event
    ) -> int | None:
        """The exit code; None if the job was stopped or exceeded MaxRuntimeInSeconds."""
        given = self._job.get("Environment", {}).items()
        isolated = self._job.get("NetworkConfig", self._job).get("EnableNetworkIsolation", False)
        whole = clean_environment(
            {"HOME": str(self._sandbox.root)},
            {name: self._sandbox.rewrite(value) for name, value in given},
            environment,
            # As on AWS, a container without a network has no credentials.
            {} if isolated else self._session.environment,
        )
        limit = self._job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86_400)
        process = JobProcess(local_command(command), folder, whole, self._pump)
        return process.wait(stop, time.monotonic() + limit)

    def _program(self, member: str) -> list[str]:
        """The command in a member of the request, with the sandbox's paths. Raises JobFailure without one."""
        specification = self._job[member]
        if not specification.get("ContainerEntrypoint"):
            raise JobFailure(
                f"ClientError: {member}.ContainerEntrypoint is required: the image's own program does not "
                "exist here."
            )
        command = [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
        return [self._sandbox.rewrite(part) for part in command]

    def _words(self, container_path: str) -> str:
        """The message file that the job left in its container, or an empty string."""
        path = self._sandbox.path(container_path)
        return path.read_text(errors="replace").strip()[:MAX_REASON] if path.is_file() else ""
