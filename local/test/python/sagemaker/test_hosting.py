"""Endpoints: creation, invocation, data capture, and blue/green updates that lose no request."""

import contextlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sagemaker_endpoints import BROKEN, CAPTURE, SERVE, Endpoints
from sagemaker_fakes import ROLE, FakePlatform

from daybreak_local.sagemaker.errors import Invalid, ServiceError
from daybreak_local.sagemaker.hosting import instance, server
from daybreak_local.sagemaker.hosting.capture import CapturePlan
from daybreak_local.sagemaker.hosting.strategy import Strategy
from daybreak_local.sagemaker.service import LocalSageMaker


@pytest.fixture
def endpoints(sagemaker: LocalSageMaker, platform: FakePlatform, archive: Callable[..., bytes]) -> Endpoints:
    return Endpoints(sagemaker, platform, archive)


class Served:
    """The responses to continuous traffic."""

    def __init__(self) -> None:
        self.models: Counter[str] = Counter()
        self.failures: list[Exception] = []


@contextmanager
def steady_traffic(endpoints: Endpoints, clients: int = 3) -> Iterator[Served]:
    """Sends requests continuously from several clients until the context exits."""
    served, over = Served(), threading.Event()

    def client() -> None:
        while not over.is_set():
            try:
                served.models[endpoints.invoke(sleep=0.005)["model"]] += 1
            except Exception as error:
                served.failures.append(error)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield served
    finally:
        over.set()
        for thread in threads:
            thread.join()


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)


def test_an_endpoint_responds_captures_and_puts_metrics(endpoints: Endpoints, platform: FakePlatform) -> None:
    described = endpoints.create(endpoints.config("a", DataCaptureConfig=CAPTURE))
    assert described["EndpointStatus"] == "InService", described.get("FailureReason")
    assert described["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert described["ProductionVariants"][0]["CurrentInstanceCount"] == 1

    answer = endpoints.sagemaker.invoke(
        {
            "EndpointName": "shop",
            "Body": b'{"instances": []}',
            "ContentType": "application/json",
            "InferenceId": "call-1",
        }
    )
    assert (json.loads(answer.body), answer.content_type) == (
        {"model": "a", "bad": False},
        "application/json",
    )
    assert answer.variant == "AllTraffic"
    for failing, status in (({"bad": True}, 400), ({"crash": True}, 500)):
        with pytest.raises(ServiceError) as caught:
            endpoints.invoke(**failing)
        assert (caught.value.code, caught.value.status) == ("ModelError", 424)
        assert caught.value.fields["OriginalStatusCode"] == status

    endpoints.sagemaker.flush()
    (path,) = list(platform.path("s3://lake/capture").rglob("*.jsonl"))
    key = path.relative_to(platform.path("s3://lake")).as_posix()
    assert re.fullmatch(
        r"capture/shop/1/shop/AllTraffic/\d{4}/\d{2}/\d{2}/\d{2}/\d{2}-\d{2}-\d{3}-[0-9a-f-]{36}\.jsonl", key
    )
    assert platform.kms_keys[f"s3://lake/{key}"] == "alias/lake"
    line = json.loads(path.read_text())
    metadata = line["eventMetadata"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata.pop("inferenceTime"))
    assert len(metadata.pop("eventId")) == 36
    assert line == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "application/json",
                "mode": "INPUT",
                "data": '{"instances": []}',
                "encoding": "JSON",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": '{"model": "a", "bad": false}',
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"inferenceId": "call-1"},
        "eventVersion": "0",
    }
    totals: Counter[str] = Counter()
    for datum in platform.metrics:
        pairs = zip(datum["Values"], datum["Counts"], strict=True)
        totals[datum["MetricName"]] += sum(value * count for value, count in pairs)
    assert (totals["Invocations"], totals["Invocation4XXErrors"], totals["Invocation5XXErrors"]) == (3, 1, 1)
    assert totals["ModelLatency"] > 0
    group = "/aws/sagemaker/Endpoints/shop"
    wait_for(lambda: any("the model broke" in line for line in platform.logs.get(group, [])))


def test_a_model_server_has_its_role_s_keys_and_none_of_the_developer_s_variables(
    endpoints: Endpoints,
) -> None:
    endpoints.create(endpoints.config("a"))
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SECRET_TOKEN", "TZ")
    values = [endpoints.invoke(variable=name)["value"] for name in names]
    assert values == ["key-of-sagemaker", None, None, "UTC"]


