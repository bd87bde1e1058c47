"""A processing job: downloads inputs from S3, runs the command, uploads outputs."""

import threading
import time
from pathlib import Path

from daybreak_local.sagemaker.jobs.run import MAX_REASON, JobRun
from daybreak_local.sagemaker.jobs.runner import JobFailure
from daybreak_local.sagemaker.platform import RoleSession
from daybreak_local.sagemaker.store import Record


class ProcessingRun(JobRun):
    """Runs one processing job."""

    log_group = "/aws/sagemaker/ProcessingJobs"

    def __init__(self, job: Record, session: RoleSession, home: Path) -> None:
        super().__init__(job, job["ProcessingJobName"], job["AppSpecification"]["ImageUri"], session, home)

    def _execute(self, stop: threading.Event) -> tuple[str, Record]:
        outputs = self._job.get("ProcessingOutputConfig", {}).get("Outputs", [])
        places = [output["S3Output"]["LocalPath"] for output in outputs]
        for path in ("/opt/ml/processing", "/opt/ml/output", *places):
            self._sandbox.path(path).mkdir(parents=True, exist_ok=True)
        for entry in self._job.get("ProcessingInputs", []):
            source = entry["S3Input"]
            self._download(f"input {entry['InputName']}", source["S3Uri"], source["LocalPath"])
        started = time.time()
        code = self._command(stop)
        message = self._words("/opt/ml/output/message")
        if code not in (0, None):
            raise JobFailure(self._failure_reason(code, message))
        if code == 0:
            key = self._job.get("ProcessingOutputConfig", {}).get("KmsKeyId")
            for output, path in zip(outputs, places, strict=True):
                self._session.upload_folder(self._sandbox.path(path), output["S3Output"]["S3Uri"], key)
        return "Completed" if code == 0 else "Stopped", {
            "ProcessingStartTime": started,
            "ProcessingEndTime": time.time(),
            **({"ExitMessage": message} if message else {}),
            **({} if code == 0 or stop.is_set() else {"FailureReason": self._overdue()}),
        }

    def _command(self, stop: threading.Event) -> int | None:
        folder = self._sandbox.path("/opt/ml/processing")
        # The sandbox's paths, for programs that would otherwise hard-code /opt/ml.
        environment = {
            "SM_OUTPUT_DIR": str(self._sandbox.path("/opt/ml/output")),
            "DAYBREAK_PROCESSING_DIR": str(folder),
        }
        return self._run(self._program("AppSpecification"), folder, environment, stop)

    def _failure_reason(self, code: int | None, message: str) -> str:
        if message:
            return f"AlgorithmError: {message}"[:MAX_REASON]
        tail = self._pump.tail()[-900:]
        return f"AlgorithmError: See job logs for more information (exit code: {code})\n{tail}"

    def _overdue(self) -> str:
        limit = self._job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
        return f"ClientError: The job ran longer than its MaxRuntimeInSeconds, {limit}, and was stopped."
