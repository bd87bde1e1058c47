"""The local SageMaker: validates requests, dispatches them to operations and renders the responses."""

import shutil
from pathlib import Path
from typing import Any

from botocore.model import OperationModel

from daybreak_local.api.constraints import check, judging
from daybreak_local.api.errors import ServiceError
from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.control.base import Context, Operation
from daybreak_local.sagemaker.control.endpoint_configs import EndpointConfigs
from daybreak_local.sagemaker.control.endpoints import Endpoints
from daybreak_local.sagemaker.control.feature_groups import FeatureGroups
from daybreak_local.sagemaker.control.jobs import ProcessingJobs, TrainingJobs
from daybreak_local.sagemaker.control.model_packages import ModelPackageGroups, ModelPackages
from daybreak_local.sagemaker.control.models import Models
from daybreak_local.sagemaker.control.scaling import Scaling
from daybreak_local.sagemaker.errors import Refusal, as_service_error
from daybreak_local.sagemaker.featurestore.runtime import FeatureStoreRuntime
from daybreak_local.sagemaker.hosting.hosting import Hosting
from daybreak_local.sagemaker.hosting.invoke import Invocation, invoke
from daybreak_local.sagemaker.jobs.runner import JobRunner
from daybreak_local.sagemaker.names import name_of
from daybreak_local.sagemaker.platform import Platform
from daybreak_local.sagemaker.protocol import render_answer


class LocalSageMaker:
    """One account's SageMaker."""

    def __init__(self, platform: Platform, home: Path) -> None:
        # Remove sandboxes left behind by a local cloud that was killed.
        shutil.rmtree(home, ignore_errors=True)
        self._home = home
        self.context = context = Context(platform)
        self._runner = JobRunner()
        self._feature_groups = FeatureGroups(context)
        models, configs = Models(context), EndpointConfigs(context)
        package_groups, packages = ModelPackageGroups(context), ModelPackages(context)
        self._hosting = Hosting(platform, home, models.container)
        scaling = Scaling(context)
        endpoints = Endpoints(context, self._hosting, scaling)
        training = TrainingJobs(context, context.store.training_jobs, self._runner, home)
        processing = ProcessingJobs(context, context.store.processing_jobs, self._runner, home)
        features = FeatureStoreRuntime(self._feature_groups)
        self._operations: dict[str, dict[str, Operation | None]] = {
            model.CONTROL: {
                "CreateModel": models.create,
                "DescribeModel": models.describe,
                "ListModels": models.list,
                "DeleteModel": models.delete,
                "CreateEndpointConfig": configs.create,
                "DescribeEndpointConfig": configs.describe,
                "ListEndpointConfigs": configs.list,
                "DeleteEndpointConfig": configs.delete,
                "CreateModelPackageGroup": package_groups.create,
                "DescribeModelPackageGroup": package_groups.describe,
                "ListModelPackageGroups": package_groups.list,
                "DeleteModelPackageGroup": package_groups.delete,
                "PutModelPackageGroupPolicy": package_groups.put_policy,
                "GetModelPackageGroupPolicy": package_groups.policy,
                "DeleteModelPackageGroupPolicy": package_groups.delete_policy,
                "CreateModelPackage": packages.create,
                "DescribeModelPackage": packages.describe,
                "UpdateModelPackage": packages.update,
                "DeleteModelPackage": packages.delete,
                "ListModelPackages": packages.list,
                "CreateFeatureGroup": self._feature_groups.create,
                "DescribeFeatureGroup": self._feature_groups.describe,
                "UpdateFeatureGroup": self._feature_groups.update,
                "DeleteFeatureGroup": self._feature_groups.delete,
                "CreateEndpoint": endpoints.create,
                "DescribeEndpoint": endpoints.describe,
                "ListEndpoints": endpoints.list,
                "UpdateEndpoint": endpoints.update,
                "DeleteEndpoint": endpoints.delete,
                "CreateTrainingJob": training.create,
                "DescribeTrainingJob": training.describe,
                "StopTrainingJob": training.stop,
                "CreateProcessingJob": processing.create,
                "DescribeProcessingJob": processing.describe,
                "StopProcessingJob": processing.stop,
            },
            model.FEATURE_STORE: {
                "PutRecord": features.put,
                "GetRecord": features.get,
                "BatchGetRecord": features.batch_get,
            },
            model.SCALING: {
                "RegisterScalableTarget": scaling.register,
                "DeregisterScalableTarget": scaling.deregister,
                "DescribeScalableTargets": scaling.targets,
                "PutScalingPolicy": scaling.put_policy,
                "DescribeScalingPolicies": scaling.policies,
            },
            # Dispatched by `invoke`, because its response is not JSON.
            model.RUNTIME: {"InvokeEndpoint": None},
        }

    def operation(self, service: str, name: str) -> OperationModel:
        """The model of a supported operation. Raises ServiceError with UnknownOperationException."""
        found = model.operation_model(service, name)
        served = self._operations[service]
        if found is None or name not in served:
            unknown = "" if found else ", which does not exist on AWS,"
            raise ServiceError(
                "UnknownOperationException",
                f"{name} of {service}{unknown} is not supported by the local SageMaker. Supported: "
                f"{', '.join(sorted(served))}.",
                status=404 if found is None else 501,
            )
        return found

    def call(self, name: str, parameters: Any, service: str = model.CONTROL) -> dict[str, Any]:
        """Runs an operation and returns its response. Raises ServiceError with AWS's error code."""
        operation = self.operation(service, name)
        request = _checked(operation, parameters)
        try:
            answer = self._operations[service][name](request)
        except Refusal as refusal:
            raise as_service_error(refusal, operation) from None
        return render_answer(operation.output_shape, answer)

    def invoke(self, parameters: dict[str, Any]) -> Invocation:
        """Runs InvokeEndpoint. Raises ServiceError."""
        return invoke(self._hosting, _checked(self.operation(model.RUNTIME, "InvokeEndpoint"), parameters))

    def metadata_of(self, arn: str) -> dict[str, str]:
        """The customer metadata of a model package; empty if there is no such package."""
        package = self.context.store.model_packages.records.get(name_of(arn), {})
        return package.get("CustomerMetadataProperties", {})

    def flush(self) -> int:
        """Writes buffered captures, metrics and events; returns the number of capture records."""
        written = self._hosting.flush()
        self.context.flush_events()
        return written

    def status(self) -> dict[str, Any]:
        """Running jobs, live endpoints and record counts, for diagnosis."""
        return {
            "jobs": self._runner.running(),
            **self._hosting.status(),
            "online_records": self._feature_groups.counts(),
        }

    def close(self) -> None:
        """Stops all jobs and servers. Blocks: do not call it on the event loop."""
        self._runner.stop_all()
        self._hosting.close()
        shutil.rmtree(self._home, ignore_errors=True)


def _checked(operation: OperationModel, parameters: Any) -> dict[str, Any]:
    """The request without nulls, which AWS takes for absent. Raises ServiceError with all violations."""
    request = _without_nulls(parameters or {})
    with judging():
        check(operation, request, "json")
    return request


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
