"""Feature groups: their definitions, online stores and offline tables."""

import threading
import time
from typing import Any

from daybreak_local.sagemaker.control.base import Context, Request, Resource, refuse_unserved
from daybreak_local.sagemaker.errors import Conflict, Invalid, LimitExceeded
from daybreak_local.sagemaker.featurestore.offline import OfflineTable, add_columns, create_table
from daybreak_local.sagemaker.featurestore.online import OnlineStore
from daybreak_local.sagemaker.names import name_of
from daybreak_local.sagemaker.store import Record

MAX_FEATURES = 2500
_RESERVED = {"is_deleted", "write_time", "api_invocation_time"}


class FeatureGroups(Resource):
    """Feature groups and their online stores."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.store.feature_groups)
        self._online: dict[str, OnlineStore] = {}

    def create(self, request: Request) -> Record:
        """Stores the group; it becomes Created once a background thread has created its offline table."""
        _check(request)
        name = request["FeatureGroupName"]
        self._table.refuse_taken(name)
        now, offline = time.time(), None
        more: dict[str, Any] = {"CreationTime": now, "FeatureGroupStatus": "Creating", "NextToken": ""}
        if config := request.get("OfflineStoreConfig"):
            self._context.check_role(request["RoleArn"])
            offline = OfflineTable.of(request, now)
            more["OfflineStoreConfig"] = offline.described(config)
        record = self._table.insert(name, request, **more)
        threading.Thread(
            target=self._finish, args=(request, offline), name=f"group-{name}", daemon=True
        ).start()
        return record

    def _finish(self, request: Request, offline: OfflineTable | None) -> None:
        name = request["FeatureGroupName"]
        if request.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
            self._online[name] = OnlineStore(request)
        changes: dict[str, Any] = {"FeatureGroupStatus": "Created"}
        if offline:
            try:
                create_table(self._context.platform, request, offline)
                changes["OfflineStoreStatus"] = {"Status": "Active"}
            except Exception as error:
                # Nobody joins this thread, so every error must end up in FailureReason.
                reason = f"The offline table {offline.database}.{offline.table} could not be created: {error}"
                changes = {"FeatureGroupStatus": "CreateFailed", "FailureReason": reason[:1024]}
        self._table.update(name, **changes)

    def update(self, request: Request) -> Record:
        """Adds features, in the background; existing features can be neither changed nor removed."""
        refuse_unserved(request, "OnlineStoreConfig", "ThroughputConfig")
        name, additions = name_of(request["FeatureGroupName"]), request.get("FeatureAdditions")
        if not additions:
            raise Invalid("UpdateFeatureGroup needs FeatureAdditions.")

        def begin(group: Record) -> None:
            if group["FeatureGroupStatus"] != "Created":
                raise Conflict(f"The feature group {name} is {group['FeatureGroupStatus']}, not Created.")
            if group.get("LastUpdateStatus", {}).get("Status") == "InProgress":
                raise Conflict(f"The feature group {name} is being updated; update it afterwards.")
            definitions = [*group["FeatureDefinitions"], *additions]
            _check({**group, "FeatureDefinitions": definitions})
            if len(definitions) > MAX_FEATURES:
                raise LimitExceeded(f"A feature group has at most {MAX_FEATURES} features.")
            group["LastUpdateStatus"] = {"Status": "InProgress"}

        group = self._table.change(name, begin) or self._table.get(name)
        threading.Thread(target=self._add, args=(group, additions), name=f"add-{name}", daemon=True).start()
        return group

    def _add(self, group: Record, additions: list[Record]) -> None:
        name, last = group["FeatureGroupName"], {"Status": "Successful"}
        definitions = [*group["FeatureDefinitions"], *additions]
        try:
            if "OfflineStoreConfig" in group:
                add_columns(self._context.platform, group, additions)
            if name in self._online:
                self._online[name].define(definitions)
        except Exception as error:
            # Nobody joins this thread, so every error must end up in FailureReason.
            last = {"Status": "Failed", "FailureReason": str(error)[:1024]}
            definitions = group["FeatureDefinitions"]
        self._table.update(name, FeatureDefinitions=definitions, LastUpdateStatus=last)

    def delete(self, request: Request) -> Record:
        """Deletes the group and its online records; as on AWS, the offline table and its data remain."""
        name = request["FeatureGroupName"]
        if self.describe(request)["FeatureGroupStatus"] == "Creating":
            raise Conflict(f"The feature group {name} is being created; delete it afterwards.")
        self._online.pop(name, None)
        self._table.delete(name)
        return {}

    def online(self, name_or_arn: str) -> OnlineStore:
        """The online store of a group. Raises NotFound, or Invalid if the group has none."""
        name = name_of(name_or_arn)
        store = self._online.get(name)
        if store is None:
            self._table.get(name)
            raise Invalid(f"The feature group {name} has no online store.")
        return store

    def counts(self) -> dict[str, int]:
        """The number of records in each online store."""
        return {name: len(store) for name, store in list(self._online.items())}


def _check(request: Request) -> None:
    definitions = request["FeatureDefinitions"]
    types = {one["FeatureName"]: one.get("FeatureType") for one in definitions}
    if len(types) != len(definitions):
        raise Invalid("FeatureDefinitions names a feature twice.")
    if reserved := _RESERVED & {name.lower() for name in types}:
        raise Invalid(f"Feature names that are reserved: {', '.join(sorted(reserved))}.")
    for definition in definitions:
        refuse_unserved(definition, "CollectionType")
        if "FeatureType" not in definition:
            raise Invalid(f"The feature {definition['FeatureName']} has no FeatureType.")
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if request[member] not in types:
            raise Invalid(f"{member} {request[member]} is not among the FeatureDefinitions.")
    if types[request["EventTimeFeatureName"]] not in ("String", "Fractional"):
        raise Invalid("The event time feature must be of type String or Fractional.")
    online, offline = request.get("OnlineStoreConfig", {}), request.get("OfflineStoreConfig")
    refuse_unserved(online, "TtlDuration")
    if not offline and not online.get("EnableOnlineStore"):
        raise Invalid(
            "A feature group needs an OnlineStoreConfig with EnableOnlineStore or an OfflineStoreConfig."
        )
    if offline:
        refuse_unserved(offline, "DisableGlueTableCreation")
        if "RoleArn" not in request:
            raise Invalid("RoleArn is required when an OfflineStoreConfig is given.")
        if offline.get("TableFormat", "Iceberg") != "Iceberg":
            raise Invalid("The local offline store is an Iceberg table: TableFormat must be Iceberg.")
