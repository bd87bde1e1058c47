"""Glue job runs: StartJobRun executes the script in the warm Spark session with the job's role."""

import json
import logging
import secrets
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import glue

from daybreak_local.account import ACCOUNT_ID
from daybreak_local.cloud import hooks
from daybreak_local.cloud.events import put_event
from daybreak_local.cloud.log_shipper import LogShipper
from daybreak_local.sagemaker.platform import AccessProblem, RoleSession
from daybreak_local.spark.manager import JobStopped, SessionError, SparkSessionProcess

log = logging.getLogger("daybreak.glue")

# Of the log groups, unless --custom-logGroup-prefix says otherwise.
LOG_PREFIX = "/aws-glue/jobs"
ACTIVE = ("STARTING", "RUNNING", "STOPPING", "WAITING")
# Job properties that ministack drops in CreateJob and UpdateJob.
_KEPT = ("ExecutionProperty", "ExecutionClass", "LogUri", "NotificationProperty", "JobMode")
SHIP_SECONDS = 1.0


class LaunchError(Exception):
    """The run cannot start: its script, files or role are unavailable."""


class GlueJobs:
    """The runs of every job."""

    def __init__(self, folder: Path, session: SparkSessionProcess) -> None:
        self._folder = folder
        self._session = session

    def install(self) -> None:
        """Replaces ministack's simulated job runs."""
        hooks.require(glue, "_jobs", "_job_runs", "_security_configs")
        hooks.replace(glue, "_start_job_run", self._start)
        hooks.replace(glue, "_batch_stop_job_run", stop_runs)
        hooks.wrap(glue, "_create_job", _keeping_properties)
        hooks.wrap(glue, "_update_job", _keeping_properties)

    def active(self) -> list[dict[str, str]]:
        """The runs that are not over."""
        return [
            {"job": name, "run": run["Id"], "state": run["JobRunState"]}
            for name, runs in glue._job_runs.items()
            for run in runs
            if run["JobRunState"] in ACTIVE
        ]

    def _start(self, data: dict[str, Any]) -> Any:
        name = data.get("JobName")
        job = glue._jobs.get(name)
        if job is None:
            return error_response_json(
                "EntityNotFoundException", f"Failed to start job run due to missing metadata: {name}", 400
            )
        runs = glue._job_runs.setdefault(name, [])
        allowed = (job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns") or 1
        if sum(run["JobRunState"] in ACTIVE for run in runs) >= allowed:
            return error_response_json(
                "ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}", 400
            )
        run = new_run(job, data)
        runs.insert(0, run)
        threading.Thread(target=self._run, args=(dict(job), run), name=f"glue-{name}", daemon=True).start()
        return json_response({"JobRunId": run["Id"]})

    def _run(self, job: dict[str, Any], run: dict[str, Any]) -> None:
        folder = self._folder / run["Id"]
        folder.mkdir(parents=True)
        try:
            state, message = self._execute(job, run, folder)
        except (AccessProblem, LaunchError, SessionError) as error:
            state, message = "FAILED", str(error)
        except Exception as error:
            log.exception("the run %s of the job %s failed inside the local cloud", run["Id"], job["Name"])
            state, message = "FAILED", f"Internal error of the local cloud: {error}"
        finish(run, state, message)
        shutil.rmtree(folder, ignore_errors=True)

    def _execute(self, job: dict[str, Any], run: dict[str, Any], folder: Path) -> tuple[str, str | None]:
        name = f"GlueJobRunnerSession-{run['Id']}"
        session = RoleSession(role_arn(job["Role"]), name, "glue.amazonaws.com")
        outputs, errors = log_groups(job, run)
        groups = {folder / "stdout": outputs, folder / "stderr": errors}
        shipper = LogShipper(session, run["Id"], groups)
        deadline = float("inf")
        shipped = 0.0

        def running() -> None:
            nonlocal deadline
            run["JobRunState"] = "RUNNING"
            run["StartedOn"] = run["LastModifiedOn"] = round(time.time(), 3)
            deadline = time.monotonic() + run["Timeout"] * 60

        def stopped() -> str | None:
            nonlocal shipped
            if time.monotonic() - shipped > SHIP_SECONDS:
                shipper.ship()
                shipped = time.monotonic()
            if run["JobRunState"] == "STOPPING":
                return "STOPPED"
            return "TIMEOUT" if time.monotonic() > deadline else None

        try:
            answer = self._session.run(launch_request(job, run, folder, session), running, stopped)
        except JobStopped as reason:
            state = str(reason)
            return (
                state,
                f"The run exceeded its timeout of {run['Timeout']} minutes." if state == "TIMEOUT" else None,
            )
        finally:
            shipper.ship(final=True)
        return ("SUCCEEDED", None) if answer["ok"] else ("FAILED", answer["error"])


def new_run(job: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The JobRun record of a new run."""
    now = round(time.time(), 3)
    return {
        "Id": f"jr_{secrets.token_hex(32)}",
        "Attempt": 0,
        "JobName": job["Name"],
        "JobRunState": "STARTING",
        "StartedOn": now,
        "LastModifiedOn": now,
        "Arguments": data.get("Arguments") or {},
        "ExecutionTime": 0,
        "Timeout": data.get("Timeout") or job.get("Timeout") or 2880,
        "WorkerType": job.get("WorkerType"),
        "NumberOfWorkers": job.get("NumberOfWorkers"),
        "GlueVersion": job.get("GlueVersion"),
        "LogGroupName": LOG_PREFIX,
        "PredecessorRuns": [],
    }


def arguments_of(job: dict[str, Any], run: dict[str, Any]) -> dict[str, str]:
    """The arguments that the script gets."""
    return {
        "--JOB_NAME": job["Name"],
        "--JOB_RUN_ID": run["Id"],
        **(job.get("DefaultArguments") or {}),
        **run["Arguments"],
        **(job.get("NonOverridableArguments") or {}),
    }


def log_groups(job: dict[str, Any], run: dict[str, Any]) -> tuple[str, str]:
    """The log groups of a run: output, errors. Those that a security configuration encrypts are others."""
    prefix = arguments_of(job, run).get("--custom-logGroup-prefix", LOG_PREFIX)
    name = job.get("SecurityConfiguration")
    encryption = glue._security_configs.get(name, {}).get("EncryptionConfiguration") or {}
    mode = (encryption.get("CloudWatchEncryption") or {}).get("CloudWatchEncryptionMode", "DISABLED")
    suffix = "" if mode == "DISABLED" else f"-{name}"
    return f"{prefix}/output{suffix}", f"{prefix}/error{suffix}"


def launch_request(
    job: dict[str, Any], run: dict[str, Any], folder: Path, session: RoleSession
) -> dict[str, Any]:
    """The request to the Spark session: downloaded files, merged arguments, the role's credentials."""
    arguments = arguments_of(job, run)
    script = fetch(session, job["Command"]["ScriptLocation"], folder / "script")
    extra = [uri.strip() for uri in arguments.get("--extra-py-files", "").split(",") if uri.strip()]
    files = [fetch(session, uri, folder / "python") for uri in extra]
    # A zip file is an import root itself; single modules share one folder.
    paths = [str(file) for file in files if file.suffix != ".py"]
    if any(file.suffix == ".py" for file in files):
        paths.append(str(folder / "python"))
    return {
        "id": run["Id"],
        "script": str(script),
        "arguments": arguments,
        "folder": str(folder),
        "python_path": paths,
        "credentials": session.environment,
        "stdout": str(folder / "stdout"),
        "stderr": str(folder / "stderr"),
    }


def fetch(session: RoleSession, uri: str, folder: Path) -> Path:
    """Downloads an S3 object with the role's permissions. Raises LaunchError."""
    file = folder / uri.rsplit("/", 1)[-1]
    try:
        session.download_object(uri, file)
    except (AccessProblem, ValueError) as error:
        raise LaunchError(f"{uri} cannot be read: {error}") from error
    return file


def role_arn(role: str) -> str:
    """Returns the role's ARN; a job may name its role instead."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"


def finish(run: dict[str, Any], state: str, message: str | None) -> None:
    """Completes the JobRun record and emits its state change to EventBridge."""
    run["CompletedOn"] = run["LastModifiedOn"] = round(time.time(), 3)
    run["ExecutionTime"] = round(run["CompletedOn"] - run["StartedOn"])
    if message:
        run["ErrorMessage"] = message
    run["JobRunState"] = state  # last, so that pollers see a complete record
    detail = {
        "jobName": run["JobName"],
        "severity": "INFO" if state == "SUCCEEDED" else "ERROR",
        "state": state,
        "jobRunId": run["Id"],
        "message": message or "Job run succeeded",
    }
    put_event("aws.glue", "Glue Job State Change", detail)


def stop_runs(data: dict[str, Any]) -> Any:
    """Implements BatchStopJobRun."""
    name = data.get("JobName")
    known = {run["Id"]: run for run in glue._job_runs.get(name, [])}
    successful, errors = [], []
    for run_id in data.get("JobRunIds", []):
        reference = {"JobName": name, "JobRunId": run_id}
        run = known.get(run_id)
        if run is None:
            problem = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"There is no run {run_id}."}
        elif run["JobRunState"] not in ACTIVE:
            problem = {
                "ErrorCode": "JobRunNotInTerminalStateException",
                "ErrorMessage": f"The run is {run['JobRunState']}.",
            }
        else:
            run["JobRunState"] = "STOPPING"
            successful.append(reference)
            continue
        errors.append({**reference, "ErrorDetail": problem})
    return json_response({"SuccessfulSubmissions": successful, "Errors": errors})


def _keeping_properties(original: Any, data: dict[str, Any]) -> Any:
    answer = original(data)
    if answer[0] < 300:
        name = json.loads(answer[2]).get("Name") or data.get("JobName")
        given = data.get("JobUpdate") or data
        glue._jobs[name].update({key: given[key] for key in _KEPT if key in given})
    return answer
