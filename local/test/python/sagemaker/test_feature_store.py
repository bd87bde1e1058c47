"""The Feature Store: which record is latest, record validation, and the offline table."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sagemaker_fakes import BLIND_ROLE, ROLE, FakePlatform

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.errors import ServiceError
from daybreak_local.sagemaker.featurestore.online import OnlineStore
from daybreak_local.sagemaker.service import LocalSageMaker

GROUP: dict[str, Any] = {
    "FeatureGroupName": "shop",
    "RecordIdentifierFeatureName": "customer_id",
    "EventTimeFeatureName": "event_time",
    "FeatureDefinitions": [
        {"FeatureName": "customer_id", "FeatureType": "String"},
        {"FeatureName": "event_time", "FeatureType": "String"},
        {"FeatureName": "spend", "FeatureType": "Fractional"},
        {"FeatureName": "orders", "FeatureType": "Integral"},
    ],
    "OnlineStoreConfig": {"EnableOnlineStore": True},
}
OFFLINE = {
    "S3StorageConfig": {"S3Uri": "s3://lake/features/shop/"},
    "DataCatalogConfig": {
        "Catalog": "AwsDataCatalog",
        "Database": "daybreak_dev_shop",
        "TableName": "features",
    },
    "TableFormat": "Iceberg",
}


def make(sagemaker: LocalSageMaker, **changes: Any) -> dict[str, Any]:
    sagemaker.call("CreateFeatureGroup", {**GROUP, **changes})
    sagemaker.wait("FeatureGroup", "shop")
    return sagemaker.call("DescribeFeatureGroup", {"FeatureGroupName": "shop"})


def record(day: int, key: str = "7", **features: str) -> list[dict[str, str]]:
    values = {"customer_id": key, "event_time": f"1997-08-{day:02d}T00:00:00Z", **features}
    return [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]


def put(sagemaker: LocalSageMaker, values: list[dict[str, str]], **more: Any) -> None:
    request = {"FeatureGroupName": "shop", "Record": values, **more}
    sagemaker.call("PutRecord", request, model.FEATURE_STORE)


def get(sagemaker: LocalSageMaker, key: str = "7", **more: Any) -> dict[str, str] | None:
    request = {"FeatureGroupName": "shop", "RecordIdentifierValueAsString": key, **more}
    answer = sagemaker.call("GetRecord", request, model.FEATURE_STORE)
    if "Record" not in answer:
        return None
    return {one["FeatureName"]: one["ValueAsString"] for one in answer["Record"]}


def test_an_older_record_never_replaces_a_newer_one(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    put(sagemaker, record(9, spend="2.5"))
    put(sagemaker, record(2, spend="1.0"))
    assert get(sagemaker) == {"customer_id": "7", "event_time": "1997-08-09T00:00:00Z", "spend": "2.5"}
    put(sagemaker, record(9, spend="3.0"))
    assert (get(sagemaker) or {})["spend"] == "3.0"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 28), st.sampled_from("ab")), max_size=30))
def test_the_online_record_is_the_latest_by_event_time(writes: list[tuple[int, str]]) -> None:
    """Compares the store with a reference model that keeps the newest record per key."""
    store = OnlineStore(GROUP)
    newest: dict[str, tuple[int, str]] = {}
    for number, (day, key) in enumerate(writes):
        store.put(record(day, key, orders=str(number)))
        if day >= newest.get(key, (0, ""))[0]:
            newest[key] = (day, str(number))
    for key in "ab":
        values = {one["FeatureName"]: one["ValueAsString"] for one in store.get(key) or []}
        assert values.get("orders") == newest.get(key, (0, None))[1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (record(1, spent="1"), "The feature name spent does not exist"),
        (record(1, spend="much"), "'much' of the feature spend: it is defined as Fractional"),
        (record(1, orders="1.5"), "'1.5' of the feature orders: it is defined as Integral"),
        (record(1)[1:], "must have a value for customer_id"),
        (record(1)[:1], "must have a value for event_time"),
        (record(1, "7", event_time="1997-08-01"), "not of the form yyyy-MM-dd'T'HH:mm:ssZ"),
        (record(1, "7", event_time="1997-02-30T00:00:00Z"), "day is out of range"),
        ([*record(1), *record(1)[:1]], "is given twice"),
    ],
)
def test_an_invalid_record_is_rejected(
    sagemaker: LocalSageMaker, values: list[dict[str, str]], message: str
) -> None:
    make(sagemaker)
    with pytest.raises(ServiceError) as caught:
        put(sagemaker, values)
    assert caught.value.code == "ValidationError"
    assert message in caught.value.message
    assert get(sagemaker) is None


def test_features_can_be_selected_and_batches_report_errors_per_record(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    put(sagemaker, record(1, spend="1.0", orders="2"))
    assert get(sagemaker, FeatureNames=["orders"]) == {"orders": "2"}
    with pytest.raises(ServiceError, match="spent does not exist"):
        get(sagemaker, FeatureNames=["spent"])
    request = {
        "Identifiers": [
            {
                "FeatureGroupName": "shop",
                "RecordIdentifiersValueAsString": ["7", "8"],
                "FeatureNames": ["spend"],
            },
            {"FeatureGroupName": "unheard-of", "RecordIdentifiersValueAsString": ["7"]},
        ]
    }
    answer = sagemaker.call("BatchGetRecord", request, model.FEATURE_STORE)
    assert [one["Record"] for one in answer["Records"]] == [
        [{"FeatureName": "spend", "ValueAsString": "1.0"}]
    ]
    assert [one["ErrorCode"] for one in answer["Errors"]] == ["ResourceNotFound"]


def test_the_offline_table_is_created_as_by_sagemaker(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    group = make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=ROLE)
    assert group["FeatureGroupStatus"] == "Created", group.get("FailureReason")
    assert group["OfflineStoreStatus"] == {"Status": "Active"}
    table = platform.tables["daybreak_dev_shop", "features"]
    columns = [(field.name, str(field.field_type)) for field in table["schema"].fields]
    assert columns == [
        ("customer_id", "string"),
        ("event_time", "string"),
        ("spend", "double"),
        ("orders", "long"),
        ("write_time", "timestamptz"),
        ("api_invocation_time", "timestamptz"),
        ("is_deleted", "boolean"),
    ]
    (partition,) = table["partition_spec"].fields
    assert (partition.name, str(partition.transform)) == ("event_time_trunc", "truncate[10]")
    assert table["location"].startswith(
        "s3://lake/features/shop/000000000000/sagemaker/us-east-1/offline-store/shop-"
    )
    assert (
        group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"] == f"{table['location']}/data"
    )


def test_a_group_fails_if_its_offline_table_cannot_be_created(sagemaker: LocalSageMaker) -> None:
    group = make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=BLIND_ROLE)
    assert group["FeatureGroupStatus"] == "CreateFailed"
    assert "glue:CreateTable" in group["FailureReason"]


def test_offline_writes_through_put_record_are_rejected_not_lost(sagemaker: LocalSageMaker) -> None:
    make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=ROLE)
    with pytest.raises(ServiceError, match=r"written by Spark only. Send TargetStores=\[OnlineStore\]"):
        put(sagemaker, record(1))
    put(sagemaker, record(1), TargetStores=["OnlineStore"])
    assert get(sagemaker) is not None


def test_a_group_with_only_an_online_store_rejects_the_offline_target(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    with pytest.raises(ServiceError, match="has no OfflineStore"):
        put(sagemaker, record(1), TargetStores=["OfflineStore"])


def test_deleting_a_group_deletes_its_records(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    put(sagemaker, record(1))
    sagemaker.call("DeleteFeatureGroup", {"FeatureGroupName": "shop"})
    with pytest.raises(ServiceError) as caught:
        get(sagemaker)
    assert caught.value.code == "ResourceNotFound"


def test_a_second_group_with_the_same_name_is_rejected(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    with pytest.raises(ServiceError) as caught:
        make(sagemaker)
    assert caught.value.code == "ResourceInUse"


def add(sagemaker: LocalSageMaker, *features: tuple[str, str]) -> dict[str, Any]:
    additions = [{"FeatureName": name, "FeatureType": kind} for name, kind in features]
    sagemaker.call("UpdateFeatureGroup", {"FeatureGroupName": "shop", "FeatureAdditions": additions})
    until = time.monotonic() + 10
    while True:
        group = sagemaker.call("DescribeFeatureGroup", {"FeatureGroupName": "shop"})
        if group["LastUpdateStatus"]["Status"] != "InProgress":
            return group
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_feature_is_added_and_stored_records_keep_their_values(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=ROLE)
    put(sagemaker, record(9, spend="2.5"), TargetStores=["OnlineStore"])
    group = add(sagemaker, ("visits", "Integral"))
    assert group["LastUpdateStatus"] == {"Status": "Successful"}
    assert group["FeatureDefinitions"][-1] == {"FeatureName": "visits", "FeatureType": "Integral"}
    assert platform.tables["daybreak_dev_shop", "features"]["added"] == [("visits", "long")]
    assert (get(sagemaker) or {})["spend"] == "2.5"
    put(sagemaker, record(10, spend="3.0", visits="4"), TargetStores=["OnlineStore"])
    assert (get(sagemaker) or {})["visits"] == "4"


def test_an_existing_feature_cannot_be_changed(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    with pytest.raises(ServiceError, match="names a feature twice"):
        add(sagemaker, ("spend", "String"))
    with pytest.raises(ServiceError, match="reserved"):
        add(sagemaker, ("write_time", "String"))
    with pytest.raises(ServiceError, match="length less than or equal to 100"):
        add(sagemaker, *[(f"f{number}", "String") for number in range(101)])
    for batch in range(24):
        add(sagemaker, *[(f"f{batch}_{number}", "String") for number in range(100)])
    with pytest.raises(ServiceError, match="at most 2500") as caught:
        add(sagemaker, *[(f"g{number}", "String") for number in range(97)])
    assert caught.value.code == "ResourceLimitExceeded"


def test_a_failed_addition_leaves_the_group_as_it_was(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=ROLE)
    platform.tables.clear()
    group = add(sagemaker, ("visits", "Integral"))
    assert group["LastUpdateStatus"]["Status"] == "Failed"
    assert group["FeatureDefinitions"] == GROUP["FeatureDefinitions"]
    with pytest.raises(ServiceError, match="visits does not exist"):
        put(sagemaker, record(10, visits="4"), TargetStores=["OnlineStore"])
