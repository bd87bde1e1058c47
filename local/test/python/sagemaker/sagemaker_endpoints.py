"""Test endpoints that serve tiny models."""

import json
from collections.abc import Callable
from typing import Any

from sagemaker_fakes import IMAGE, ROLE, FakePlatform

SERVE = """
import json, os, pathlib, time
from flask import Response

def model_fn(model_dir):
    return json.loads(pathlib.Path(model_dir, "model.json").read_text())

def input_fn(body, content_type):
    return json.loads(body)

def predict_fn(data, model):
    time.sleep(data.get("sleep", 0))
    if data.get("crash"):
        raise RuntimeError("the model broke")
    if name := data.get("variable"):
        return {"value": os.environ.get(name), "bad": False}
    return {"model": model["name"], "bad": data.get("bad", False)}

def output_fn(prediction, accept):
    if prediction["bad"]:
        return Response(json.dumps({"error": "no instances"}), status=400, mimetype="application/json")
    return json.dumps(prediction), "application/json"
"""
BROKEN = "raise ImportError('a library is missing')"
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://lake/capture/shop/1/",
    "KmsKeyId": "alias/lake",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}


class Endpoints:
    """A service with models `a`, `b`… ready to deploy."""

    def __init__(self, sagemaker: Any, platform: FakePlatform, archive: Callable[..., bytes]) -> None:
        self.sagemaker, self._platform, self._archive = sagemaker, platform, archive

    def config(self, name: str, script: str = SERVE, **changes: Any) -> str:
        """Creates a model and an endpoint configuration of that name."""
        model = self._archive(model__json=json.dumps({"name": name}))
        artifact = self._platform.put(f"s3://lake/models/{name}/model.tar.gz", model)
        source = self._platform.put(f"s3://code/{name}.tar.gz", self._archive(serve__py=script))
        environment = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": source}
        container = {"Image": IMAGE, "ModelDataUrl": artifact, "Environment": environment}
        self.sagemaker.call(
            "CreateModel", {"ModelName": name, "ExecutionRoleArn": ROLE, "PrimaryContainer": container}
        )
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        self.sagemaker.call(
            "CreateEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": [variant], **changes}
        )
        return name

    def create(self, config: str) -> dict[str, Any]:
        """Creates the endpoint `shop` and waits for a stable status."""
        self.sagemaker.call("CreateEndpoint", {"EndpointName": "shop", "EndpointConfigName": config})
        return self.settled()

    def update(self, config: str, wait_seconds: int = 30, alarms: tuple[str, ...] = ()) -> None:
        """Starts a canary deployment."""
        routing = {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
            "WaitIntervalInSeconds": wait_seconds,
        }
        deployment: dict[str, Any] = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
        if alarms:
            names = [{"AlarmName": name} for name in alarms]
            deployment["AutoRollbackConfiguration"] = {"Alarms": names}
        request = {"EndpointName": "shop", "EndpointConfigName": config, "DeploymentConfig": deployment}
        self.sagemaker.call("UpdateEndpoint", request)

    def settled(self) -> dict[str, Any]:
        """Waits for a stable status and describes the endpoint."""
        self.sagemaker.wait("Endpoint", "shop")
        return self.sagemaker.call("DescribeEndpoint", {"EndpointName": "shop"})

    def invoke(self, **body: Any) -> dict[str, Any]:
        """One prediction."""
        answer = self.sagemaker.invoke(
            {"EndpointName": "shop", "Body": json.dumps(body).encode(), "ContentType": "application/json"}
        )
        return dict(json.loads(answer.body))
