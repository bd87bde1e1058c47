"""AWS/SageMaker's invocation metrics: collected per request, put in one call every few seconds."""

import logging
import threading
import time
from collections import Counter, defaultdict
from typing import Any

from daybreak_local.sagemaker.platform import Platform

logger = logging.getLogger(__name__)
_NAMESPACE = "AWS/SageMaker"
_MAX_VALUES = 150
_MAX_DATA = 500


class InvocationMetrics:
    """Values by endpoint, variant, metric and second. Latencies have two digits, so that values repeat."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._values: dict[tuple[str, str, str, int], Counter[float]] = defaultdict(Counter)
        self._lock = threading.Lock()

    def record(
        self, endpoint: str, variant: str, status: int, instances: int, model_s: float, overhead_s: float
    ) -> None:
        """Counts one invocation."""
        second = int(time.time())
        values = {
            "Invocations": 1.0,
            "InvocationsPerInstance": 1.0 / max(1, instances),
            "Invocation4XXErrors": float(400 <= status < 500),
            "Invocation5XXErrors": float(status >= 500),
            "ModelLatency": _rounded(model_s * 1e6),
            "OverheadLatency": _rounded(overhead_s * 1e6),
        }
        with self._lock:
            for metric, value in values.items():
                self._values[endpoint, variant, metric, second][value] += 1

    def flush(self) -> None:
        """Puts what was collected."""
        with self._lock:
            collected, self._values = self._values, defaultdict(Counter)
        data = [datum for key, values in collected.items() for datum in _data(key, values)]
        for start in range(0, len(data), _MAX_DATA):
            try:
                self._platform.put_metrics(_NAMESPACE, data[start : start + _MAX_DATA])
            except Exception:
                logger.exception("The invocation metrics could not be put")


def _data(key: tuple[str, str, str, int], values: Counter[float]) -> list[dict[str, Any]]:
    endpoint, variant, metric, second = key
    pairs = list(values.items())
    return [
        {
            "MetricName": metric,
            "Dimensions": [
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": variant},
            ],
            "Timestamp": second,
            "Values": [value for value, _ in pairs[start : start + _MAX_VALUES]],
            "Counts": [float(count) for _, count in pairs[start : start + _MAX_VALUES]],
            "Unit": "Microseconds" if metric.endswith("Latency") else "None",
        }
        for start in range(0, len(pairs), _MAX_VALUES)
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")
