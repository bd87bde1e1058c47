"""The online store: the latest record of each identifier, by event time and never by arrival."""

import threading
import time
from dataclasses import dataclass
from typing import Any

from daybreak_local.sagemaker.featurestore.event_time import EventTimeError, parse_event_time

_SECONDS = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86_400, "Weeks": 604_800}
_INTEGRAL_LOW, _INTEGRAL_HIGH = -(2**63), 2**63 - 1


class RecordError(ValueError):
    """The record does not fit its feature group."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The latest record of an identifier; no values after a soft delete."""

    event_time: float
    values: dict[str, str | list[str]] | None
    expires_at: float | None


class OnlineStore:
    """The records of one feature group."""

    def __init__(self, group: dict[str, Any]) -> None:
        self.identifier: str = group["RecordIdentifierFeatureName"]
        self.event_time: str = group["EventTimeFeatureName"]
        self._types: dict[str, str] = {}
        self._collections: set[str] = set()
        self.redefine(group)
        self._ttl = group["OnlineStoreConfig"].get("TtlDuration") if group.get("OnlineStoreConfig") else None
        self._records: dict[str, Stored] = {}
        self._lock = threading.Lock()

    def redefine(self, group: dict[str, Any]) -> None:
        """Takes over the features of an updated group."""
        definitions = group["FeatureDefinitions"]
        self._collections = {one["FeatureName"] for one in definitions if one.get("CollectionType")}
        self._types = {one["FeatureName"]: one["FeatureType"] for one in definitions}

    def put(self, record: list[dict[str, Any]], ttl: dict[str, Any] | None = None) -> None:
        """Keeps the record unless a newer one is there. Raises RecordError."""
        values = self._checked(record)
        moment = self._moment(str(values[self.event_time]))
        stored = Stored(moment, values, self._expiry(moment, ttl or self._ttl))
        key = str(values[self.identifier])
        with self._lock:
            current = self._records.get(key)
            if current is None or moment >= current.event_time:
                self._records[key] = stored

    def get(
        self, key: str, names: list[str] | None = None
    ) -> tuple[list[dict[str, Any]], float | None] | None:
        """(features, expiry) of an identifier, in the order of the definitions; None without one."""
        for name in names or []:
            if name not in self._types:
                raise RecordError(f"The feature name {name} does not exist in the feature group.")
        with self._lock:
            stored = self._records.get(key)
        if stored is None or stored.values is None or (stored.expires_at or float("inf")) <= time.time():
            return None
        wanted = [name for name in self._types if name in stored.values and (not names or name in names)]
        return [_feature(name, stored.values[name]) for name in wanted], stored.expires_at

    def delete(self, key: str, event_time: str, mode: str) -> None:
        """Removes a record; as with put, one that is newer than `event_time` stays."""
        moment = self._moment(event_time)
        with self._lock:
            current = self._records.get(key)
            if current is not None and moment < current.event_time:
                return
            if mode == "HardDelete":
                self._records.pop(key, None)
            else:
                self._records[key] = Stored(moment, None, None)

    def __len__(self) -> int:
        with self._lock:
            return sum(1 for stored in self._records.values() if stored.values is not None)

    def _checked(self, record: list[dict[str, Any]]) -> dict[str, str | list[str]]:
        values: dict[str, str | list[str]] = {}
        for entry in record:
            name = entry["FeatureName"]
            if name not in self._types:
                raise RecordError(f"The feature name {name} does not exist in the feature group.")
            if name in values:
                raise RecordError(f"The feature {name} is given twice.")
            values[name] = self._value(name, entry)
        for required in (self.identifier, self.event_time):
            if not values.get(required):
                raise RecordError(f"The record must have a value for {required}.")
        return values

    def _value(self, name: str, entry: dict[str, Any]) -> str | list[str]:
        feature_type = self._types[name]
        if name in self._collections:
            if "ValueAsStringList" not in entry:
                raise RecordError(f"The feature {name} is a collection: give ValueAsStringList.")
            for value in entry["ValueAsStringList"]:
                _check_type(name, value, feature_type)
            return list(entry["ValueAsStringList"])
        if "ValueAsString" not in entry:
            raise RecordError(f"The feature {name} has no ValueAsString.")
        value = entry["ValueAsString"]
        _check_type(name, value, feature_type)
        return str(value)

    def _moment(self, value: str) -> float:
        try:
            return parse_event_time(value, self._types[self.event_time])
        except EventTimeError as error:
            raise RecordError(f"The event time feature {self.event_time} is not valid: {error}.") from None

    def _expiry(self, moment: float, ttl: dict[str, Any] | None) -> float | None:
        return moment + ttl["Value"] * _SECONDS[ttl["Unit"]] if ttl and "Unit" in ttl else None


def _check_type(name: str, value: str, feature_type: str) -> None:
    try:
        if feature_type == "Integral":
            if not _INTEGRAL_LOW <= int(value) <= _INTEGRAL_HIGH:
                raise ValueError
        elif feature_type == "Fractional":
            float(value)
    except ValueError:
        raise RecordError(
            f"Failed to parse the value {value!r} of the feature {name}: it is defined as {feature_type}."
        ) from None


def _feature(name: str, value: str | list[str]) -> dict[str, Any]:
    if isinstance(value, list):
        return {"FeatureName": name, "ValueAsStringList": value}
    return {"FeatureName": name, "ValueAsString": value}
