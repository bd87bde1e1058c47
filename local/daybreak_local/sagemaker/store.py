"""Where resources are kept: tables of dictionaries behind one lock that tells of every change."""

import base64
import copy
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from daybreak_local.sagemaker.errors import InUse, Invalid, NotFound

Record = dict[str, Any]


class Table:
    """The resources of one kind by name. What goes in and out are copies: nobody holds a live record."""

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self._records: dict[Any, Record] = {}

    def insert(self, key: Any, record: Record, already: str) -> None:
        """Adds a record, or raises InUse(already)."""
        with self._changed:
            if key in self._records:
                raise InUse(already)
            self._records[key] = copy.deepcopy(record)
            self._changed.notify_all()

    def get(self, key: Any, missing: str) -> Record:
        """A record, or raises NotFound(missing)."""
        with self._changed:
            if key not in self._records:
                raise NotFound(missing)
            return copy.deepcopy(self._records[key])

    def find(self, key: Any) -> Record | None:
        """A record, or None."""
        with self._changed:
            return copy.deepcopy(self._records.get(key))

    def peek(self, key: Any) -> Record | None:
        """A live record, for reading a field or two on a hot path; never to be changed or kept."""
        return self._records.get(key)

    def update(self, key: Any, **changes: Any) -> Record | None:
        """Sets fields of a record and its LastModifiedTime; nothing happens when it is gone."""
        return self.change(key, lambda record: record.update(changes))

    def change(self, key: Any, edit: Callable[[Record], Any]) -> Record | None:
        """Edits a record in place under the lock and returns a copy of what it became."""
        with self._changed:
            record = self._records.get(key)
            if record is None:
                return None
            edit(record)
            record["LastModifiedTime"] = time.time()
            self._changed.notify_all()
            return copy.deepcopy(record)

    def delete(self, key: Any, missing: str) -> Record:
        """Removes a record and returns it, or raises NotFound(missing)."""
        with self._changed:
            if key not in self._records:
                raise NotFound(missing)
            self._changed.notify_all()
            return self._records.pop(key)

    def all(self) -> list[Record]:
        """Every record."""
        with self._changed:
            return copy.deepcopy(list(self._records.values()))

    def clear(self) -> None:
        """Forgets everything."""
        with self._changed:
            self._records.clear()
            self._changed.notify_all()


class Store:
    """All tables, and the way to wait for one of them."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.feature_groups = Table(self.changed)
        self.model_package_groups = Table(self.changed)
        self.model_packages = Table(self.changed)
        self.training_jobs = Table(self.changed)
        self.processing_jobs = Table(self.changed)
        self.models = Table(self.changed)
        self.endpoint_configs = Table(self.changed)
        self.endpoints = Table(self.changed)
        self.tags: dict[str, dict[str, str]] = {}

    def wait_until(self, done: Callable[[], bool], timeout: float | None) -> bool:
        """Waits for a condition over the tables; False when the time ran out."""
        with self.changed:
            return self.changed.wait_for(done, timeout)

    def clear(self) -> None:
        """Forgets everything."""
        with self.changed:
            for table in vars(self).values():
                if isinstance(table, Table):
                    table.clear()
            self.tags.clear()


def list_page(
    records: Iterable[Record],
    request: Record,
    name: str,
    status: str | None = None,
    default_order: str = "Descending",
    default_sort: str = "CreationTime",
) -> tuple[list[Record], str | None]:
    """One page of a List operation: AWS's common filters, its sorting, and the token of the next page."""
    found = [record for record in records if _matches(record, request, name, status)]
    by = request.get("SortBy", default_sort)
    column = {"Name": name, "CreationTime": "CreationTime", "Status": status or name}.get(by, by)
    reverse = request.get("SortOrder", default_order) == "Descending"
    # Two made within one clock tick keep the order they were made in, whichever way it is read.
    ordered = sorted(enumerate(found), key=lambda pair: (pair[1].get(column) or 0, pair[0]), reverse=reverse)
    start = _token_offset(request.get("NextToken"))
    end = start + request.get("MaxResults", 10)
    token = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(ordered) else None
    return [record for _, record in ordered[start:end]], token


def _matches(record: Record, request: Record, name: str, status: str | None) -> bool:
    checks = [
        request.get("NameContains", "").lower() in str(record.get(name, "")).lower(),
        record["CreationTime"] >= request.get("CreationTimeAfter", 0),
        record["CreationTime"] <= request.get("CreationTimeBefore", float("inf")),
        record.get("LastModifiedTime", 0) >= request.get("LastModifiedTimeAfter", 0),
        record.get("LastModifiedTime", 0) <= request.get("LastModifiedTimeBefore", float("inf")),
    ]
    if status and "StatusEquals" in request:
        checks.append(record.get(status) == request["StatusEquals"])
    return all(checks)


def _token_offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except ValueError:
        raise Invalid(f"The pagination token {token} is not one this service gave.") from None
