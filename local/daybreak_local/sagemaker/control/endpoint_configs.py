"""Endpoint configurations: production variant and data capture."""

from daybreak_local.sagemaker.control.base import Context, Request, operation, refuse_unserved, stamped
from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.names import arn
from daybreak_local.sagemaker.store import Record


class EndpointConfigs:
    """Create and describe endpoint configurations."""

    def __init__(self, context: Context) -> None:
        self._models = context.store.models
        self._table = context.store.endpoint_configs

    @operation("CreateEndpointConfig")
    def create(self, request: Request) -> Record:
        """Creates a configuration. Raises NotFound if its model does not exist."""
        name, variants = request["EndpointConfigName"], request["ProductionVariants"]
        refuse_unserved(request, "AsyncInferenceConfig", "ShadowProductionVariants", "ExplainerConfig")
        if len(variants) != 1:
            raise Invalid(f"An endpoint here has one production variant; this one has {len(variants)}.")
        refuse_unserved(variants[0], "ServerlessConfig")
        for member in ("ModelName", "InstanceType", "InitialInstanceCount"):
            if member not in variants[0]:
                raise Invalid(f"ProductionVariants.1.{member} is required for a variant on instances.")
        self._models.get(variants[0]["ModelName"])
        made = arn("endpoint-config", name)
        self._table.insert(name, stamped(request, EndpointConfigArn=made), request.get("Tags"))
        return {"EndpointConfigArn": made}

    @operation("DescribeEndpointConfig")
    def describe(self, request: Request) -> Record:
        """The configuration. Raises NotFound."""
        return self._table.get(request["EndpointConfigName"])
