"""Endpoints and their status during deployments."""

import time
from functools import partial

from daybreak_local.sagemaker.control.base import Context, Request, Resource
from daybreak_local.sagemaker.control.scaling import Scaling
from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.hosting.hosting import Hosting, variant_summary
from daybreak_local.sagemaker.hosting.strategy import Strategy
from daybreak_local.sagemaker.store import Record


class Endpoints(Resource):
    """Endpoints, whose deployments run in the background."""

    def __init__(self, context: Context, hosting: Hosting, scaling: Scaling) -> None:
        super().__init__(context, context.store.endpoints)
        self._configs, self._hosting, self._scaling = context.store.endpoint_configs, hosting, scaling

    def create(self, request: Request) -> Record:
        """Starts an endpoint; it becomes InService once its container passes the ping health check."""
        name = request["EndpointName"]
        self._table.refuse_taken(name)
        config = self._configs.get(request["EndpointConfigName"])
        deployment = request.pop("DeploymentConfig", None)
        made = self._table.insert(name, request, EndpointStatus="Creating", LastDeploymentConfig=deployment)
        self._hosting.create(name, config, partial(self._table.update, name))
        return made

    def update(self, request: Request) -> Record:
        """Starts a blue/green deployment of another configuration."""
        name = request["EndpointName"]
        endpoint = self._table.get(name)
        config = self._configs.get(request["EndpointConfigName"])
        self._scaling.refuse_type_change(name, self._configs.get(endpoint["EndpointConfigName"]), config)
        deployment = request.get("DeploymentConfig", {})
        if request.get("RetainDeploymentConfig"):
            deployment = endpoint.get("LastDeploymentConfig") or {}
        variant = config["ProductionVariants"][0]
        strategy = Strategy.of(deployment, variant["InitialInstanceCount"])
        served = [one["VariantName"] for one in endpoint.get("ProductionVariants", [])]
        if served and variant["VariantName"] not in served:
            raise Invalid(
                f"The new configuration keeps no variant name of the old one ({served[0]}): traffic cannot "
                "be shifted to it."
            )
        pending = {
            "EndpointConfigName": config["EndpointConfigName"],
            "ProductionVariants": [{**variant_summary(variant), "InstanceType": variant["InstanceType"]}],
            "StartTime": time.time(),
        }

        def begin(record: Record) -> None:
            _refuse_unless(record, "update", "InService")
            record.update(
                EndpointStatus="Updating", PendingDeploymentSummary=pending, LastDeploymentConfig=deployment
            )
            record.pop("FailureReason", None)

        self._table.change(name, begin)
        self._hosting.update(name, config, strategy, partial(self._table.update, name))
        return endpoint

    def delete(self, request: Request) -> Record:
        """Deletes the endpoint after draining the requests in flight."""
        name = request["EndpointName"]
        self._table.get(name)

        def begin(record: Record) -> None:
            _refuse_unless(record, "delete", "InService", "Failed")
            record["EndpointStatus"] = "Deleting"

        self._table.change(name, begin)
        self._scaling.forget(name)
        self._hosting.delete(name, lambda: self._table.delete(name))
        return {}


def _refuse_unless(record: Record, verb: str, *statuses: str) -> None:
    if record["EndpointStatus"] not in statuses:
        raise Invalid(
            f'Cannot {verb} in-progress endpoint "{record["EndpointArn"]}" (status '
            f"{record['EndpointStatus']})."
        )
