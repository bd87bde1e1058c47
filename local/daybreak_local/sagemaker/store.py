"""In-memory resource tables, guarded by one lock."""

import copy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from daybreak_local.sagemaker.errors import InUse, NotFound
from daybreak_local.sagemaker.names import arn

Record = dict[str, Any]


@dataclass
class Table:
    """The resources of one type by name. Copies records in and out, so callers never share state."""

    lock: threading.RLock
    # The type as operations and members spell it, such as "TrainingJob".
    subject: str
    # AWS's error messages, with {arn} and {name} as placeholders.
    missing: str
    taken: str
    records: dict[str, Record] = field(default_factory=dict)

    def arn(self, name: str) -> str:
        """The ARN of a resource of this type."""
        return arn(self.subject, name)

    def insert(self, name: str, request: Record, **more: Any) -> Record:
        """Adds and returns a record: the request, the ARN, timestamps, and more. Raises InUse."""
        now = time.time()
        kept = {key: value for key, value in request.items() if key not in ("Tags", "ClientToken")}
        stamps = {"CreationTime": now, "LastModifiedTime": now}
        record = {**kept, **stamps, f"{self.subject}Arn": self.arn(name), **more}
        with self.lock:
            self.refuse_taken(name)
            self.records[name] = copy.deepcopy(record)
        return record

    def refuse_taken(self, name: str) -> None:
        """Raises InUse if the name is taken."""
        if name in self.records:
            raise InUse(self.taken.format(arn=self.arn(name), name=name))

    def get(self, name: str) -> Record:
        """Raises NotFound if the record does not exist."""
        with self.lock:
            if name not in self.records:
                raise NotFound(self.missing.format(arn=self.arn(name), name=name))
            return copy.deepcopy(self.records[name])

    def all(self) -> list[Record]:
        """All records in order of creation."""
        with self.lock:
            return copy.deepcopy(list(self.records.values()))

    def update(self, name: str, **changes: Any) -> Record | None:
        """Sets fields and LastModifiedTime; returns None if the record does not exist."""
        return self.change(name, lambda record: record.update(changes))

    def change(self, name: str, edit: Callable[[Record], Any]) -> Record | None:
        """Edits a record under the lock; returns a copy, or None if the record does not exist."""
        with self.lock:
            record = self.records.get(name)
            if record is None:
                return None
            edit(record)
            record["LastModifiedTime"] = time.time()
            return copy.deepcopy(record)

    def delete(self, name: str) -> None:
        """Removes a record. Raises NotFound."""
        with self.lock:
            self.get(name)
            del self.records[name]


class Store:
    """All tables."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.feature_groups = self._table(
            "FeatureGroup",
            "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}",
            "Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name.",
        )
        self.model_package_groups = self._table(
            "ModelPackageGroup",
            "ModelPackageGroup {arn} does not exist.",
            "Model Package Group already exists: {arn}",
        )
        self.model_packages = self._table(
            "ModelPackage", "ModelPackage {arn} does not exist.", "Model Package already exists: {arn}"
        )
        job = (
            "Requested resource not found.",
            "Job name must be unique within an AWS account and region, and a job with this name already "
            "exists ({arn})",
        )
        self.training_jobs = self._table("TrainingJob", *job)
        self.processing_jobs = self._table("ProcessingJob", *job)
        served = ('Could not find {} "{{arn}}".', 'Cannot create already existing {} "{{arn}}".')
        self.models = self._table("Model", *(text.format("model") for text in served))
        self.endpoint_configs = self._table(
            "EndpointConfig", *(text.format("endpoint configuration") for text in served)
        )
        self.endpoints = self._table("Endpoint", *(text.format("endpoint") for text in served))

    def _table(self, subject: str, missing: str, taken: str) -> Table:
        return Table(self.lock, subject, missing, taken)
