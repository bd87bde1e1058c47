"""Feature groups: their definitions, their online store, the making of their offline table."""

import threading
from typing import Any

from daybreak_local.sagemaker.control.base import Context, Request, last_name, operation, stamped
from daybreak_local.sagemaker.errors import Conflict, InUse, Invalid, NotFound
from daybreak_local.sagemaker.featurestore.offline import OfflineTable, add_columns, create_table
from daybreak_local.sagemaker.featurestore.online import OnlineStore
from daybreak_local.sagemaker.store import Record, list_page

_RESERVED = {"is_deleted", "write_time", "api_invocation_time"}


class FeatureGroups:
    """Create, describe, update, list and delete feature groups."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._table = context.store.feature_groups
        self._online: dict[str, OnlineStore] = {}

    @operation("CreateFeatureGroup")
    def create(self, request: Request) -> Record:
        """Keeps the group and makes its offline table on a thread; it is Created once that is there."""
        self._check(request)
        name = request["FeatureGroupName"]
        arn = self._context.place.arn("feature-group", name)
        already = (
            f"Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name."
        )
        if self._table.find(name):
            raise InUse(already)
        record = stamped(request, FeatureGroupArn=arn, FeatureGroupStatus="Creating", NextToken="")
        offline = None
        if config := record.get("OfflineStoreConfig"):
            self._context.check_role(request["RoleArn"])
            offline = OfflineTable.of(record, self._context.place)
            config["S3StorageConfig"]["ResolvedOutputS3Uri"] = offline.data_uri
            config["TableFormat"] = "Iceberg"
            config["DataCatalogConfig"] = {
                "Catalog": "AwsDataCatalog",
                "Database": offline.database,
                "TableName": offline.table,
            }
        self._table.insert(name, record, already)
        self._context.register(arn, request.get("Tags"))
        threading.Thread(
            target=self._finish, args=(name, request, offline), name=f"group-{name}", daemon=True
        ).start()
        return {"FeatureGroupArn": arn}

    def _check(self, request: Request) -> None:
        types = {one["FeatureName"]: one.get("FeatureType") for one in request["FeatureDefinitions"]}
        if len(types) != len(request["FeatureDefinitions"]):
            raise Invalid("FeatureDefinitions names a feature twice.")
        if reserved := _RESERVED & {name.lower() for name in types}:
            raise Invalid(f"Feature names that are reserved: {', '.join(sorted(reserved))}.")
        _check_types(request["FeatureDefinitions"])
        for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
            if request[member] not in types:
                raise Invalid(f"{member} {request[member]} is not among the FeatureDefinitions.")
        if types[request["EventTimeFeatureName"]] not in ("String", "Fractional"):
            raise Invalid("The event time feature must be of type String or Fractional.")
        offline = request.get("OfflineStoreConfig")
        if not offline and not request.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
            raise Invalid(
                "A feature group needs an OnlineStoreConfig with EnableOnlineStore, an "
                "OfflineStoreConfig or both."
            )
        if offline and "RoleArn" not in request:
            raise Invalid("RoleArn is required when an OfflineStoreConfig is given.")
        if offline and offline.get("TableFormat", "Iceberg") != "Iceberg":
            raise Invalid(
                "The local offline store is an Iceberg table: OfflineStoreConfig.TableFormat must be Iceberg."
            )
        if offline and offline.get("DisableGlueTableCreation"):
            raise Invalid(
                "DisableGlueTableCreation is not served locally: the offline table is in the Glue catalog."
            )

    def _finish(self, name: str, request: Request, offline: OfflineTable | None) -> None:
        group = self._table.get(name, "the group is gone")
        if request.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
            self._online[name] = OnlineStore(group)
        changes: dict[str, Any] = {"FeatureGroupStatus": "Created"}
        if offline:
            try:
                create_table(
                    self._context.platform,
                    {**group, "OfflineStoreConfig": request["OfflineStoreConfig"]},
                    offline,
                )
                changes["OfflineStoreStatus"] = {"Status": "Active"}
            except Exception as error:
                # Whatever the catalog or S3 said is the group's reason: nobody waits for this thread.
                reason = f"The offline table {offline.database}.{offline.table} could not be made: {error}"
                changes = {"FeatureGroupStatus": "CreateFailed", "FailureReason": reason[:1024]}
        self._table.update(name, **changes)

    @operation("DescribeFeatureGroup")
    def describe(self, request: Request) -> Record:
        """The group, by name or ARN."""
        return self._get(request["FeatureGroupName"])

    @operation("UpdateFeatureGroup")
    def update(self, request: Request) -> Record:
        """Adds features; what is defined stays as it is."""
        name = last_name(request["FeatureGroupName"])
        group = self._get(name)
        added = request.get("FeatureAdditions", [])
        _check_types(added)
        names = {one["FeatureName"] for one in group["FeatureDefinitions"]}
        if doubled := names & {one["FeatureName"] for one in added}:
            raise Invalid(f"The feature group has these features already: {', '.join(sorted(doubled))}.")

        def begin(record: Record) -> None:
            if record.get("LastUpdateStatus", {}).get("Status") == "InProgress":
                raise Conflict(f"The feature group {name} is being updated; update it afterwards.")
            record["LastUpdateStatus"] = {"Status": "InProgress"}
            if "OnlineStoreConfig" in request:
                record.setdefault("OnlineStoreConfig", {}).update(request["OnlineStoreConfig"])

        self._table.change(name, begin)
        threading.Thread(target=self._extend, args=(name, added), name=f"group-{name}", daemon=True).start()
        return {"FeatureGroupArn": group["FeatureGroupArn"]}

    def _extend(self, name: str, added: "list[dict[str, Any]]") -> None:
        """The offline table first: a feature is there for both stores or for none."""
        group = self._table.get(name, "the group is gone")
        try:
            if added and "OfflineStoreConfig" in group:
                add_columns(self._context.platform, group, added)
        except Exception as error:
            # As in _finish: whatever the catalog said is for the group's owner to read.
            reason = f"The offline table could not be changed: {error}"[:1024]
            self._table.update(name, LastUpdateStatus={"Status": "Failed", "FailureReason": reason})
            return
        definitions = [*group["FeatureDefinitions"], *added]
        changed = self._table.update(
            name, FeatureDefinitions=definitions, LastUpdateStatus={"Status": "Successful"}
        )
        if changed and name in self._online:
            self._online[name].redefine(changed)

    @operation("ListFeatureGroups")
    def list(self, request: Request) -> Record:
        """Oldest first."""
        wanted = request.get("FeatureGroupStatusEquals")
        groups = [one for one in self._table.all() if wanted in (None, one["FeatureGroupStatus"])]
        page, token = list_page(groups, request, "FeatureGroupName", "FeatureGroupStatus", "Ascending")
        return {"FeatureGroupSummaries": page, "NextToken": token}

    @operation("DeleteFeatureGroup")
    def delete(self, request: Request) -> Record:
        """Forgets the group and its online records; as on AWS, the offline table and its data stay."""
        group = self._get(request["FeatureGroupName"])
        if group["FeatureGroupStatus"] == "Creating":
            raise Conflict(
                f"The feature group {group['FeatureGroupName']} is being created; delete it afterwards."
            )
        self._online.pop(group["FeatureGroupName"], None)
        self._table.delete(group["FeatureGroupName"], "")
        self._context.forget(group["FeatureGroupArn"])
        return {}

    def online(self, name: str) -> OnlineStore | None:
        """The online store of a group that is there; None when it has none."""
        store = self._online.get(name)
        if store is None:
            self._get(name)
        return store

    def stores(self, name: str) -> set[str]:
        """OnlineStore, OfflineStore or both."""
        group = self._table.peek(name)
        if group is None:
            raise NotFound(self._missing(name))
        online = group.get("OnlineStoreConfig", {}).get("EnableOnlineStore")
        return ({"OnlineStore"} if online else set()) | (
            {"OfflineStore"} if "OfflineStoreConfig" in group else set()
        )

    def clear(self) -> None:
        """Forgets every record."""
        self._online.clear()

    def counts(self) -> dict[str, int]:
        """How many records each online store holds."""
        return {name: len(store) for name, store in self._online.items()}

    def _get(self, name_or_arn: str) -> Record:
        name = last_name(name_or_arn)
        return self._table.get(name, self._missing(name))

    def _missing(self, name: str) -> str:
        return f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}"


def _check_types(definitions: list[dict[str, Any]]) -> None:
    for definition in definitions:
        if "FeatureType" not in definition:
            raise Invalid(f"The feature {definition['FeatureName']} has no FeatureType.")
