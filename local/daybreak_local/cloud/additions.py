"""Installs, starts and stops everything that the local cloud adds to ministack."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from ministack import app as ministack_app

from daybreak_local.api.constraints import EFFORT
from daybreak_local.cloud import (
    alarms,
    condition_keys,
    deliveries,
    embedded_metrics,
    function_urls,
    functions,
    iam_resources,
    kinesis,
    requests,
    workflows,
)
from daybreak_local.cloud.asgi import Receive, Scope, Send
from daybreak_local.cloud.firehose import Buffers
from daybreak_local.cloud.gate import Gate
from daybreak_local.cloud.glue_jobs import GlueJobs
from daybreak_local.cloud.grants import GrantLog
from daybreak_local.cloud.hadoop import without_encryption
from daybreak_local.cloud.root_keys import RootKeys
from daybreak_local.cloud.routes import Routes
from daybreak_local.cloud.scope import endpoint_url, service_scope
from daybreak_local.sagemaker.front import SageMakerFront
from daybreak_local.sagemaker.platform import Platform
from daybreak_local.spark.manager import SparkSessionProcess

log = logging.getLogger("daybreak.cloud")

TICK_SECONDS = 1.0


class Additions:
    """The additions of one running cloud."""

    def __init__(self, home: Path, keys: RootKeys, *, lazy_spark: bool = False) -> None:
        self._lazy_spark = lazy_spark
        self._buffers = Buffers()
        self._spark = SparkSessionProcess(home / "spark", endpoint_url(), warm_up=not lazy_spark)
        self._jobs = GlueJobs(home / "glue", self._spark)
        self._grants = GrantLog(home / "grants.jsonl")
        self._platform = Platform()
        self._sagemaker = SageMakerFront(home / "sagemaker", self._platform)
        routes = Routes(keys, self._status, self._flush)
        self.app = Gate(_aws, routes, keys.access_key_id)
        self._ticking: asyncio.Task[None] | None = None

    def install(self) -> None:
        """Patches ministack. Raises HookError if its version does not match."""
        self._buffers.install()
        self._grants.install()
        self._jobs.install()
        self._sagemaker.install()
        alarms.install()
        condition_keys.install()
        deliveries.install()
        embedded_metrics.install()
        function_urls.install()
        functions.install()
        iam_resources.install()
        kinesis.install()
        requests.install()
        workflows.install()

    async def start(self) -> None:
        """Starts the background work; called once ministack answers."""
        self._ticking = asyncio.create_task(self._tick())
        if not self._lazy_spark:
            self._spark.start_in_background()
        self._platform.warm_up()

    def stop(self) -> None:
        """Stops the background work after delivering all accepted records."""
        if self._ticking:
            self._ticking.cancel()
        self._buffers.stop()
        self._sagemaker.service.close()
        self._spark.stop()

    def _status(self) -> dict[str, Any]:
        return {
            "firehose": self._buffers.status(),
            "judged": EFFORT,
            "glue": self._jobs.active(),
            "spark": self._spark.status(),
            "sagemaker": self._sagemaker.service.status(),
        }

    def _flush(self) -> dict[str, Any]:
        """Writes Firehose buffers and endpoint data capture to S3 immediately."""
        return {**self._buffers.deliver_due(everything=True), "captured": self._sagemaker.service.flush()}

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                with service_scope():
                    alarms.evaluate_all()
                await asyncio.to_thread(self._buffers.deliver_due)
            except Exception:
                log.exception("the periodic work of the local cloud failed")


async def _aws(scope: Scope, receive: Receive, send: Send) -> None:
    """ministack's ASGI application."""
    http = scope["type"] == "http"
    await ministack_app.app(scope, receive, without_encryption(scope, send) if http else send)
