"""One processing job: S3 in, a command in the sandbox, S3 out."""

import threading
import time
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.images import image_problem
from daybreak_local.sagemaker.jobs.logs import LogPump
from daybreak_local.sagemaker.jobs.process import JobProcess, clean_environment
from daybreak_local.sagemaker.jobs.runner import JobFailure
from daybreak_local.sagemaker.jobs.sandbox import Sandbox, local_command
from daybreak_local.sagemaker.platform import AccessProblem, RoleSession
from daybreak_local.sagemaker.store import Record

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
MAX_REASON = 1024


class ProcessingRun:
    """Runs one job. `execute` returns what Describe shows of the end, or raises JobFailure."""

    def __init__(self, job: Record, session: RoleSession, home: Path, region: str) -> None:
        self._job, self._session, self._region = job, session, region
        self._sandbox = Sandbox(home, job["ProcessingJobName"])

    def execute(self, stop: threading.Event) -> Record:
        """The whole job; the sandbox is gone afterwards."""
        try:
            return self._execute(stop)
        except AccessProblem as problem:
            raise JobFailure(f"ClientError: {problem}"[:MAX_REASON]) from problem
        finally:
            self._sandbox.remove()

    def _execute(self, stop: threading.Event) -> Record:
        if problem := image_problem(self._job["AppSpecification"]["ImageUri"], self._region):
            raise JobFailure(problem)
        for folder in ("processing", "output", "config"):
            self._sandbox.path(f"/opt/ml/{folder}").mkdir(parents=True, exist_ok=True)
        self._sandbox.write_json("/opt/ml/config/processingjobconfig.json", _configuration(self._job))
        for entry in self._job.get("ProcessingInputs", []):
            self._download(entry)
        outputs = self._job.get("ProcessingOutputConfig", {}).get("Outputs", [])
        for output in outputs:
            self._sandbox.path(output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
        started = time.time()
        code = self._run(stop)
        message = self._exit_message()
        if code not in (0, None):
            raise JobFailure(self._failure_reason(code, message))
        if code == 0:
            self._upload(outputs)
        return {
            "ProcessingStartTime": started,
            "ProcessingEndTime": time.time(),
            "Ended": "Completed" if code == 0 else "Stopped",
            **({"ExitMessage": message} if message else {}),
            **({} if code == 0 or stop.is_set() else {"FailureReason": self._overdue()}),
        }

    def _download(self, entry: dict[str, Any]) -> None:
        source = entry["S3Input"]
        folder = self._sandbox.path(source["LocalPath"])
        folder.mkdir(parents=True, exist_ok=True)
        try:
            count = self._session.download_prefix(source["S3Uri"], folder)
        except AccessProblem as problem:
            raise JobFailure(
                f"ClientError: Data download failed for input {entry['InputName']} ({source['S3Uri']}): "
                f"{problem}"
            ) from problem
        if count == 0:
            raise JobFailure(
                f'ClientError: Data download failed:No S3 objects found under S3 URL "{source["S3Uri"]}" '
                "given in "
                f"input {entry['InputName']}. Check that objects exist there and that the role "
                f'"{self._job["RoleArn"]}" has "s3:ListBucket" permissions on it.'
            )

    def _run(self, stop: threading.Event) -> int | None:
        specification = self._job["AppSpecification"]
        container_command = [
            *specification.get("ContainerEntrypoint", []),
            *specification.get("ContainerArguments", []),
        ]
        if not container_command:
            raise JobFailure(
                "ClientError: AppSpecification.ContainerEntrypoint is required: the image has none here."
            )
        command = local_command([self._sandbox.rewrite(part) for part in container_command])
        stream = f"{self._job['ProcessingJobName']}/algo-1-{int(time.time())}"
        hide = (str(self._sandbox.opt_ml), "/opt/ml")
        self._pump = LogPump(self._session, LOG_GROUP, stream, hide=hide)
        environment = clean_environment(
            {
                "HOME": str(self._sandbox.root),
                # Where the container's own /opt/ml is: for programs that look there without being told.
                "SM_OUTPUT_DIR": str(self._sandbox.path("/opt/ml/output")),
                "DAYBREAK_PROCESSING_DIR": str(self._sandbox.path("/opt/ml/processing")),
                "PROCESSING_JOB_NAME": self._job["ProcessingJobName"],
            },
            {name: self._sandbox.rewrite(value) for name, value in self._job.get("Environment", {}).items()},
            self._session.environment,
        )
        limit = self._job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86_400)
        folder = self._sandbox.path("/opt/ml/processing")
        return JobProcess(command, folder, environment, self._pump).wait(stop, time.monotonic() + limit)

    def _exit_message(self) -> str:
        path = self._sandbox.path("/opt/ml/output/message")
        return path.read_text(errors="replace").strip()[:MAX_REASON] if path.is_file() else ""

    def _failure_reason(self, code: int | None, message: str) -> str:
        if message:
            return f"AlgorithmError: {message}"[:MAX_REASON]
        tail = self._pump.tail()[-900:]
        return f"AlgorithmError: See job logs for more information (exit code: {code})\n{tail}"

    def _overdue(self) -> str:
        limit = self._job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
        return f"ClientError: The job ran longer than its MaxRuntimeInSeconds, {limit}, and was stopped."

    def _upload(self, outputs: list[dict[str, Any]]) -> None:
        key = self._job.get("ProcessingOutputConfig", {}).get("KmsKeyId")
        for output in outputs:
            target = output["S3Output"]
            self._session.upload_folder(self._sandbox.path(target["LocalPath"]), target["S3Uri"], key)


def _configuration(job: Record) -> Record:
    members = (
        "ProcessingJobArn",
        "ProcessingJobName",
        "AppSpecification",
        "Environment",
        "ProcessingInputs",
        "ProcessingOutputConfig",
        "ProcessingResources",
        "RoleArn",
        "StoppingCondition",
    )
    return {name: job[name] for name in members if name in job}
