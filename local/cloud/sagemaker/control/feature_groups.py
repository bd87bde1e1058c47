"""Feature groups: their definitions, their online store, the making of their offline table."""

import threading
from typing import Any

from local.cloud.sagemaker.control.base import Context, Request, last_name, operation, stamped
from local.cloud.sagemaker.errors import Conflict, InUse, Invalid, NotFound
from local.cloud.sagemaker.featurestore.offline import OfflineTable, create_table
from local.cloud.sagemaker.featurestore.online import OnlineStore
from local.cloud.sagemaker.store import Record, list_page

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
        for name, kind in types.items():
            if kind is None:
                raise Invalid(f"The feature {name} has no FeatureType.")
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
        if added and "OfflineStoreConfig" in group:
            raise Invalid(
                "The local SageMaker cannot add columns to an offline table yet: make the group anew, or "
                "add them with "
                "Spark's ALTER TABLE on a group without an offline store."
            )
        names = {one["FeatureName"] for one in group["FeatureDefinitions"]}
        if doubled := names & {one["FeatureName"] for one in added}:
            raise Invalid(f"The feature group has these features already: {', '.join(sorted(doubled))}.")

        def extend(record: Record) -> None:
            record["FeatureDefinitions"] = [*record["FeatureDefinitions"], *added]
            record["LastUpdateStatus"] = {"Status": "Successful"}
            if "OnlineStoreConfig" in request:
                record["OnlineStoreConfig"] |= request["OnlineStoreConfig"]

        changed = self._table.change(name, extend)
        if changed and name in self._online:
            self._online[name].redefine(changed)
        return {"FeatureGroupArn": group["FeatureGroupArn"]}

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
