"""Training and processing jobs: their requests, their status, their events."""

import time
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.control.base import Context, Request, operation, stamped
from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.jobs.processing import ProcessingRun
from daybreak_local.sagemaker.jobs.runner import JobFailure, JobRunner
from daybreak_local.sagemaker.jobs.training import TrainingRun, artifact_uri
from daybreak_local.sagemaker.store import Record, Table, list_page


class _Jobs:
    """What both kinds share: names, status, and the event of each change."""

    kind: str  # "Training" or "Processing"
    arn_kind: str

    def __init__(self, context: Context, table: Table, runner: JobRunner, home: Path) -> None:
        self._context, self._table, self._runner, self._home = context, table, runner, home
        self.name, self.status = f"{self.kind}JobName", f"{self.kind}JobStatus"
        self.arn = f"{self.kind}JobArn"

    def _insert(self, request: Request, **more: Any) -> Record:
        name = request[self.name]
        arn = self._context.place.arn(self.arn_kind, name)
        self._context.check_role(request["RoleArn"])
        record = stamped(request, **{self.arn: arn, self.status: "InProgress"}, **more)
        self._table.insert(
            name,
            record,
            "Job name must be unique within an AWS account and region, and a job with this name already "
            f"exists ({arn})",
        )
        self._context.register(arn, request.get("Tags"))
        self._announce(record)
        return record

    def _set(self, name: str, **changes: Any) -> None:
        record = self._table.update(name, **changes)
        if record:
            self._announce(record)

    def _describe(self, request: Request) -> Record:
        return self._table.get(request[self.name], "Requested resource not found.")

    def _list(self, request: Request) -> tuple[list[Record], str | None]:
        return list_page(self._table.all(), request, self.name, self.status)

    def _stop(self, request: Request, **changes: Any) -> Record:
        job = self._describe(request)
        if job[self.status] not in ("InProgress", "Stopping"):
            raise Invalid(
                f"The request was rejected because the {self.kind.lower()} job is in status "
                f"{job[self.status]}."
            )
        self._set(request[self.name], **{self.status: "Stopping"}, **changes)
        self._runner.stop(job[self.arn])
        return {}

    def _announce(self, record: Record) -> None:
        """The event of a state change: Describe's answer with times in milliseconds."""
        detail = _in_milliseconds({key: value for key, value in record.items() if key != "Ended"})
        self._context.notices.send(f"SageMaker {self.kind} Job State Change", detail, [record[self.arn]])


