"""The model registry: model package groups, versions, approval and metadata."""

from datetime import UTC, datetime

from daybreak_local.sagemaker.control.base import Context, Request, Resource, refuse_unserved
from daybreak_local.sagemaker.errors import Conflict, Invalid, NotFound
from daybreak_local.sagemaker.names import name_of
from daybreak_local.sagemaker.store import Record

MAX_METADATA = 50
_UPDATABLE = ("ModelApprovalStatus", "ApprovalDescription", "InferenceSpecification")


class ModelPackageGroups(Resource):
    """Groups of versioned model packages."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.store.model_package_groups)
        # Kept and shown, but not judged: they matter to other accounts, and there is one account here.
        self._policies: dict[str, str] = {}

    def create(self, request: Request) -> Record:
        """Creates an empty group."""
        name = request["ModelPackageGroupName"]
        more = {"ModelPackageGroupStatus": "Completed", "CreatedBy": {}, "LatestVersion": 0}
        return self._table.insert(name, request, **more)

    def list(self, request: Request) -> Record:
        """A page of all groups, the oldest first."""
        return self._page(self._table.all(), request, "Ascending")

    def delete(self, request: Request) -> Record:
        """Deletes an empty group. Raises Conflict if it has model packages."""
        name = self.describe(request)["ModelPackageGroupName"]
        packages = self._context.store.model_packages.all()
        if any(package["ModelPackageGroupName"] == name for package in packages):
            arn = self._table.arn(name)
            raise Conflict(f"Model Package Group {arn} is not empty: delete its model packages first.")
        self._table.delete(name)
        self._policies.pop(name, None)
        return {}

    def put_policy(self, request: Request) -> Record:
        """Sets the group's resource policy."""
        group = self.describe(request)
        self._policies[group["ModelPackageGroupName"]] = request["ResourcePolicy"]
        return group

    def policy(self, request: Request) -> Record:
        """The group's resource policy. Raises NotFound if it has none."""
        name = self.describe(request)["ModelPackageGroupName"]
        if name not in self._policies:
            raise NotFound(f"Model Package Group {self._table.arn(name)} has no resource policy.")
        return {"ResourcePolicy": self._policies[name]}

    def delete_policy(self, request: Request) -> Record:
        """Removes the group's resource policy."""
        self._policies.pop(self.describe(request)["ModelPackageGroupName"], None)
        return {}


class ModelPackages(Resource):
    """The versions of all groups; a version's name in its table is `group/version`."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, context.store.model_packages)
        self._groups = context.store.model_package_groups
        self._by_token: dict[str, str] = {}

    def create(self, request: Request) -> Record:
        """Registers a new version in a group."""
        token = request.get("ClientToken")
        if token in self._by_token:
            return {"ModelPackageArn": self._by_token[token]}
        refuse_unserved(request, "ModelPackageName", "SourceAlgorithmSpecification")
        for member in ("ModelPackageGroupName", "InferenceSpecification"):
            if member not in request:
                raise Invalid(f"{member} is required.")
        group = self._groups.get(name_of(request["ModelPackageGroupName"]))["ModelPackageGroupName"]
        version = self._next_version(group)
        record = self._table.insert(
            f"{group.lower()}/{version}",
            request,
            # AWS names a version after its group.
            ModelPackageName=group,
            ModelPackageGroupName=group,
            ModelPackageVersion=version,
            ModelApprovalStatus=request.get("ModelApprovalStatus", "PendingManualApproval"),
            ModelPackageStatus="Completed",
            ModelPackageStatusDetails={"ValidationStatuses": [], "ImageScanStatuses": []},
            CertifyForMarketplace=request.get("CertifyForMarketplace", False),
            CreatedBy={},
        )
        if token:
            self._by_token[token] = record["ModelPackageArn"]
        self._announce(record, [])
        return record

    def _next_version(self, group: str) -> int:
        """Increments LatestVersion; a deleted version's number is never reused."""
        counted = self._groups.change(group, lambda it: it.update(LatestVersion=it["LatestVersion"] + 1))
        if counted is None:
            raise Conflict(f"Model Package Group {group} was deleted meanwhile.")
        return int(counted["LatestVersion"])

    def update(self, request: Request) -> Record:
        """Updates approval, metadata and inference specification; emits the state-change event."""
        made = request["ModelPackageArn"]
        package = self.describe({"ModelPackageName": made})
        changes = {name: request[name] for name in _UPDATABLE if name in request}
        known = package.get("CustomerMetadataProperties", {})
        metadata = {**known, **request.get("CustomerMetadataProperties", {})}
        for key in request.get("CustomerMetadataPropertiesToRemove", []):
            metadata.pop(key, None)
        if len(metadata) > MAX_METADATA:
            raise Invalid(
                f"CustomerMetadataProperties holds at most {MAX_METADATA} entries; these are {len(metadata)}."
            )
        if metadata != known:
            changes["CustomerMetadataProperties"] = metadata
        updated = self._table.update(name_of(made), **changes)
        if updated is None:
            raise Conflict(f"Model Package {made} was deleted meanwhile.")
        self._announce(updated, sorted(changes))
        return updated

    def list(self, request: Request) -> Record:
        """The versions of a group, oldest first by default."""
        if "ModelPackageGroupName" not in request:
            raise Invalid("ModelPackageGroupName is required: there are no packages without a group here.")
        group = self._groups.get(name_of(request["ModelPackageGroupName"]))["ModelPackageGroupName"]
        wanted = request.get("ModelApprovalStatus")
        found = [
            package
            for package in self._table.all()
            if package["ModelPackageGroupName"] == group and wanted in (None, package["ModelApprovalStatus"])
        ]
        return self._page(found, request, "Ascending")

    def _announce(self, package: Record, updated: "list[str]") -> None:
        """Emits AWS's event: Describe's fields with ISO timestamps, and the names of updated fields."""
        detail = {key: value for key, value in package.items() if key != "CreatedBy"}
        for key in ("CreationTime", "LastModifiedTime"):
            moment = datetime.fromtimestamp(package[key], UTC)
            detail[key] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if updated:
            detail["UpdatedModelPackageFields"] = updated
        arn = package["ModelPackageArn"]
        self._context.announce("SageMaker Model Package State Change", detail, [arn])
