"""The Feature Store runtime operations on the online stores."""

from typing import Any

from daybreak_local.sagemaker.control.base import Request, refuse_unserved
from daybreak_local.sagemaker.control.feature_groups import FeatureGroups
from daybreak_local.sagemaker.errors import Invalid, NotFound, Refusal
from daybreak_local.sagemaker.store import Record


class FeatureStoreRuntime:
    """PutRecord, GetRecord and BatchGetRecord."""

    def __init__(self, groups: FeatureGroups) -> None:
        self._groups = groups

    def put(self, request: Request) -> Record:
        """Writes a record to the online store; one older than the stored record is accepted but ignored."""
        refuse_unserved(request, "TtlDuration")
        name = request["FeatureGroupName"]
        store = self._groups.online(name)
        configured = ["OnlineStore", "OfflineStore"] if store.has_offline else ["OnlineStore"]
        targets = request.get("TargetStores") or configured
        if missing := set(targets) - set(configured):
            raise Invalid(f"The feature group {name} has no {min(missing)}: TargetStores cannot name it.")
        if "OfflineStore" in targets:
            raise Invalid(
                f"The local offline store of {name} is written by Spark only. Send "
                "TargetStores=[OnlineStore] and append the same rows to the offline table; on AWS both would "
                "be written from here."
            )
        store.put(request["Record"])
        return {}

    def get(self, request: Request) -> Record:
        """The latest record; as on AWS, the response has no Record if there is none."""
        store = self._groups.online(request["FeatureGroupName"])
        found = store.get(request["RecordIdentifierValueAsString"], request.get("FeatureNames"))
        return {"Record": found} if found is not None else {}

    def batch_get(self, request: Request) -> Record:
        """The records of several identifiers; a failed lookup is returned in Errors."""
        records: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for wanted in request["Identifiers"]:
            name = wanted["FeatureGroupName"]
            for key in wanted["RecordIdentifiersValueAsString"]:
                about = {"FeatureGroupName": name, "RecordIdentifierValueAsString": key}
                try:
                    found = self._groups.online(name).get(key, wanted.get("FeatureNames"))
                except Refusal as error:
                    code = "ResourceNotFound" if isinstance(error, NotFound) else "ValidationError"
                    errors.append({**about, "ErrorCode": code, "ErrorMessage": error.message})
                    continue
                if found is not None:
                    records.append({**about, "Record": found})
        return {"Records": records, "Errors": errors, "UnprocessedIdentifiers": []}