class TrainingJobs(_Jobs):
    """Create, describe, stop and list training jobs."""

    kind, arn_kind = "Training", "training-job"

    @operation("CreateTrainingJob")
    def create(self, request: Request) -> Record:
        """Checks what AWS checks at once and starts the job."""
        self._check(request)
        record = self._insert(
            request,
            SecondaryStatus="Starting",
            SecondaryStatusTransitions=[_transition("Starting", "Preparing the instances for training")],
            ModelArtifacts={"S3ModelArtifacts": artifact_uri(request)},
        )
        name, arn = record["TrainingJobName"], record["TrainingJobArn"]

        def failed(reason: str) -> None:
            self._move(name, "Failed", reason.splitlines()[0], "Failed", FailureReason=reason)

        def run(stop: Any) -> None:
            try:
                session = self._context.platform.assume_role(record["RoleArn"], name)
                job = TrainingRun(record, session, self._home / "training", self._context.platform.region)
                ended = job.execute(stop, lambda status, message: self._move(name, status, message))
            except JobFailure as failure:
                failed(str(failure))
                return
            status = ended.pop("Ended")
            messages = {"Completed": "Training job completed", "Stopped": "Training job stopped"}
            self._move(
                name,
                status,
                messages.get(status, "The job ran longer than its MaxRuntimeInSeconds and was stopped"),
                "Completed" if status == "Completed" else "Stopped",
                **ended,
            )

        self._runner.start(arn, run, failed)
        return {"TrainingJobArn": arn}

    def _check(self, request: Request) -> None:
        for member in ("AlgorithmSpecification", "ResourceConfig", "StoppingCondition"):
            if member not in request:
                raise Invalid(f"{member} is required for a training job on instances.")
        if not request["AlgorithmSpecification"].get("TrainingImage"):
            raise Invalid(
                "AlgorithmSpecification.TrainingImage is required: there are no algorithm resources here."
            )
        if (
            request["ResourceConfig"].get("InstanceCount", 1) != 1
            or "InstanceGroups" in request["ResourceConfig"]
        ):
            raise Invalid("ResourceConfig: a training job has one instance locally; InstanceCount must be 1.")
        names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
        if len(set(names)) != len(names):
            raise Invalid(f"Channel names must be unique within a training job: {', '.join(names)}.")
        for channel in request.get("InputDataConfig", []):
            source = channel["DataSource"].get("S3DataSource")
            if source is None or source["S3DataType"] != "S3Prefix":
                raise Invalid(
                    f"Channel {channel['ChannelName']}: only S3DataSource with S3Prefix runs locally."
                )
            if channel.get("InputMode", "File") == "Pipe":
                raise Invalid(
                    f"Channel {channel['ChannelName']}: InputMode Pipe does not run locally; use File."
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
            # A job that is being stopped keeps saying so until it is.
            job[self.status] = status or job[self.status]
            job.update(more, SecondaryStatus=secondary)

        record = self._table.change(name, edit)
        if record:
            self._announce(record)

    @operation("DescribeTrainingJob")
    def describe(self, request: Request) -> Record:
        """The job as it stands."""
        return self._describe(request)

    @operation("StopTrainingJob")
    def stop(self, request: Request) -> Record:
        """Ends the script; what it wrote to the model folder is uploaded, as on AWS."""
        return self._stop(request, SecondaryStatus="Stopping")

    @operation("ListTrainingJobs")
    def list(self, request: Request) -> Record:
        """Newest first."""
        page, token = self._list(request)
        return {"TrainingJobSummaries": page, "NextToken": token}


class ProcessingJobs(_Jobs):
    """Create, describe, stop and list processing jobs."""

    kind, arn_kind = "Processing", "processing-job"

    @operation("CreateProcessingJob")
    def create(self, request: Request) -> Record:
        """Checks what AWS checks at once and starts the job."""
        self._check(request)
        record = self._insert(request)
        name, arn = record["ProcessingJobName"], record["ProcessingJobArn"]

        def failed(reason: str) -> None:
            self._set(name, ProcessingJobStatus="Failed", FailureReason=reason, ProcessingEndTime=time.time())

        def run(stop: Any) -> None:
            try:
                session = self._context.platform.assume_role(record["RoleArn"], name)
                job = ProcessingRun(record, session, self._home / "processing", self._context.platform.region)
                ended = job.execute(stop)
            except JobFailure as failure:
                failed(str(failure))
                return
            self._set(name, ProcessingJobStatus=ended.pop("Ended"), **ended)

        self._runner.start(arn, run, failed)
        return {"ProcessingJobArn": arn}

    def _check(self, request: Request) -> None:
        if request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] != 1:
            raise Invalid(
                "ClusterConfig: a processing job has one instance locally; InstanceCount must be 1."
            )
        for entry in request.get("ProcessingInputs", []):
            source = entry.get("S3Input")
            if source is None or "LocalPath" not in source or source.get("S3DataType") != "S3Prefix":
                raise Invalid(
                    f"Input {entry['InputName']}: only S3Input with a LocalPath and S3DataType S3Prefix "
                    "runs locally."
                )
            _check_local_path(f"Input {entry['InputName']}", source["LocalPath"])
        for output in request.get("ProcessingOutputConfig", {}).get("Outputs", []):
            target = output.get("S3Output")
            if target is None or "LocalPath" not in target:
                raise Invalid(f"Output {output['OutputName']}: only S3Output with a LocalPath runs locally.")
            _check_local_path(f"Output {output['OutputName']}", target["LocalPath"])

    @operation("DescribeProcessingJob")
    def describe(self, request: Request) -> Record:
        """The job as it stands."""
        return self._describe(request)

    @operation("StopProcessingJob")
    def stop(self, request: Request) -> Record:
        """Ends the command; nothing is uploaded."""
        return self._stop(request)

    @operation("ListProcessingJobs")
    def list(self, request: Request) -> Record:
        """Newest first."""
        page, token = self._list(request)
        return {"ProcessingJobSummaries": page, "NextToken": token}


def _in_milliseconds(value: Any) -> Any:
    """The value with every time in it as events carry them."""
    if isinstance(value, list):
        return [_in_milliseconds(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: int(item * 1000)
        if isinstance(item, float) and key.endswith(("Time", "Timestamp"))
        else _in_milliseconds(item)
        for key, item in value.items()
    }


def _transition(status: str, message: str) -> dict[str, Any]:
    return {"Status": status, "StartTime": time.time(), "StatusMessage": message}


def _check_local_path(what: str, path: str) -> None:
    if not path.startswith("/opt/ml/processing"):
        raise Invalid(f"{what}: LocalPath {path} must begin with /opt/ml/processing.")
