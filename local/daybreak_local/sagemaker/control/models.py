"""Models: a container image, the artifact it serves, and the role it serves under."""

from typing import Any

from daybreak_local.sagemaker.control.base import Context, Request, operation, stamped
from daybreak_local.sagemaker.errors import InUse, Invalid
from daybreak_local.sagemaker.platform import AccessProblem
from daybreak_local.sagemaker.store import Record, list_page


class Models:
    """Create, describe, list and delete models."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._table = context.store.models

    @operation("CreateModel")
    def create(self, request: Request) -> Record:
        """Keeps a model after checking, as AWS does, that its role can read its artifact."""
        name = request["ModelName"]
        arn = self._context.place.arn("model", name)
        if self._table.find(name):
            raise InUse(f'Cannot create already existing model "{arn}".')
        container = self._only_container(request)
        if "ExecutionRoleArn" not in request:
            raise Invalid("ExecutionRoleArn is required: the container's artifact is read under that role.")
        container = self._resolve_package(container)
        if not container.get("Image"):
            raise Invalid("A container needs an Image or a ModelPackageName.")
        self._check_artifact(request["ExecutionRoleArn"], container.get("ModelDataUrl"))
        record = stamped(request, ModelArn=arn)
        self._table.insert(name, record, f'Cannot create already existing model "{arn}".')
        self._context.register(arn, request.get("Tags"))
        return {"ModelArn": arn}

    @operation("DescribeModel")
    def describe(self, request: Request) -> Record:
        """What was created."""
        return self._table.get(request["ModelName"], self._missing(request["ModelName"]))

    @operation("ListModels")
    def list(self, request: Request) -> Record:
        """Newest first."""
        page, token = list_page(self._table.all(), request, "ModelName")
        return {"Models": page, "NextToken": token}

    @operation("DeleteModel")
    def delete(self, request: Request) -> Record:
        """An endpoint that serves the model goes on serving it."""
        record = self._table.delete(request["ModelName"], self._missing(request["ModelName"]))
        self._context.forget(record["ModelArn"])
        return {}

    def container(self, model_name: str) -> tuple[str, dict[str, Any]]:
        """The execution role and the container definition an endpoint starts, model packages resolved."""
        model = self._table.get(model_name, self._missing(model_name))
        return model["ExecutionRoleArn"], self._resolve_package(self._only_container(model))

    def _only_container(self, request: Request) -> dict[str, Any]:
        containers = (
            [request["PrimaryContainer"]] if "PrimaryContainer" in request else request.get("Containers", [])
        )
        if len(containers) != 1:
            raise Invalid(
                f"A model here has exactly one container (PrimaryContainer); this one has {len(containers)}: "
                "inference pipelines do not run locally."
            )
        return containers[0]

    def _resolve_package(self, container: dict[str, Any]) -> dict[str, Any]:
        """A container that names a model package takes what it does not say itself from there."""
        arn = container.get("ModelPackageName")
        if not arn:
            return container
        package = self._context.store.model_packages.get(arn, f'Could not find model package "{arn}".')
        if package.get("ModelApprovalStatus", "Approved") != "Approved":
            raise Invalid(f"The model package {arn} is {package['ModelApprovalStatus']}, not Approved.")
        base = package["InferenceSpecification"]["Containers"][0]
        environment = {**base.get("Environment", {}), **container.get("Environment", {})}
        return {**base, **container, "Environment": environment}

    def _check_artifact(self, role_arn: str, uri: str | None) -> None:
        if uri is None:
            return
        try:
            readable = self._context.platform.assume_role(role_arn, "SageMaker").object_exists(uri)
            problem = ""
        except AccessProblem as error:
            readable, problem = False, f" ({error})"
        if not readable:
            raise Invalid(
                f"Could not access model data at {uri}. Please ensure that the role {role_arn} exists and "
                "that its "
                'trust relationship policy allows the action "sts:AssumeRole" for the service principal '
                '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and '
                "that the "
                f"object is located in {self._context.platform.region}.{problem}"
            )

    def _missing(self, name: str) -> str:
        return f'Could not find model "{self._context.place.arn("model", name)}".'
