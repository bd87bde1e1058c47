"""A script-mode training job: downloads channels, runs the script, uploads the model artifact."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from daybreak_local.sagemaker.jobs.run import MAX_REASON, JobRun
from daybreak_local.sagemaker.jobs.runner import JobFailure
from daybreak_local.sagemaker.jobs.sandbox import extract_tar, pack_tar
from daybreak_local.sagemaker.jobs.training_environment import (
    Script,
    read_hyperparameters,
    toolkit_environment,
    write_configuration,
)
from daybreak_local.sagemaker.platform import RoleSession
from daybreak_local.sagemaker.store import Record

# Called with each new SecondaryStatus and its StatusMessage.
Progress = Callable[[str, str], None]


def artifact_uri(job: Record) -> str:
    """The S3 URI of the job's model artifact."""
    folder = job["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{folder}/{job['TrainingJobName']}/output/model.tar.gz"


class TrainingRun(JobRun):
    """Runs one training job."""

    log_group = "/aws/sagemaker/TrainingJobs"

    def __init__(self, job: Record, session: RoleSession, home: Path, progress: Progress) -> None:
        image = job["AlgorithmSpecification"]["TrainingImage"]
        super().__init__(job, job["TrainingJobName"], image, session, home)
        self._progress = progress

    def _execute(self, stop: threading.Event) -> tuple[str, Record]:
        self._progress("Downloading", "Downloading input data")
        for folder in ("model", "output/data", "input/data", "code"):
            self._sandbox.path(f"/opt/ml/{folder}").mkdir(parents=True, exist_ok=True)
        write_configuration(self._sandbox, self._job)
        for channel in self._job.get("InputDataConfig", []):
            name = channel["ChannelName"]
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            self._download(f"input data source (channel {name})", uri, f"/opt/ml/input/data/{name}")
        script = self._script()
        self._progress("Training", "Training image download completed. Training in progress.")
        started = time.time()
        code = self._run_script(script, stop)
        trained = max(1, round(time.time() - started))
        if code not in (0, None):
            raise JobFailure(self._failure_reason(script, code))
        self._progress("Uploading", "Uploading generated training model")
        self._upload()
        status = "Completed" if code == 0 else "Stopped" if stop.is_set() else "MaxRuntimeExceeded"
        return status, {
            "TrainingStartTime": started,
            "TrainingEndTime": time.time(),
            "TrainingTimeInSeconds": trained,
            "BillableTimeInSeconds": trained,
        }

    def _script(self) -> Script:
        """Downloads and unpacks the user's script."""
        user, own = read_hyperparameters(self._job.get("HyperParameters", {}))
        program, source = own.get("sagemaker_program"), str(own.get("sagemaker_submit_directory", ""))
        if not program or not source.startswith("s3://"):
            raise JobFailure(
                "AlgorithmError: script mode needs the hyperparameters sagemaker_program and "
                "sagemaker_submit_directory (an s3:// sourcedir.tar.gz); XGBoost's built-in algorithm does "
                "not run locally."
            )
        archive, code = self._sandbox.root / "sourcedir.tar.gz", self._sandbox.path("/opt/ml/code")
        self._session.download_object(source, archive)
        extract_tar(archive, code)
        if not (code / program).is_file():
            raise JobFailure(f"AlgorithmError: {program} is not in {source}.")
        return Script(str(program), user)

    def _run_script(self, script: Script, stop: threading.Event) -> int | None:
        code = self._sandbox.path("/opt/ml/code")
        environment = {"PYTHONPATH": str(code), **toolkit_environment(self._sandbox, self._job, script)}
        return self._run(script.command, code, environment, stop)

    def _failure_reason(self, script: Script, code: int | None) -> str:
        """The script's /opt/ml/output/failure if it wrote one, otherwise the tail of its output."""
        tail = self._words("/opt/ml/output/failure") or self._pump.tail()
        start = f'AlgorithmError: ExecuteUserScriptError:\nExitCode {code}\nErrorMessage "'
        end = f'"\nCommand "{" ".join(script.command)[:200]}", exit code: {code}'
        # Truncate at the front: the end of a traceback names the exception.
        return f"{start}{tail[-(MAX_REASON - len(start) - len(end)) :]}{end}"

    def _upload(self) -> None:
        artifact = artifact_uri(self._job)
        self._upload_archive("/opt/ml/model", artifact)
        if any(self._sandbox.path("/opt/ml/output/data").iterdir()):
            self._upload_archive("/opt/ml/output/data", artifact.replace("model.tar.gz", "output.tar.gz"))

    def _upload_archive(self, container_path: str, uri: str) -> None:
        archive = self._sandbox.root / uri.rsplit("/", 1)[-1]
        pack_tar(self._sandbox.path(container_path), archive)
        self._session.upload_file(archive, uri, self._job["OutputDataConfig"].get("KmsKeyId"))
