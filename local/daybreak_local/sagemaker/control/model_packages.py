"""The model registry: groups of packages with versions, their approval and their metadata."""

import re
from datetime import UTC, datetime
from typing import Any

from daybreak_local.sagemaker.control.base import Context, Request, last_name, operation, stamped
from daybreak_local.sagemaker.errors import Conflict, InUse, Invalid
from daybreak_local.sagemaker.store import Record, list_page

MAX_METADATA = 50
_UPDATABLE = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)


class ModelPackageGroups:
    """Groups of versioned model packages, and their resource policies."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._table = context.store.model_package_groups

    @operation("CreateModelPackageGroup")
    def create(self, request: Request) -> Record:
        """Makes an empty group."""
        name = request["ModelPackageGroupName"]
        arn = self._context.place.arn("model-package-group", name)
        record = stamped(
            request,
            ModelPackageGroupArn=arn,
            ModelPackageGroupStatus="Completed",
            CreatedBy={},
            LatestVersion=0,
        )
        self._table.insert(name, record, f"Model Package Group already exists: {arn}")
        self._context.register(arn, request.get("Tags"))
        return {"ModelPackageGroupArn": arn}

    @operation("DescribeModelPackageGroup")
    def describe(self, request: Request) -> Record:
        """The group, by name or ARN."""
        return self.get(request["ModelPackageGroupName"])

    @operation("ListModelPackageGroups")
    def list(self, request: Request) -> Record:
        """Oldest first."""
        page, token = list_page(
            self._table.all(), request, "ModelPackageGroupName", default_order="Ascending"
        )
        return {"ModelPackageGroupSummaryList": page, "NextToken": token}

    @operation("DeleteModelPackageGroup")
    def delete(self, request: Request) -> Record:
        """Only an empty group can be deleted."""
        group = self.get(request["ModelPackageGroupName"])
        packages = self._context.store.model_packages.all()
        if any(
            package.get("ModelPackageGroupName") == group["ModelPackageGroupName"] for package in packages
        ):
            raise Conflict(
                f"Model Package Group {group['ModelPackageGroupArn']} is not empty: delete its model "
                "packages first."
            )
        self._table.delete(group["ModelPackageGroupName"], "")
        self._context.forget(group["ModelPackageGroupArn"])
        return {}

    @operation("PutModelPackageGroupPolicy")
    def put_policy(self, request: Request) -> Record:
        """Sets the group's resource policy."""
        group = self.get(request["ModelPackageGroupName"])
        self._table.update(group["ModelPackageGroupName"], ResourcePolicy=request["ResourcePolicy"])
        return {"ModelPackageGroupArn": group["ModelPackageGroupArn"]}

    @operation("GetModelPackageGroupPolicy")
    def get_policy(self, request: Request) -> Record:
        """The group's resource policy."""
        group = self.get(request["ModelPackageGroupName"])
        if not group.get("ResourcePolicy"):
            raise Invalid(f"Cannot find Model Package Group Policy: {group['ModelPackageGroupArn']}")
        return {"ResourcePolicy": group["ResourcePolicy"]}

    @operation("DeleteModelPackageGroupPolicy")
    def delete_policy(self, request: Request) -> Record:
        """Removes the group's resource policy."""
        self.get_policy(request)
        self._table.change(
            last_name(request["ModelPackageGroupName"]), lambda group: group.pop("ResourcePolicy")
        )
        return {}

    def get(self, name_or_arn: str) -> Record:
        """A group; NotFound when there is none."""
        name = last_name(name_or_arn)
        arn = self._context.place.arn("model-package-group", name)
        return self._table.get(name, f"ModelPackageGroup {arn} does not exist.")

    def next_version(self, name: str) -> int:
        """Counts the group's versions up; a version number is never used twice."""

        def count(group: Record) -> None:
            group["LatestVersion"] += 1

        changed = self._table.change(name, count)
        if changed is None:
            raise Conflict(f"Model Package Group {name} was deleted meanwhile.")
        return int(changed["LatestVersion"])


