"""The control plane of training and processing jobs."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.control.base import Context, Request, Resource, refuse_unserved
from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.jobs.processing import ProcessingRun
from daybreak_local.sagemaker.jobs.runner import JobRunner
from daybreak_local.sagemaker.jobs.training import TrainingRun, artifact_uri
from daybreak_local.sagemaker.store import Record, Table


class _Jobs(Resource):
    """What both job types share: status and stopping."""

    kind: str  # "Training" or "Processing"

    def __init__(self, context: Context, table: Table, runner: JobRunner, home: Path) -> None:
        super().__init__(context, table)
        self._runner, self._home = runner, home
        self.name, self.status, self.arn = (f"{self.kind}Job{member}" for member in ("Name", "Status", "Arn"))

    def _insert(self, request: Request, **more: Any) -> Record:
        self._context.check_role(request["RoleArn"])
        return self._table.insert(request[self.name], request, **{self.status: "InProgress"}, **more)

    def _stop(self, request: Request, **changes: Any) -> Record:
        job = self.describe(request)
        if job[self.status] not in ("InProgress", "Stopping"):
            raise Invalid(
                f"The request was rejected because the {self.kind.lower()} job is in status "
                f"{job[self.status]}."
            )
        self._table.update(request[self.name], **{self.status: "Stopping"}, **changes)
        self._runner.stop(job[self.arn])
        return {}


class TrainingJobs(_Jobs):
    """Training jobs."""

    kind = "Training"

    def create(self, request: Request) -> Record:
        """Makes the checks that AWS makes synchronously and starts the job."""
        self._check(request)
        record = self._insert(
            request,
            SecondaryStatus="Starting",
            SecondaryStatusTransitions=[_transition("Starting", "Preparing the instances for training")],
            ModelArtifacts={"S3ModelArtifacts": artifact_uri(request)},
        )
        name = record["TrainingJobName"]

        def failed(reason: str) -> None:
            self._move(name, "Failed", reason.splitlines()[0], "Failed", FailureReason=reason)

        def run(stop: Any) -> None:
            session = self._context.platform.assume_role(record["RoleArn"], name)
            progress = partial(self._move, name)
            status, ended = TrainingRun(record, session, self._home / "training", progress).execute(stop)
            messages = {"Completed": "Training job completed", "Stopped": "Training job stopped"}
            self._move(
                name,
                status,
                messages.get(status, "The job ran longer than its MaxRuntimeInSeconds and was stopped"),
                "Completed" if status == "Completed" else "Stopped",
                **ended,
            )

        self._runner.start(record[self.arn], run, failed)
        return record

    def _check(self, request: Request) -> None:
        for member in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
            if member not in request:
                raise Invalid(f"{member} is required for a training job on instances.")
        if not request["AlgorithmSpecification"].get("TrainingImage"):
            raise Invalid("AlgorithmSpecification.TrainingImage is required.")
        refuse_unserved(request["ResourceConfig"], "InstanceGroups")
        refuse_unserved(request["AlgorithmSpecification"], "MetricDefinitions")
        refuse_unserved(request["OutputDataConfig"], "CompressionType")
        if request["ResourceConfig"].get("InstanceCount", 1) != 1:
            raise Invalid("ResourceConfig: a training job has one instance locally; InstanceCount must be 1.")
        channels = request.get("InputDataConfig", [])
        names = [channel["ChannelName"] for channel in channels]
        if len(set(names)) != len(names):
            raise Invalid(f"Channel names must be unique within a training job: {', '.join(names)}.")
        for channel in channels:
            source = channel["DataSource"].get("S3DataSource", {})
            if source.get("S3DataType") != "S3Prefix" or channel.get("InputMode", "File") == "Pipe":
                raise Invalid(
                    f"Channel {channel['ChannelName']}: only S3DataSource with S3Prefix runs locally, "
                    "and no InputMode Pipe."
                )

    def _move(self, name: str, secondary: str, message: str, status: str | None = None, **more: Any) -> None:
        now = time.time()

        def edit(job: Record) -> None:
            transitions = job["SecondaryStatusTransitions"]
            transitions[-1]["EndTime"] = now
            transitions.append(_transition(secondary, message))
            if status is not None:
                transitions[-1]["EndTime"] = now
                more.setdefault("TrainingEndTime", now)
            # A job that is Stopping keeps that status until it has stopped.
            job[self.status] = status or job[self.status]
            job.update(more, SecondaryStatus=secondary)

        self._table.change(name, edit)

    def stop(self, request: Request) -> Record:
        """Stops the script; as on AWS, the contents of its model folder are still uploaded."""
        return self._stop(request, SecondaryStatus="Stopping")


class ProcessingJobs(_Jobs):
    """Processing jobs."""

    kind = "Processing"

    def create(self, request: Request) -> Record:
        """Makes the checks that AWS makes synchronously and starts the job."""
        self._check(request)
        record = self._insert(request)
        name = record["ProcessingJobName"]

        def failed(reason: str) -> None:
            self._table.update(
                name, ProcessingJobStatus="Failed", FailureReason=reason, ProcessingEndTime=time.time()
            )

        def run(stop: Any) -> None:
            session = self._context.platform.assume_role(record["RoleArn"], name)
            status, ended = ProcessingRun(record, session, self._home / "processing").execute(stop)
            self._table.update(name, ProcessingJobStatus=status, **ended)

        self._runner.start(record[self.arn], run, failed)
        return record

    def _check(self, request: Request) -> None:
        if request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] != 1:
            raise Invalid(
                "ClusterConfig: a processing job has one instance locally; InstanceCount must be 1."
            )
        inputs = request.get("ProcessingInputs", [])
        outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
        places = [(f"Input {one['InputName']}", one.get("S3Input")) for one in inputs]
        places += [(f"Output {one['OutputName']}", one.get("S3Output")) for one in outputs]
        for what, place in places:
            if place is None or place.get("S3DataType", "S3Prefix") != "S3Prefix":
                raise Invalid(f"{what}: only S3 and S3DataType S3Prefix run locally.")
            path = place.get("LocalPath", "")
            if not path.startswith("/opt/ml/processing"):
                raise Invalid(f"{what}: LocalPath {path} must begin with /opt/ml/processing.")

    def stop(self, request: Request) -> Record:
        """Stops the command; no outputs are uploaded."""
        return self._stop(request)


def _transition(status: str, message: str) -> dict[str, Any]:
    return {"Status": status, "StartTime": time.time(), "StatusMessage": message}
