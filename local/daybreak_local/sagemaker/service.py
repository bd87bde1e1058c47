"""The local SageMaker as a whole: finds the operation, checks the request, runs it, shapes the answer."""

import shutil
from pathlib import Path
from typing import Any

from botocore.model import OperationModel

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.control.base import Context, operations_of
from daybreak_local.sagemaker.control.endpoint_configs import EndpointConfigs
from daybreak_local.sagemaker.control.endpoints import Endpoints
from daybreak_local.sagemaker.control.feature_groups import FeatureGroups
from daybreak_local.sagemaker.control.jobs import ProcessingJobs, TrainingJobs
from daybreak_local.sagemaker.control.model_packages import ModelPackageGroups, ModelPackages
from daybreak_local.sagemaker.control.models import Models
from daybreak_local.sagemaker.control.tags import Tags
from daybreak_local.sagemaker.errors import Refusal, ServiceError, as_service_error
from daybreak_local.sagemaker.featurestore.runtime import FeatureStoreRuntime
from daybreak_local.sagemaker.hosting.hosting import Hosting
from daybreak_local.sagemaker.hosting.invoke import Invocation, Invoker
from daybreak_local.sagemaker.jobs.runner import JobRunner
from daybreak_local.sagemaker.platform import Platform
from daybreak_local.sagemaker.validation import parse_request, render_answer

_TERMINAL = {
    "training-job": ("training_jobs", "TrainingJobStatus", {"InProgress", "Stopping"}),
    "processing-job": ("processing_jobs", "ProcessingJobStatus", {"InProgress", "Stopping"}),
    "endpoint": (
        "endpoints",
        "EndpointStatus",
        {"Creating", "Updating", "RollingBack", "SystemUpdating", "Deleting"},
    ),
    "feature-group": ("feature_groups", "FeatureGroupStatus", {"Creating", "Deleting"}),
}


class LocalSageMaker:
    """One account's SageMaker."""

    def __init__(self, platform: Platform, home: Path) -> None:
        self.platform, self._home = platform, home
        self.context = Context(platform)
        self._build()

    def _build(self) -> None:
        context, store = self.context, self.context.store
        self.runner = JobRunner()
        models, configs = Models(context), EndpointConfigs(context)
        groups = ModelPackageGroups(context)
        self.packages = ModelPackages(context, groups)
        self.feature_groups = FeatureGroups(context)
        self.hosting = Hosting(self.platform, self._home, models.container)
        self._invoker = Invoker(self.hosting, self.platform)
        owners = [
            models,
            configs,
            groups,
            self.packages,
            self.feature_groups,
            Endpoints(context, configs, self.hosting),
            TrainingJobs(context, store.training_jobs, self.runner, self._home),
            ProcessingJobs(context, store.processing_jobs, self.runner, self._home),
            Tags(context),
        ]
        self._operations = {
            model.CONTROL: operations_of(*owners),
            model.FEATURE_STORE: operations_of(FeatureStoreRuntime(self.feature_groups)),
        }

    def operation(self, service: str, name: str) -> OperationModel:
        """The model of an operation that is served. Raises ServiceError naming one that is not."""
        found = model.operation_model(service, name)
        served = name in self._operations.get(service, {}) or (service, name) == (
            model.RUNTIME,
            "InvokeEndpoint",
        )
        if found is None or not served:
            where = (
                f"{name} of {service}" if found else f"{name}, which {service} does not have on AWS either,"
            )
            names = sorted(self._operations.get(service, {"InvokeEndpoint": None}))
            raise ServiceError(
                "UnknownOperationException",
                f"The operation {where} is not in the local SageMaker. It has: {', '.join(names)}.",
                status=404 if found is None else 501,
            )
        return found

    def call(self, name: str, parameters: Any, service: str = model.CONTROL) -> dict[str, Any]:
        """Runs an operation and returns its answer. Raises ServiceError with the code AWS would give."""
        operation = self.operation(service, name)
        request = parse_request(operation, parameters)
        try:
            answer = self._operations[service][name](request)
        except Refusal as refusal:
            raise as_service_error(refusal, operation) from None
        return render_answer(operation.output_shape, answer) or {}

    def invoke(self, parameters: dict[str, Any]) -> Invocation:
        """InvokeEndpoint."""
        return self._invoker.invoke(
            parse_request(self.operation(model.RUNTIME, "InvokeEndpoint"), parameters)
        )

    def wait(self, kind: str, name: str, timeout: float | None = None) -> dict[str, Any] | None:
        """Waits until a training-job, processing-job, endpoint or feature-group has settled, and returns
        its record; None when it is gone. Raises TimeoutError."""
        if kind not in _TERMINAL:
            raise ValueError(f"cannot wait for a {kind}: expected one of {', '.join(_TERMINAL)}")
        table_name, status, moving = _TERMINAL[kind]
        table = getattr(self.context.store, table_name)

        def settled() -> bool:
            record = table.peek(name)
            return record is None or record[status] not in moving

        if not self.context.store.wait_until(settled, timeout):
            raise TimeoutError(f"the {kind} {name} has not settled within {timeout:g} s")
        return table.find(name)

    def flush(self) -> int:
        """Writes waiting captures, metrics and events; returns how many captured lines there were."""
        written = self.hosting.flush()
        self.context.notices.flush()
        return written

    def status(self) -> dict[str, Any]:
        """What is going on, for people who look."""
        return {
            "jobs": self.runner.running(),
            **self.hosting.status(),
            "online_records": self.feature_groups.counts(),
        }

    def close(self) -> None:
        """Ends every job and every server."""
        self.runner.stop_all()
        self.hosting.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def reset(self) -> None:
        """Ends everything and starts empty."""
        self.runner.stop_all()
        self.hosting.close()
        self.context.store.clear()
        self._build()
