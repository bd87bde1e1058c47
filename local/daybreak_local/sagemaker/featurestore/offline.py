"""Creates the offline store's Iceberg v2 tables in Glue, with the feature group's role."""

import logging
from dataclasses import dataclass
from typing import Any

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.sagemaker.platform import Platform

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OfflineTable:
    """The Glue names and S3 location of a feature group's table."""

    database: str
    table: str
    location: str

    @staticmethod
    def of(group: dict[str, Any], created: float) -> "OfflineTable":
        """The names in DataCatalogConfig, or AWS's defaults, which contain the time of creation."""
        config = group["OfflineStoreConfig"]
        catalog = config.get("DataCatalogConfig", {})
        name, made = group["FeatureGroupName"], int(created)
        base = config["S3StorageConfig"]["S3Uri"].rstrip("/")
        return OfflineTable(
            catalog.get("Database", "sagemaker_featurestore"),
            catalog.get("TableName", f"{name.replace('-', '_').lower()}_{made}"),
            f"{base}/{ACCOUNT_ID}/sagemaker/{REGION}/offline-store/{name}-{made}",
        )

    @property
    def data_uri(self) -> str:
        """ResolvedOutputS3Uri."""
        return f"{self.location}/data"

    def described(self, config: dict[str, Any]) -> dict[str, Any]:
        """The request's OfflineStoreConfig with everything that DescribeFeatureGroup adds."""
        return {
            **config,
            "S3StorageConfig": {**config["S3StorageConfig"], "ResolvedOutputS3Uri": self.data_uri},
            "TableFormat": "Iceberg",
            "DataCatalogConfig": {
                "Catalog": "AwsDataCatalog",
                "Database": self.database,
                "TableName": self.table,
            },
        }


def create_table(platform: Platform, group: dict[str, Any], table: OfflineTable) -> None:
    """Creates a table of the features and SageMaker's three columns, partitioned by event date."""
    from pyiceberg.exceptions import NamespaceAlreadyExistsError

    catalog = platform.offline_catalog(group["RoleArn"])
    if "DataCatalogConfig" not in group["OfflineStoreConfig"]:
        # Only SageMaker's default database is created; one that the request names must exist.
        try:
            catalog.create_namespace(table.database)
        except NamespaceAlreadyExistsError:
            logger.debug("the database %s already exists", table.database)
    schema = _schema(group)
    catalog.create_table(
        (table.database, table.table),
        schema=schema,
        location=table.location,
        partition_spec=_partitions(group, schema),
        properties={
            "format-version": "2",
            "write.data.path": table.data_uri,
            "write.parquet.compression-codec": "zstd",
        },
    )


def add_columns(platform: Platform, group: dict[str, Any], additions: list[dict[str, Any]]) -> None:
    """Adds a column for each feature; existing rows have no value for it."""
    table = group["OfflineStoreConfig"]["DataCatalogConfig"]
    catalog = platform.offline_catalog(group["RoleArn"])
    with catalog.load_table((table["Database"], table["TableName"])).update_schema() as schema:
        for name, kind in _columns(additions):
            schema.add_column(name, kind)


def _columns(definitions: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    from pyiceberg.types import DoubleType, LongType, StringType

    types = {"String": StringType(), "Integral": LongType(), "Fractional": DoubleType()}
    return [(one["FeatureName"], types[one["FeatureType"]]) for one in definitions]


def _schema(group: dict[str, Any]) -> Any:
    from pyiceberg.schema import Schema
    from pyiceberg.types import BooleanType, NestedField, TimestamptzType

    columns = [
        *_columns(group["FeatureDefinitions"]),
        ("write_time", TimestamptzType()),
        ("api_invocation_time", TimestamptzType()),
        ("is_deleted", BooleanType()),
    ]
    return Schema(
        *(NestedField(number, name, kind, required=False) for number, (name, kind) in enumerate(columns, 1))
    )


def _partitions(group: dict[str, Any], schema: Any) -> Any:
    """SageMaker's `<event time>_trunc`: the date prefix of an ISO string; Unix seconds have none."""
    from pyiceberg.partitioning import PartitionField, PartitionSpec
    from pyiceberg.transforms import TruncateTransform

    name = group["EventTimeFeatureName"]
    types = {one["FeatureName"]: one["FeatureType"] for one in group["FeatureDefinitions"]}
    if types[name] != "String":
        return PartitionSpec()
    transform = TruncateTransform(width=10)
    source = schema.find_field(name).field_id
    return PartitionSpec(
        PartitionField(source_id=source, field_id=1000, transform=transform, name=f"{name}_trunc")
    )
