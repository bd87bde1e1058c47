"""The feature store's runtime operations over the online stores."""

from typing import Any

from daybreak_local.sagemaker.control.base import Request, last_name, operation
from daybreak_local.sagemaker.control.feature_groups import FeatureGroups
from daybreak_local.sagemaker.errors import Invalid, NotFound, Refusal
from daybreak_local.sagemaker.featurestore.event_time import iso
from daybreak_local.sagemaker.featurestore.online import OnlineStore, RecordError
from daybreak_local.sagemaker.store import Record


class FeatureStoreRuntime:
    """PutRecord, GetRecord, BatchGetRecord and DeleteRecord."""

    def __init__(self, groups: FeatureGroups) -> None:
        self._groups = groups

    @operation("PutRecord")
    def put(self, request: Request) -> Record:
        """Writes a record to the online store; an older one than is there is taken, and changes nothing."""
        store = self._written(request)
        try:
            store.put(request["Record"], request.get("TtlDuration"))
        except RecordError as error:
            raise Invalid(str(error)) from None
        return {}

    @operation("DeleteRecord")
    def delete(self, request: Request) -> Record:
        """Removes a record from the online store."""
        store = self._written(request)
        try:
            store.delete(
                request["RecordIdentifierValueAsString"],
                request["EventTime"],
                request.get("DeletionMode", "SoftDelete"),
            )
        except RecordError as error:
            raise Invalid(str(error)) from None
        return {}

    @operation("GetRecord")
    def get(self, request: Request) -> Record:
        """The latest record; an answer without Record when there is none, as on AWS."""
        store = self._online(request["FeatureGroupName"])
        names = request.get("FeatureNames")
        try:
            found = store.get(request["RecordIdentifierValueAsString"], names)
        except RecordError as error:
            raise Invalid(str(error)) from None
        if found is None:
            return {}
        features, expires_at = found
        return {"Record": features, **_expiry(expires_at, request)}

    @operation("BatchGetRecord")
    def batch_get(self, request: Request) -> Record:
        """The records of up to 100 identifiers; one group's problem does not spoil the others."""
        records: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for wanted in request["Identifiers"]:
            name = wanted["FeatureGroupName"]
            for key in wanted["RecordIdentifiersValueAsString"]:
                try:
                    found = self._online(name).get(key, wanted.get("FeatureNames"))
                except (Refusal, RecordError) as error:
                    errors.append(
                        {
                            "FeatureGroupName": name,
                            "RecordIdentifierValueAsString": key,
                            "ErrorCode": "ResourceNotFound"
                            if isinstance(error, NotFound)
                            else "ValidationError",
                            "ErrorMessage": str(error),
                        }
                    )
                    continue
                if found:
                    features, expires_at = found
                    records.append(
                        {
                            "FeatureGroupName": name,
                            "RecordIdentifierValueAsString": key,
                            "Record": features,
                            **_expiry(expires_at, request),
                        }
                    )
        return {"Records": records, "Errors": errors, "UnprocessedIdentifiers": []}

    def _online(self, name_or_arn: str) -> OnlineStore:
        store = self._groups.online(last_name(name_or_arn))
        if store is None:
            raise Invalid(f"The feature group {name_or_arn} has no online store.")
        return store

    def _written(self, request: Request) -> OnlineStore:
        """The online store of a write, after the stores it is for are checked."""
        name = last_name(request["FeatureGroupName"])
        configured = self._groups.stores(name)
        targets = request.get("TargetStores") or sorted(configured)
        for target in targets:
            if target not in configured:
                raise Invalid(f"The feature group {name} has no {target}: TargetStores cannot name it.")
        if "OfflineStore" in targets:
            raise Invalid(
                f"The local offline store of {name} is written by Spark only. Send "
                "TargetStores=[OnlineStore] and "
                "append the same rows to the offline table; on AWS both would be written from here."
            )
        return self._online(name)


def _expiry(expires_at: float | None, request: Request) -> dict[str, str]:
    if expires_at is None or request.get("ExpirationTimeResponse") != "Enabled":
        return {}
    return {"ExpiresAt": iso(expires_at)}
