"""In-memory resource tables, guarded by one condition that is notified of every change."""

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

    store: "Store"
    kind: str
    # AWS's error messages, with {arn} and {name} as placeholders.
    missing: str
    taken: str
    records: dict[str, Record] = field(default_factory=dict)

    def arn(self, name: str) -> str:
        """The ARN of a resource of this type."""
        return arn(self.kind, name)

    def insert(self, name: str, record: Record, tags: list[dict[str, str]] | None = None) -> None:
        """Adds a record and its tags. Raises InUse if the name is taken."""
        with self.store.changed:
            self.refuse_taken(name)
            self.records[name] = copy.deepcopy(record)
            self.store.tags[self.arn(name)] = {tag["Key"]: tag["Value"] for tag in tags or []}
            self.store.changed.notify_all()

    def refuse_taken(self, name: str) -> None:
        """Raises InUse if the name is taken."""
        if name in self.records:
            raise InUse(self.taken.format(arn=self.arn(name), name=name))

    def get(self, name: str) -> Record:
        """Raises NotFound if the record does not exist."""
        with self.store.changed:
            if name not in self.records:
                raise NotFound(self.missing.format(arn=self.arn(name), name=name))
            return copy.deepcopy(self.records[name])

    def find(self, name: str) -> Record | None:
        """A record, or None."""
        with self.store.changed:
            return copy.deepcopy(self.records.get(name))

    def all(self) -> list[Record]:
        """All records in order of creation."""
        with self.store.changed:
            return copy.deepcopy(list(self.records.values()))

    def update(self, name: str, **changes: Any) -> Record | None:
        """Sets fields and LastModifiedTime; returns None if the record does not exist."""
        return self.change(name, lambda record: record.update(changes))

    def change(self, name: str, edit: Callable[[Record], Any]) -> Record | None:
        """Edits a record under the lock; returns a copy, or None if the record does not exist."""
        with self.store.changed:
            record = self.records.get(name)
            if record is None:
                return None
            edit(record)
            record["LastModifiedTime"] = time.time()
            self.store.changed.notify_all()
            return copy.deepcopy(record)

    def delete(self, name: str) -> None:
        """Removes a record and its tags. Raises NotFound."""
        with self.store.changed:
            self.get(name)
            del self.records[name]
            self.store.tags.pop(self.arn(name), None)
            self.store.changed.notify_all()


class Store:
    """All tables, and the tags of their resources by ARN."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.tags: dict[str, dict[str, str]] = {}
        self.feature_groups = Table(
            self,
            "feature-group",
            "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}",
            "Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name.",
        )
        self.model_package_groups = Table(
            self,
            "model-package-group",
            "ModelPackageGroup {arn} does not exist.",
            "Model Package Group already exists: {arn}",
        )
        self.model_packages = Table(
            self, "model-package", "ModelPackage {arn} does not exist.", "Model Package already exists: {arn}"
        )
        job_taken = (
            "Job name must be unique within an AWS account and region, and a job with this name already "
            "exists ({arn})"
        )
        self.training_jobs = Table(self, "training-job", "Requested resource not found.", job_taken)
        self.processing_jobs = Table(self, "processing-job", "Requested resource not found.", job_taken)
        self.models = self._table("model", "model")
        self.endpoint_configs = self._table("endpoint-config", "endpoint configuration")
        self.endpoints = self._table("endpoint", "endpoint")

    def _table(self, kind: str, words: str) -> Table:
        return Table(
            self,
            kind,
            f'Could not find {words} "{{arn}}".',
            f'Cannot create already existing {words} "{{arn}}".',
        )
