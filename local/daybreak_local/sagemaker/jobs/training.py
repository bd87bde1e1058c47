"""One training job, from its inputs to its model artifact, as the script-mode container runs it."""

import contextlib
import math
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.images import image_problem
from daybreak_local.sagemaker.jobs.logs import LogPump
from daybreak_local.sagemaker.jobs.process import JobProcess, clean_environment
from daybreak_local.sagemaker.jobs.runner import JobFailure
from daybreak_local.sagemaker.jobs.sandbox import Sandbox, extract_tar, local_command, pack_tar
from daybreak_local.sagemaker.jobs.training_environment import (
    Script,
    read_hyperparameters,
    script_of,
    toolkit_environment,
    write_configuration,
)
from daybreak_local.sagemaker.platform import AccessProblem, RoleSession
from daybreak_local.sagemaker.store import Record

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
MAX_REASON = 1024
_PYTHON = "/miniconda3/bin/python3"

# Called with the secondary status and its message whenever the job moves on.
Progress = Callable[[str, str], None]


def artifact_uri(job: Record) -> str:
    """Where the job's model goes: one archive, or a prefix when OutputDataConfig asks for no compression."""
    config = job["OutputDataConfig"]
    base = f"{config['S3OutputPath'].rstrip('/')}/{job['TrainingJobName']}/output"
    return f"{base}/model/" if config.get("CompressionType") == "NONE" else f"{base}/model.tar.gz"


