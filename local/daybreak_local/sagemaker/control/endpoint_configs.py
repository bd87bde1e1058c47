"""Endpoint configurations: production variant and data capture."""

from daybreak_local.sagemaker.control.base import Context, Request, Resource, refuse_unserved
from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.store import Record


class EndpointConfigs(Resource):
    """Endpoint configurations, each with one production variant."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.store.endpoint_configs)

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
        self._context.store.models.get(variants[0]["ModelName"])
        return self._table.insert(name, request)