class ModelPackages:
    """Model packages by ARN."""

    def __init__(self, context: Context, groups: ModelPackageGroups) -> None:
        self._context = context
        self._groups = groups
        self._table = context.store.model_packages
        self._by_token: dict[str, str] = {}

    @operation("CreateModelPackage")
    def create(self, request: Request) -> Record:
        """Registers a version in a group, or an unversioned package under a name of its own."""
        token = request.get("ClientToken")
        if token in self._by_token:
            return {"ModelPackageArn": self._by_token[token]}
        versioned = "ModelPackageGroupName" in request
        if versioned == ("ModelPackageName" in request):
            raise Invalid(
                "Either ModelPackageGroupName (a new version) or ModelPackageName must be given, not both."
            )
        if "InferenceSpecification" not in request and "SourceAlgorithmSpecification" not in request:
            raise Invalid("Either InferenceSpecification or SourceAlgorithmSpecification is required.")
        record = stamped(request, **self._identity(request, versioned))
        record.update(
            ModelPackageStatus="Completed",
            ModelPackageStatusDetails={"ValidationStatuses": [], "ImageScanStatuses": []},
            CertifyForMarketplace=request.get("CertifyForMarketplace", False),
            CreatedBy={},
        )
        arn = record["ModelPackageArn"]
        self._table.insert(arn, record, f"Model Package already exists: {arn}")
        self._context.register(arn, request.get("Tags"))
        if token:
            self._by_token[token] = arn
        self._announce(record, [])
        return {"ModelPackageArn": arn}

    def _identity(self, request: Request, versioned: bool) -> dict[str, Any]:
        if not versioned:
            name = request["ModelPackageName"]
            arn = self._context.place.arn("model-package", name)
            if self._table.find(arn):
                raise InUse(f"Model Package already exists: {arn}")
            return {"ModelPackageName": name, "ModelPackageArn": arn}
        group = self._groups.get(request["ModelPackageGroupName"])["ModelPackageGroupName"]
        version = self._groups.next_version(group)
        return {
            # AWS names a version after its group.
            "ModelPackageName": group,
            "ModelPackageGroupName": group,
            "ModelPackageVersion": version,
            "ModelPackageArn": self._context.place.arn("model-package", f"{group}/{version}"),
            "ModelApprovalStatus": request.get("ModelApprovalStatus", "PendingManualApproval"),
        }

    @operation("DescribeModelPackage")
    def describe(self, request: Request) -> Record:
        """A package by ARN (or by name, when it has no versions)."""
        return self._get(request["ModelPackageName"])

    @operation("UpdateModelPackage")
    def update(self, request: Request) -> Record:
        """Approval, metadata and the few other things that may change; raises the state-change event."""
        arn = request["ModelPackageArn"]
        package = self._get(arn)
        changes = {name: request[name] for name in _UPDATABLE if name in request}
        if "ModelApprovalStatus" in changes and "ModelPackageVersion" not in package:
            raise Invalid("ModelApprovalStatus can only be set on a versioned model package.")
        if extra := request.get("AdditionalInferenceSpecificationsToAdd"):
            changes["AdditionalInferenceSpecifications"] = [
                *package.get("AdditionalInferenceSpecifications", []),
                *extra,
            ]
        metadata = self._merged_metadata(package, request)
        if metadata != package.get("CustomerMetadataProperties", {}):
            changes["CustomerMetadataProperties"] = metadata
        changes["LastModifiedBy"] = {}
        updated = self._table.update(arn, **changes)
        if updated is None:
            raise Conflict(f"Model Package {arn} was deleted meanwhile.")
        changes.pop("LastModifiedBy")
        self._announce(updated, sorted(name for name in changes))
        return {"ModelPackageArn": arn}

    def _merged_metadata(self, package: Record, request: Request) -> dict[str, str]:
        metadata = {
            **package.get("CustomerMetadataProperties", {}),
            **request.get("CustomerMetadataProperties", {}),
        }
        for key in request.get("CustomerMetadataPropertiesToRemove", []):
            metadata.pop(key, None)
        if len(metadata) > MAX_METADATA:
            raise Invalid(
                f"CustomerMetadataProperties holds at most {MAX_METADATA} entries; these are {len(metadata)}."
            )
        return metadata

    @operation("ListModelPackages")
    def list(self, request: Request) -> Record:
        """Oldest first unless asked otherwise; without a group, only packages that have no versions."""
        group = last_name(request["ModelPackageGroupName"]) if "ModelPackageGroupName" in request else None
        if group is not None:
            self._groups.get(group)
        kind = request.get("ModelPackageType", "Versioned" if group else "Unversioned")

        def wanted(package: Record) -> bool:
            versioned = "ModelPackageVersion" in package
            return (
                (group is None or package.get("ModelPackageGroupName") == group)
                and (kind == "Both" or versioned == (kind == "Versioned"))
                and request.get("ModelApprovalStatus") in (None, package.get("ModelApprovalStatus"))
            )

        found = [package for package in self._table.all() if wanted(package)]
        page, token = list_page(found, request, "ModelPackageName", default_order="Ascending")
        return {"ModelPackageSummaryList": page, "NextToken": token}

    @operation("DeleteModelPackage")
    def delete(self, request: Request) -> Record:
        """Removes one version."""
        arn = self._get(request["ModelPackageName"])["ModelPackageArn"]
        self._table.delete(arn, f"ModelPackage {arn} does not exist.")
        self._context.forget(arn)
        return {}

    def _get(self, name_or_arn: str) -> Record:
        arn = name_or_arn
        if not re.match(r"arn:aws[a-z-]*:sagemaker:", name_or_arn):
            arn = self._context.place.arn("model-package", name_or_arn)
        return self._table.get(arn, f"ModelPackage {arn} does not exist.")

    def _announce(self, package: Record, updated: "list[str]") -> None:
        """The event AWS raises: Describe's fields with ISO times, and which of them an update changed."""
        detail = {key: value for key, value in package.items() if key not in ("CreatedBy", "LastModifiedBy")}
        for key in ("CreationTime", "LastModifiedTime"):
            detail[key] = (
                datetime.fromtimestamp(package[key], UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            )
        if updated:
            detail["UpdatedModelPackageFields"] = updated
        self._context.notices.send(
            "SageMaker Model Package State Change", detail, [package["ModelPackageArn"]]
        )
