"""Endpoint configurations: which models are served, how many, and what is captured."""

from daybreak_local.sagemaker.control.base import Context, Request, operation, stamped
from daybreak_local.sagemaker.errors import InUse, Invalid
from daybreak_local.sagemaker.store import Record, list_page


class EndpointConfigs:
    """Create, describe, list and delete endpoint configurations."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._table = context.store.endpoint_configs

    @operation("CreateEndpointConfig")
    def create(self, request: Request) -> Record:
        """Keeps a configuration whose models exist."""
        name = request["EndpointConfigName"]
        arn = self._context.place.arn("endpoint-config", name)
        self._check(request)
        already = f'Cannot create already existing endpoint configuration "{arn}".'
        if self._table.find(name):
            raise InUse(already)
        record = stamped(request, EndpointConfigArn=arn)
        for variant in record["ProductionVariants"]:
            variant.setdefault("InitialVariantWeight", 1.0)
        self._table.insert(name, record, already)
        self._context.register(arn, request.get("Tags"))
        return {"EndpointConfigArn": arn}

    def _check(self, request: Request) -> None:
        for member in ("AsyncInferenceConfig", "ShadowProductionVariants", "ExplainerConfig"):
            if request.get(member):
                raise Invalid(f"{member} is not served by the local SageMaker; leave it out here.")
        names = [variant["VariantName"] for variant in request["ProductionVariants"]]
        if len(set(names)) != len(names):
            raise Invalid(
                f"Variant names must be unique within an endpoint configuration: {', '.join(names)}."
            )
        for position, variant in enumerate(request["ProductionVariants"], 1):
            if "ServerlessConfig" in variant:
                raise Invalid("ServerlessConfig is not served by the local SageMaker: give instances.")
            for member in ("ModelName", "InstanceType", "InitialInstanceCount"):
                if member not in variant:
                    raise Invalid(
                        f"ProductionVariants.{position}.{member} is required for a variant on instances."
                    )
        for variant in request["ProductionVariants"]:
            model = variant.get("ModelName", "")
            if self._context.store.models.find(model) is None:
                raise Invalid(f'Could not find model "{self._context.place.arn("model", model)}".')

    @operation("DescribeEndpointConfig")
    def describe(self, request: Request) -> Record:
        """What was created."""
        return self.get(request["EndpointConfigName"])

    @operation("ListEndpointConfigs")
    def list(self, request: Request) -> Record:
        """Newest first."""
        page, token = list_page(self._table.all(), request, "EndpointConfigName")
        return {"EndpointConfigs": page, "NextToken": token}

    @operation("DeleteEndpointConfig")
    def delete(self, request: Request) -> Record:
        """AWS does not look whether an endpoint uses it, and neither does this."""
        name = request["EndpointConfigName"]
        record = self._table.delete(name, self._missing(name))
        self._context.forget(record["EndpointConfigArn"])
        return {}

    def get(self, name: str) -> Record:
        """A configuration by name; NotFound when there is none."""
        return self._table.get(name, self._missing(name))

    def _missing(self, name: str) -> str:
        return f'Could not find endpoint configuration "{self._context.place.arn("endpoint-config", name)}".'