class TrainingRun:
    """Runs one job in a sandbox. `execute` returns what Describe shows of the end, or raises JobFailure."""

    def __init__(self, job: Record, session: RoleSession, home: Path, region: str) -> None:
        self._job, self._session, self._region = job, session, region
        self._sandbox = Sandbox(home, job["TrainingJobName"])
        self._metrics: dict[str, tuple[float, float]] = {}

    def execute(self, stop: threading.Event, progress: Progress) -> Record:
        """The whole job; the sandbox is gone afterwards."""
        try:
            return self._execute(stop, progress)
        except AccessProblem as problem:
            raise JobFailure(f"ClientError: {problem}"[:MAX_REASON]) from problem
        finally:
            self._sandbox.remove()

    def _execute(self, stop: threading.Event, progress: Progress) -> Record:
        specification = self._job["AlgorithmSpecification"]
        if problem := image_problem(specification.get("TrainingImage", ""), self._region):
            raise JobFailure(problem)
        progress("Downloading", "Downloading input data")
        script, code = self._prepare()
        progress("Training", "Training image download completed. Training in progress.")
        started = time.time()
        code_or_none = self._run(script, code, stop)
        ended = time.time()
        if code_or_none not in (0, None):
            raise JobFailure(self._failure_reason(script, code_or_none))
        progress("Uploading", "Uploading generated training model")
        self._upload()
        return {
            "FinalMetricDataList": [
                {"MetricName": name, "Value": value, "Timestamp": at}
                for name, (value, at) in self._metrics.items()
            ],
            "TrainingStartTime": started,
            "TrainingEndTime": time.time(),
            "TrainingTimeInSeconds": max(1, round(ended - started)),
            "BillableTimeInSeconds": max(1, round(ended - started)),
            "Ended": "Completed"
            if code_or_none == 0
            else "Stopped"
            if stop.is_set()
            else "MaxRuntimeExceeded",
        }

    def _prepare(self) -> tuple[Script, Path]:
        for folder in ("model", "output/data", "output/intermediate", "input/data", "input/config", "code"):
            self._sandbox.path(f"/opt/ml/{folder}").mkdir(parents=True, exist_ok=True)
        write_configuration(self._sandbox, self._job)
        for channel in self._job.get("InputDataConfig", []):
            self._download_channel(channel)
        user, own = read_hyperparameters(self._job.get("HyperParameters", {}))
        program, source = own.get("sagemaker_program"), own.get("sagemaker_submit_directory")
        if not program or not source:
            raise JobFailure(
                "AlgorithmError: script mode needs the hyperparameters sagemaker_program and "
                "sagemaker_submit_directory; XGBoost's built-in algorithm does not run locally."
            )
        code = self._sandbox.path("/opt/ml/code")
        self._fetch_code(str(source), code)
        if not (code / program).is_file():
            raise JobFailure(f"AlgorithmError: {program} is not in {source}.")
        return script_of(user, str(program)), code

    def _download_channel(self, channel: dict[str, Any]) -> None:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        folder = self._sandbox.path(f"/opt/ml/input/data/{channel['ChannelName']}")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            count = self._session.download_prefix(uri, folder)
        except AccessProblem as problem:
            raise JobFailure(
                "ClientError: Data download failed:Failed to download data. Access denied or missing for "
                f"URI {uri}: "
                f"{problem}"[:MAX_REASON]
            ) from problem
        if count == 0:
            raise JobFailure(
                f'ClientError: Data download failed:No S3 objects found under S3 URL "{uri}" given in '
                "input data "
                f"source (channel {channel['ChannelName']}). Please ensure that the bucket exists in the "
                "selected "
                f"region ({self._region}), that objects exist under that S3 prefix, and that the role "
                f'"{self._job["RoleArn"]}" has "s3:ListBucket" permissions on it.'
            )

    def _fetch_code(self, source: str, code: Path) -> None:
        if source.startswith("/opt/ml/"):
            raise JobFailure(
                f"AlgorithmError: sagemaker_submit_directory {source} must be an s3:// sourcedir.tar.gz."
            )
        archive = self._sandbox.root / "sourcedir.tar.gz"
        self._session.download_object(source, archive)
        extract_tar(archive, code)

    def _run(self, script: Script, code: Path, stop: threading.Event) -> int | None:
        patterns = [
            (definition["Name"], re.compile(definition["Regex"]))
            for definition in self._job["AlgorithmSpecification"].get("MetricDefinitions", [])
        ]

        def watch(line: str) -> None:
            for name, pattern in patterns:
                if (match := pattern.search(line)) and match.groups():
                    with contextlib.suppress(ValueError):
                        value = float(match[1])
                        # JSON has no NaN: a metric that is none is left out.
                        if math.isfinite(value):
                            self._metrics[name] = (value, time.time())

        stream = f"{self._job['TrainingJobName']}/algo-1-{int(time.time())}"
        self._pump = LogPump(self._session, LOG_GROUP, stream, watch, (str(self._sandbox.opt_ml), "/opt/ml"))
        environment = clean_environment(
            {"HOME": str(self._sandbox.root), "PYTHONPATH": str(code)},
            {name: self._sandbox.rewrite(value) for name, value in self._job.get("Environment", {}).items()},
            toolkit_environment(self._sandbox, self._job, script, code),
            self._session.environment,
        )
        limit = self._job["StoppingCondition"].get("MaxRuntimeInSeconds", 86_400)
        process = JobProcess(local_command(self._command(script)), code, environment, self._pump)
        return process.wait(stop, time.monotonic() + limit)

    def _command(self, script: Script) -> list[str]:
        # The image runs the program as a module of the source folder.
        return [_PYTHON, "-m", script.program.removesuffix(".py"), *script.arguments]

    def _failure_reason(self, script: Script, code: int | None) -> str:
        """The script's own words when it left some, else the toolkit's report with the end of its output."""
        failure = self._sandbox.path("/opt/ml/output/failure")
        words = failure.read_text(errors="replace").strip() if failure.is_file() else ""
        command = " ".join(self._command(script))
        tail = words or self._pump.tail()
        start = f'AlgorithmError: ExecuteUserScriptError:\nExitCode {code}\nErrorMessage "'
        end = f'"\nCommand "{command[:200]}", exit code: {code}'
        room = MAX_REASON - len(start) - len(end)
        # What matters of a traceback is its end.
        return f"{start}{tail[-room:]}{end}"

    def _upload(self) -> None:
        key = self._job["OutputDataConfig"].get("KmsKeyId")
        artifact = artifact_uri(self._job)
        base = artifact.rstrip("/").rpartition("/")[0]
        model, data = self._sandbox.path("/opt/ml/model"), self._sandbox.path("/opt/ml/output/data")
        if artifact.endswith("/"):
            self._session.upload_folder(model, artifact, key)
        else:
            self._upload_archive(model, artifact, key)
        if any(data.iterdir()):
            self._upload_archive(data, f"{base}/output.tar.gz", key)

    def _upload_archive(self, folder: Path, uri: str, key: str | None) -> None:
        archive = self._sandbox.root / uri.rsplit("/", 1)[-1]
        pack_tar(folder, archive)
        self._session.upload_file(archive, uri, key)
