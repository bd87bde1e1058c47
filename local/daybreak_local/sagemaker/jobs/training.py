"""A training job: downloads channels, runs the container's program, uploads the model artifact."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from daybreak_local.sagemaker.jobs.run import MAX_REASON, JobRun
from daybreak_local.sagemaker.jobs.runner import JobFailure
from daybreak_local.sagemaker.jobs.sandbox import Sandbox, pack_tar
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
        for folder in ("model", "output/data", "input/data"):
            self._sandbox.path(f"/opt/ml/{folder}").mkdir(parents=True, exist_ok=True)
        _write_configuration(self._sandbox, self._job)
        for channel in self._job.get("InputDataConfig", []):
            name = channel["ChannelName"]
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            self._download(f"input data source (channel {name})", uri, f"/opt/ml/input/data/{name}")
        self._progress("Training", "Training image download completed. Training in progress.")
        started = time.time()
        code = self._run_program(stop)
        trained = max(1, round(time.time() - started))
        if code not in (0, None):
            raise JobFailure(self._failure_reason(code))
        self._progress("Uploading", "Uploading generated training model")
        self._upload()
        status = "Completed" if code == 0 else "Stopped" if stop.is_set() else "MaxRuntimeExceeded"
        return status, {
            "TrainingStartTime": started,
            "TrainingEndTime": time.time(),
            "TrainingTimeInSeconds": trained,
            "BillableTimeInSeconds": trained,
        }

    def _run_program(self, stop: threading.Event) -> int | None:
        places = {"SM_INPUT": "input", "SM_MODEL_DIR": "model", "SM_OUTPUT_DIR": "output"}
        return self._run(
            self._program("AlgorithmSpecification"),
            self._sandbox.opt_ml,
            {
                # The image has the first two; SM_OUTPUT_DIR is for programs that would hard-code /opt/ml.
                **{name: str(self._sandbox.path(f"/opt/ml/{folder}")) for name, folder in places.items()},
                "TRAINING_JOB_NAME": self._job["TrainingJobName"],
                "TRAINING_JOB_ARN": self._job["TrainingJobArn"],
            },
            stop,
        )

    def _failure_reason(self, code: int | None) -> str:
        """The program's /opt/ml/output/failure if it wrote one, otherwise the tail of its output."""
        tail = self._words("/opt/ml/output/failure") or self._pump.tail()
        start, end = "AlgorithmError: ", f", exit code: {code}"
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


def _write_configuration(sandbox: Sandbox, job: Record) -> None:
    """Writes the job configuration files to /opt/ml/input/config."""
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode", "File"),
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
            **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
        }
        for channel in job.get("InputDataConfig", [])
    }
    resources = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"}
    sandbox.write_json("/opt/ml/input/config/hyperparameters.json", job.get("HyperParameters", {}))
    sandbox.write_json("/opt/ml/input/config/inputdataconfig.json", channels)
    sandbox.write_json("/opt/ml/input/config/resourceconfig.json", resources)