def test_a_canary_replaces_the_fleet_without_losing_a_request(endpoints: Endpoints) -> None:
    endpoints.create(endpoints.config("a"))
    with steady_traffic(endpoints) as served:
        wait_for(lambda: served.models["a"] > 20)
        # 100 s; the tests run a hundred times faster.
        endpoints.update(endpoints.config("b"), wait_seconds=100)
        pending = endpoints.sagemaker.call("DescribeEndpoint", {"EndpointName": "shop"})
        assert pending["EndpointStatus"] == "Updating"
        assert pending["EndpointConfigName"] == "a"
        assert pending["PendingDeploymentSummary"]["EndpointConfigName"] == "b"
        wait_for(lambda: served.models["b"] > 0)
        before = Counter(served.models)
        time.sleep(0.7)
        canary = served.models - before
        assert 0.05 < canary["b"] / canary.total() < 0.15
        described = endpoints.settled()
        after = served.models["b"]
        wait_for(lambda: served.models["b"] > after + 20)
    assert not served.failures
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "b")
    assert "FailureReason" not in described


def test_an_alarm_during_the_canary_rolls_back_under_traffic(
    endpoints: Endpoints, platform: FakePlatform
) -> None:
    endpoints.create(endpoints.config("a"))
    with steady_traffic(endpoints) as served:
        endpoints.update(endpoints.config("b"), wait_seconds=3000, alarms=("shop-5xx", "shop-latency"))
        wait_for(lambda: served.models["b"] > 0)
        platform.ringing.add("shop-latency")
        described = endpoints.settled()
        taken = served.models["b"]
        time.sleep(0.2)
        assert served.models["b"] == taken
    assert not served.failures
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "a")
    assert "shop-latency" in described["FailureReason"]


def test_a_fleet_that_cannot_start_is_rolled_back_and_the_old_one_keeps_serving(endpoints: Endpoints) -> None:
    endpoints.create(endpoints.config("a"))
    with steady_traffic(endpoints, clients=1) as served:
        endpoints.update(endpoints.config("b", BROKEN))
        described = endpoints.settled()
    assert not served.failures
    assert set(served.models) == {"a"}
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "a")
    assert "did not pass the ping health check" in described["FailureReason"]
    assert "ImportError: a library is missing" in described["FailureReason"]


def test_an_endpoint_that_cannot_start_fails_and_can_be_deleted(endpoints: Endpoints) -> None:
    described = endpoints.create(endpoints.config("a", BROKEN))
    assert described["EndpointStatus"] == "Failed"
    assert "ImportError: a library is missing" in described["FailureReason"]
    with pytest.raises(ServiceError, match="not found"):
        endpoints.invoke()
    with pytest.raises(ServiceError, match="Cannot update in-progress endpoint"):
        endpoints.update("a")
    endpoints.sagemaker.call("DeleteEndpoint", {"EndpointName": "shop"})
    assert endpoints.sagemaker.wait("Endpoint", "shop") is None


def test_a_request_in_flight_is_answered_before_its_endpoint_is_deleted(endpoints: Endpoints) -> None:
    endpoints.create(endpoints.config("a"))
    answers: list[dict[str, Any]] = []
    client = threading.Thread(target=lambda: answers.append(endpoints.invoke(sleep=0.6)))
    client.start()
    time.sleep(0.2)
    endpoints.sagemaker.call("DeleteEndpoint", {"EndpointName": "shop"})
    with pytest.raises(ServiceError, match=r"not found|Cannot"):
        endpoints.invoke()
    client.join()
    assert [answer["model"] for answer in answers] == ["a"]


FRAGILE = """
if pathlib.Path("{marker}").exists():
    raise ImportError("a library is gone")
"""


def servers() -> list[psutil.Process]:
    """The running gunicorn processes that this process has started: the masters, then their workers."""

    def running(processes: list[psutil.Process]) -> list[psutil.Process]:
        found = []
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                if "gunicorn" in " ".join(process.cmdline()):
                    found.append(process)
        return found

    masters = running(psutil.Process().children())
    found = list(masters)
    for master in masters:
        with contextlib.suppress(psutil.NoSuchProcess):
            found += running(master.children())
    return found


