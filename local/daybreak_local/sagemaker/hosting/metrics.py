"""The AWS/SageMaker invocation metrics, batched into one PutMetricData every few seconds."""

import logging
import threading
import time
from collections import Counter, defaultdict
from typing import Any

from daybreak_local.sagemaker.platform import Platform

logger = logging.getLogger(__name__)


class InvocationMetrics:
    """Values by endpoint, variant, metric and second. Latencies (µs) are rounded so that values repeat."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._values: dict[tuple[str, str, str, int], Counter[float]] = defaultdict(Counter)
        self._lock = threading.Lock()

    def record(self, endpoint: str, variant: str, status: int, model_s: float, overhead_s: float) -> None:
        """Records one invocation; `model_s` and `overhead_s` are seconds."""
        second = int(time.time())
        values = {
            "Invocations": 1.0,
            "Invocation4XXErrors": float(400 <= status < 500),
            "Invocation5XXErrors": float(status >= 500),
            "ModelLatency": float(f"{model_s * 1e6:.2g}"),
            "OverheadLatency": float(f"{overhead_s * 1e6:.2g}"),
        }
        with self._lock:
            for metric, value in values.items():
                self._values[endpoint, variant, metric, second][value] += 1

    def flush(self) -> None:
        """Sends the collected metrics; logs a failure instead of raising it."""
        with self._lock:
            collected, self._values = self._values, defaultdict(Counter)
        if not collected:
            return
        try:
            self._platform.put_metrics(
                "AWS/SageMaker", [_datum(*key, values) for key, values in collected.items()]
            )
        except Exception:
            logger.exception("The invocation metrics could not be put")


def _datum(endpoint: str, variant: str, metric: str, second: int, values: Counter[float]) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Dimensions": [
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": variant},
        ],
        "Timestamp": second,
        "Values": list(values),
        "Counts": [float(count) for count in values.values()],
        "Unit": "Microseconds" if metric.endswith("Latency") else "None",
    }
