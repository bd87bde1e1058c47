"""Endpoints: their status while fleets come and go."""

import time
from typing import Any

from daybreak_local.sagemaker.control.base import Context, Request, operation, stamped
from daybreak_local.sagemaker.control.endpoint_configs import EndpointConfigs
from daybreak_local.sagemaker.errors import InUse, Invalid, LimitExceeded
from daybreak_local.sagemaker.hosting.hosting import Hosting
from daybreak_local.sagemaker.hosting.strategy import Strategy
from daybreak_local.sagemaker.store import Record, list_page

MAX_ENDPOINTS = 10
_EVENT_STATUS = {"InService": "IN_SERVICE", "RollingBack": "ROLLING_BACK"}


class Endpoints:
    """Create, describe, update, list and delete endpoints."""

    def __init__(self, context: Context, configs: EndpointConfigs, hosting: Hosting) -> None:
        self._context, self._configs, self._hosting = context, configs, hosting
        self._table = context.store.endpoints

    @operation("CreateEndpoint")
    def create(self, request: Request) -> Record:
        """Starts an endpoint; it is InService once its containers answer their pings."""
        name = request["EndpointName"]
        arn = self._context.place.arn("endpoint", name)
        already = f'Cannot create already existing endpoint "{arn}".'
        if self._table.find(name):
            raise InUse(already)
        if len(self._table.all()) >= MAX_ENDPOINTS:
            raise LimitExceeded(
                f"The account-level service limit for endpoints is {MAX_ENDPOINTS}. Delete one first."
            )
        config = self._configs.get(request["EndpointConfigName"])
        record = stamped(request, EndpointArn=arn, EndpointStatus="Creating")
        record["LastDeploymentConfig"] = record.pop("DeploymentConfig", None)
        self._table.insert(name, record, already)
        self._context.register(arn, request.get("Tags"))
        self._announce(record)
        self._hosting.create(name, config, _Progress(self, name))
        return {"EndpointArn": arn}

    @operation("UpdateEndpoint")
    def update(self, request: Request) -> Record:
        """Deploys another configuration beside the one that serves."""
        name = request["EndpointName"]
        endpoint = self._get(name)
        config = self._configs.get(request["EndpointConfigName"])
        deployment = request.get("DeploymentConfig")
        if request.get("RetainDeploymentConfig"):
            deployment = endpoint.get("LastDeploymentConfig")
        instances = sum(variant.get("InitialInstanceCount", 1) for variant in config["ProductionVariants"])
        strategy = Strategy.of(deployment, instances)
        self._check_variants(endpoint, config)
        pending = {
            "EndpointConfigName": config["EndpointConfigName"],
            "ProductionVariants": [_pending_variant(variant) for variant in config["ProductionVariants"]],
            "StartTime": time.time(),
        }

        def begin(record: Record) -> None:
            if record["EndpointStatus"] != "InService":
                raise Invalid(
                    f'Cannot update in-progress endpoint "{record["EndpointArn"]}" (status '
                    f"{record['EndpointStatus']})."
                )
            record.update(
                EndpointStatus="Updating", PendingDeploymentSummary=pending, LastDeploymentConfig=deployment
            )
            record.pop("FailureReason", None)

        changed = self._table.change(name, begin)
        if changed:
            self._announce(changed)
        self._hosting.update(name, config, strategy, _Progress(self, name))
        return {"EndpointArn": endpoint["EndpointArn"]}

    def _check_variants(self, endpoint: Record, config: Record) -> None:
        """Guardrails shift traffic between two fleets of the same variants."""
        old = {variant["VariantName"] for variant in endpoint.get("ProductionVariants", [])}
        new = {variant["VariantName"] for variant in config["ProductionVariants"]}
        if old and not old & new:
            raise Invalid(
                f"The new configuration keeps no variant name of the old one ({', '.join(sorted(old))}): "
                "traffic "
                "cannot be shifted to it."
            )

    @operation("DescribeEndpoint")
    def describe(self, request: Request) -> Record:
        """The endpoint as it stands."""
        return self._get(request["EndpointName"])

    @operation("ListEndpoints")
    def list(self, request: Request) -> Record:
        """Newest first."""
        page, token = list_page(self._table.all(), request, "EndpointName", "EndpointStatus")
        return {"Endpoints": page, "NextToken": token}

    @operation("DeleteEndpoint")
    def delete(self, request: Request) -> Record:
        """Takes the endpoint out of service; requests in flight are answered."""
        name = request["EndpointName"]
        endpoint = self._get(name)

        def begin(record: Record) -> None:
            if record["EndpointStatus"] not in ("InService", "Failed"):
                raise Invalid(
                    f'Cannot delete in-progress endpoint "{record["EndpointArn"]}" (status '
                    f"{record['EndpointStatus']})."
                )
            record["EndpointStatus"] = "Deleting"

        changed = self._table.change(name, begin)
        if changed:
            self._announce(changed)

        def gone() -> None:
            self._table.delete(name, "")
            self._context.forget(endpoint["EndpointArn"])

        self._hosting.delete(name, gone)
        return {}

    def _get(self, name: str) -> Record:
        arn = self._context.place.arn("endpoint", name)
        return self._table.get(name, f'Could not find endpoint "{arn}".')

    def set(self, name: str, **changes: Any) -> None:
        """A change of status, told to whoever listens."""
        record = self._table.update(name, **changes)
        if record:
            self._announce(record)

    def _announce(self, record: Record) -> None:
        status = record["EndpointStatus"]
        detail = {
            **{key: value for key, value in record.items() if key not in ("PendingDeploymentSummary",)},
            "EndpointStatus": _EVENT_STATUS.get(status, status.upper()),
            "CreationTime": int(record["CreationTime"] * 1000),
            "LastModifiedTime": int(record["LastModifiedTime"] * 1000),
            "Tags": self._context.store.tags.get(record["EndpointArn"], {}),
        }
        self._context.notices.send("SageMaker Endpoint State Change", detail, [record["EndpointArn"]])


class _Progress:
    """Turns what hosting reports into the endpoint's record."""

    def __init__(self, endpoints: Endpoints, name: str) -> None:
        self._endpoints, self._name = endpoints, name

    def in_service(self, config: Record, failure: str | None = None) -> None:
        capture = config.get("DataCaptureConfig")
        self._endpoints.set(
            self._name,
            EndpointStatus="InService",
            EndpointConfigName=config["EndpointConfigName"],
            ProductionVariants=[_variant_summary(variant) for variant in config["ProductionVariants"]],
            DataCaptureConfig=_capture_summary(capture) if capture else None,
            PendingDeploymentSummary=None,
            FailureReason=failure,
        )

    def rolling_back(self, reason: str) -> None:
        self._endpoints.set(self._name, EndpointStatus="RollingBack", FailureReason=reason)

    def failed(self, reason: str) -> None:
        self._endpoints.set(
            self._name, EndpointStatus="Failed", FailureReason=reason, PendingDeploymentSummary=None
        )


def _variant_summary(variant: Record) -> Record:
    weight, count = variant["InitialVariantWeight"], variant.get("InitialInstanceCount", 1)
    return {
        "VariantName": variant["VariantName"],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _pending_variant(variant: Record) -> Record:
    return {**_variant_summary(variant), "InstanceType": variant.get("InstanceType")}


def _capture_summary(capture: Record) -> Record:
    return {
        "EnableCapture": capture.get("EnableCapture", False),
        "CaptureStatus": "Started" if capture.get("EnableCapture") else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        # Required in the answer: empty where no key was given.
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }
