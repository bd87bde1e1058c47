"""The local SageMaker for tests: adds waiters and checks every response."""

import copy
import time
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.service import LocalSageMaker

MOVING = {"InProgress", "Stopping", "Creating", "Updating", "RollingBack", "Deleting"}


class CheckedSageMaker(LocalSageMaker):
    """Checks that every response has the members that botocore's model requires."""

    def wait(self, kind: str, name: str) -> dict[str, Any] | None:
        """Waits until a job, Endpoint or FeatureGroup reaches a stable status; None if it was deleted."""
        store = self.context.store
        table = {
            "TrainingJob": store.training_jobs,
            "ProcessingJob": store.processing_jobs,
            "Endpoint": store.endpoints,
            "FeatureGroup": store.feature_groups,
        }[kind]

        def settled() -> bool:
            record = table.records.get(name)
            return record is None or record[f"{kind}Status"] not in MOVING

        deadline = time.monotonic() + 30
        while not settled():
            assert time.monotonic() < deadline, f"the {kind} {name} has not settled"
            time.sleep(0.01)
        with store.lock:
            return copy.deepcopy(table.records.get(name))

    def call(self, name: str, parameters: Any, service: str = model.CONTROL) -> dict[str, Any]:
        answer = super().call(name, parameters, service)
        operation = model.operation_model(service, name)
        shape = operation.output_shape if operation else None
        assert not list(_missing(shape, answer, name)), f"AWS's response always has these: {answer}"
        return answer


def _missing(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from (f"{path}.{name}" for name in shape.required_members if name not in value)
        for name, item in value.items():
            yield from _missing(shape.members[name], item, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for item in value:
            yield from _missing(shape.member, item, path)
    elif isinstance(shape, MapShape):
        for item in value.values():
            yield from _missing(shape.value, item, path)
