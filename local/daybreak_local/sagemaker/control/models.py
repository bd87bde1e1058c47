"""Models: container image, model artifact and execution role."""

from typing import Any

from daybreak_local.account import REGION
from daybreak_local.sagemaker.control.base import Context, Request, Resource, refuse_unserved
from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.platform import AccessProblem
from daybreak_local.sagemaker.store import Record


class Models(Resource):
    """Models and the containers that serve them."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.store.models)

    def create(self, request: Request) -> Record:
        """Creates a model; as on AWS, raises Invalid if its role cannot read its artifact."""
        name = request["ModelName"]
        self._table.refuse_taken(name)
        refuse_unserved(request, "Containers")
        for member in ("PrimaryContainer", "ExecutionRoleArn"):
            if member not in request:
                raise Invalid(f"{member} is required.")
        container = self._resolved(request["PrimaryContainer"])
        if not container.get("Image"):
            raise Invalid("A container needs an Image or a ModelPackageName.")
        self._check_artifact(request["ExecutionRoleArn"], container.get("ModelDataUrl"))
        return self._table.insert(name, request)

    def container(self, model_name: str) -> tuple[str, dict[str, Any]]:
        """The execution role ARN and container definition, with its model package and isolation resolved."""
        model = self._table.get(model_name)
        isolation = {"EnableNetworkIsolation": model.get("EnableNetworkIsolation", False)}
        return model["ExecutionRoleArn"], {**self._resolved(model["PrimaryContainer"]), **isolation}

    def _resolved(self, container: dict[str, Any]) -> dict[str, Any]:
        """Fills in what the container does not set from its model package, if it names one."""
        package_arn = container.get("ModelPackageName")
        if not package_arn:
            return container
        package = self._context.store.model_packages.get(package_arn.partition("/")[2])
        if package["ModelApprovalStatus"] != "Approved":
            raise Invalid(
                f"The model package {package_arn} is {package['ModelApprovalStatus']}, not Approved."
            )
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
                'that its trust relationship policy allows the action "sts:AssumeRole" for the service '
                'principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" '
                f"permissions and that the object is located in {REGION}.{problem}"
            )
