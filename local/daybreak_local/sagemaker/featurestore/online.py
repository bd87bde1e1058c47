"""The online store: the latest record per identifier, by event time and not by arrival."""

import re
import threading
from datetime import datetime
from typing import Any

from daybreak_local.sagemaker.errors import Invalid

_INTEGRAL_LOW, _INTEGRAL_HIGH = -(2**63), 2**63 - 1
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?(Z|[+-]\d{2}:?\d{2})")
Features = list[dict[str, Any]]


class OnlineStore:
    """The records of one feature group."""

    def __init__(self, group: dict[str, Any]) -> None:
        self._identifier: str = group["RecordIdentifierFeatureName"]
        self._event_time: str = group["EventTimeFeatureName"]
        self.define(group["FeatureDefinitions"])
        self.has_offline = "OfflineStoreConfig" in group
        self._records: dict[str, tuple[float, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def define(self, definitions: list[dict[str, Any]]) -> None:
        """Sets the group's features; stored records keep their values."""
        self._types = {one["FeatureName"]: one["FeatureType"] for one in definitions}

    def put(self, record: Features) -> None:
        """Stores the record unless a newer one exists. Raises Invalid if it violates the definitions."""
        values = self._checked(record)
        moment = self._moment(values[self._event_time])
        key = values[self._identifier]
        with self._lock:
            if key not in self._records or moment >= self._records[key][0]:
                self._records[key] = (moment, values)

    def get(self, key: str, names: list[str] | None = None) -> Features | None:
        """An identifier's features in definition order; None if there is no record. Raises Invalid."""
        for name in names or []:
            self._type(name)
        with self._lock:
            _, values = self._records.get(key, (0, None))
        if values is None:
            return None
        wanted = [name for name in self._types if name in values and (not names or name in names)]
        return [{"FeatureName": name, "ValueAsString": values[name]} for name in wanted]

    def __len__(self) -> int:
        return len(self._records)

    def _checked(self, record: Features) -> dict[str, str]:
        values: dict[str, str] = {}
        for entry in record:
            name = entry["FeatureName"]
            kind = self._type(name)
            if name in values:
                raise Invalid(f"The feature {name} is given twice.")
            if "ValueAsString" not in entry:
                raise Invalid(f"The feature {name} has no ValueAsString.")
            values[name] = entry["ValueAsString"]
            _check_value(name, values[name], kind)
        for required in (self._identifier, self._event_time):
            if not values.get(required):
                raise Invalid(f"The record must have a value for {required}.")
        return values

    def _type(self, name: str) -> str:
        if name not in self._types:
            raise Invalid(f"The feature name {name} does not exist in the feature group.")
        return self._types[name]

    def _moment(self, value: str) -> float:
        """The event time in Unix seconds; a Fractional event time already is."""
        try:
            if self._types[self._event_time] == "Fractional":
                return float(value)
            if not _ISO.fullmatch(value):
                raise ValueError(f"{value!r} is not of the form yyyy-MM-dd'T'HH:mm:ssZ or …ss.SSSZ")
            return datetime.fromisoformat(value).timestamp()
        except ValueError as error:
            raise Invalid(f"The event time feature {self._event_time} is not valid: {error}.") from None


def _check_value(name: str, value: str, kind: str) -> None:
    try:
        if kind == "Integral" and not _INTEGRAL_LOW <= int(value) <= _INTEGRAL_HIGH:
            raise ValueError
        if kind == "Fractional":
            float(value)
    except ValueError:
        raise Invalid(f"Failed to parse {value!r} of the feature {name}: it is defined as {kind}.") from None