def ended(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True


def serves(endpoints: Endpoints) -> bool:
    try:
        return endpoints.invoke()["model"] == "a"
    except ServiceError as error:
        # No container got the request, or it was killed during the request.
        if (error.code, error.status) not in (("ServiceUnavailable", 503), ("ModelError", 424)):
            raise
        return False


def endpoint_logs(platform: FakePlatform) -> list[str]:
    return platform.logs.get("/aws/sagemaker/Endpoints/shop", [])


@pytest.fixture
def quick_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "FIRST_DELAY_SECONDS", 0.05)
    monkeypatch.setattr(instance, "LONGEST_DELAY_SECONDS", 0.2)


@pytest.mark.usefixtures("quick_replacement")
@pytest.mark.parametrize("which", ["the master", "the worker", "both"])
def test_a_killed_model_server_is_replaced_and_leaves_no_process(
    endpoints: Endpoints, platform: FakePlatform, which: str
) -> None:
    endpoints.create(endpoints.config("a"))
    assert serves(endpoints)
    master, worker = servers()
    for process in {"the master": [master], "the worker": [worker], "both": [worker, master]}[which]:
        process.kill()
    wait_for(lambda: ended(worker))
    wait_for(lambda: serves(endpoints))
    wait_for(lambda: len(servers()) == 2)
    assert endpoints.settled()["EndpointStatus"] == "InService"
    if which != "the worker":  # which gunicorn's master replaces
        assert ended(master)
        reason = "The model server was killed by signal 9 (SIGKILL). Replaced after 0.05 s (replacement 1)."
        wait_for(lambda: reason in endpoint_logs(platform))
    endpoints.sagemaker.close()
    assert servers() == []


@pytest.mark.usefixtures("quick_replacement")
def test_a_model_server_that_hangs_is_replaced(
    endpoints: Endpoints, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PING_SECONDS", 0.2)
    monkeypatch.setattr(server, "HUNG_SECONDS", 1.0)
    endpoints.create(endpoints.config("a"))
    master, worker = servers()
    worker.suspend()
    wait_for(lambda: master not in servers() and len(servers()) == 2)
    wait_for(lambda: serves(endpoints))
    wait_for(lambda: any("has not responded for" in line for line in endpoint_logs(platform)))


@pytest.mark.usefixtures("quick_replacement")
def test_an_endpoint_that_cannot_stay_up_fails_requests_and_reports_why(
    endpoints: Endpoints, platform: FakePlatform, tmp_path: Path
) -> None:
    marker = tmp_path / "broken"
    endpoints.create(endpoints.config("a", SERVE + FRAGILE.format(marker=marker)))
    marker.touch()
    servers()[0].kill()
    cause = (
        "The replacement did not start: the container ended with exit code 3. ImportError: a library is gone."
    )
    wait_for(lambda: sum(cause in line for line in endpoint_logs(platform)) > 1)
    assert any("(replacement 2)" in line for line in endpoint_logs(platform))
    with pytest.raises(ServiceError) as caught:
        endpoints.invoke()
    assert (caught.value.code, caught.value.status) == ("ServiceUnavailable", 503)
    endpoints.sagemaker.flush()
    assert [
        datum
        for datum in platform.metrics
        if datum["MetricName"] == "Invocation5XXErrors" and 1.0 in datum["Values"]
    ]
    marker.unlink()
    wait_for(lambda: serves(endpoints))


@pytest.mark.usefixtures("quick_replacement")
def test_an_endpoint_that_is_being_replaced_can_be_deleted(endpoints: Endpoints, tmp_path: Path) -> None:
    marker = tmp_path / "broken"
    endpoints.create(endpoints.config("a", SERVE + FRAGILE.format(marker=marker)))
    marker.touch()
    servers()[0].kill()
    wait_for(lambda: not serves(endpoints))
    endpoints.sagemaker.call("DeleteEndpoint", {"EndpointName": "shop"})
    assert endpoints.sagemaker.wait("Endpoint", "shop") is None
    wait_for(lambda: servers() == [])
    time.sleep(1)
    assert servers() == []


def test_an_endpoints_prerequisites_are_checked_on_creation(endpoints: Endpoints) -> None:
    variant = {
        "VariantName": "v",
        "ModelName": "nope",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    with pytest.raises(ServiceError, match='Could not find model "arn:aws:sagemaker'):
        endpoints.sagemaker.call(
            "CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": [variant]}
        )
    with pytest.raises(ServiceError, match="Could not find endpoint configuration"):
        endpoints.create("nope")
    with pytest.raises(ServiceError, match="Could not access model data at s3://lake/none"):
        endpoints.sagemaker.call(
            "CreateModel",
            {
                "ModelName": "m",
                "ExecutionRoleArn": "arn:aws:iam::000000000000:role/sagemaker",
                "PrimaryContainer": {"Image": "x", "ModelDataUrl": "s3://lake/none"},
            },
        )


def plan(percent: int) -> CapturePlan:
    config = {**CAPTURE, "InitialSamplingPercentage": percent}
    return CapturePlan(config, "shop", "v", None)  # type: ignore[arg-type]


@given(st.integers(1, 100), st.integers(1, 500))
def test_the_captured_share_is_exactly_the_sampling_percentage(percent: int, requests: int) -> None:
    sampled = plan(percent)
    assert sum(sampled.sampled() for _ in range(requests)) == requests * percent // 100


def test_unlisted_content_types_are_captured_as_base64() -> None:
    assert plan(100).side("INPUT", "application/json; charset=utf-8", b"{}")["encoding"] == "JSON"
    assert plan(100).side("INPUT", "text/csv", b"1,2") == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "MSwy",
        "encoding": "BASE64",
    }


@pytest.mark.parametrize(
    ("routing", "steps"),
    [
        ({"Type": "ALL_AT_ONCE"}, ((100.0, 60),)),
        (
            {"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10}},
            ((10.0, 60), (100.0, 60)),
        ),
        (
            {"Type": "CANARY", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}},
            ((50.0, 60), (100.0, 60)),
        ),
    ],
)
def test_a_deployment_policy_is_translated_to_steps(
    routing: dict[str, Any], steps: tuple[float, ...]
) -> None:
    policy = {"TrafficRoutingConfiguration": {**routing, "WaitIntervalInSeconds": 60}}
    assert Strategy.of({"BlueGreenUpdatePolicy": policy}, instances=2).steps == steps


def test_unsupported_deployment_policies_are_rejected() -> None:
    size = {"Type": "CAPACITY_PERCENT", "Value": 30}
    linear = {"Type": "LINEAR", "LinearStepSize": size, "WaitIntervalInSeconds": 60}
    with pytest.raises(Invalid, match="ALL_AT_ONCE here, or CANARY"):
        Strategy.of({"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": linear}}, instances=2)


def test_an_isolated_container_has_its_code_in_the_model_and_no_credentials(
    sagemaker: LocalSageMaker, platform: FakePlatform, archive: Callable[..., bytes], endpoints: Endpoints
) -> None:
    endpoints.config("downloads")
    source = sagemaker.call("DescribeModel", {"ModelName": "downloads"})["PrimaryContainer"]
    model = archive(model__json=json.dumps({"name": "brings"}), **{"code/serve__py": SERVE})
    artifact = platform.put("s3://lake/models/brings/model.tar.gz", model)
    inside = {**source["Environment"], "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    brings = {**source, "ModelDataUrl": artifact, "Environment": inside}
    for name, container in (("isolated", source), ("brings", brings)):
        sagemaker.call(
            "CreateModel",
            {
                "ModelName": name,
                "ExecutionRoleArn": ROLE,
                "PrimaryContainer": container,
                "EnableNetworkIsolation": True,
            },
        )
        variant = {"ModelName": name, "VariantName": "AllTraffic"}
        variant |= {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        sagemaker.call("CreateEndpointConfig", {"EndpointConfigName": name, "ProductionVariants": [variant]})
    refused = endpoints.create("isolated")
    assert refused["EndpointStatus"] == "Failed"
    assert "isolated from the network and cannot download s3://code/" in refused["FailureReason"]
    sagemaker.call("DeleteEndpoint", {"EndpointName": "shop"})
    sagemaker.wait("Endpoint", "shop")
    assert endpoints.create("brings")["EndpointStatus"] == "InService"
    assert endpoints.invoke(variable="AWS_ACCESS_KEY_ID")["value"] is None
