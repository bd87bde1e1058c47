"""The feature store: which record is the latest, what a record may be, and the offline table."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
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
    sagemaker.wait("feature-group", "shop", 20)
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


writes = st.lists(
    st.tuples(st.sampled_from(["put", "soft", "hard"]), st.integers(1, 28), st.sampled_from("ab")),
    max_size=30,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes.filter(lambda steps: all(kind == "put" for kind, _, _ in steps)) | writes)
def test_the_online_record_is_the_latest_by_event_time(steps: list[tuple[str, int, str]]) -> None:
    """Against a model that remembers, per key, the newest thing that happened to it."""
    store = OnlineStore(GROUP)
    newest: dict[str, tuple[int, str | None]] = {}
    for number, (kind, day, key) in enumerate(steps):
        seen, _ = newest.get(key, (0, None))
        if kind == "put":
            store.put(record(day, key, orders=str(number)))
        else:
            store.delete(
                key, f"1997-08-{day:02d}T00:00:00Z", "SoftDelete" if kind == "soft" else "HardDelete"
            )
        if day >= seen:
            if kind == "hard":
                newest.pop(key, None)
            else:
                newest[key] = (day, str(number) if kind == "put" else None)
    for key in "ab":
        found = store.get(key)
        values = {one["FeatureName"]: one["ValueAsString"] for one in found[0]} if found else {}
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
        (record(1, "7", event_time="1997-02-30T00:00:00Z"), "is not a time"),
        ([*record(1), *record(1)[:1]], "is given twice"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(
    sagemaker: LocalSageMaker, values: list[dict[str, str]], message: str
) -> None:
    make(sagemaker)
    with pytest.raises(ServiceError) as caught:
        put(sagemaker, values)
    assert caught.value.code == "ValidationError"
    assert message in caught.value.message
    assert get(sagemaker) is None


def test_features_can_be_picked_and_batches_keep_their_errors_apart(sagemaker: LocalSageMaker) -> None:
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


def test_a_record_expires_when_it_is_to(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    put(sagemaker, record(1), TtlDuration={"Unit": "Days", "Value": 1})
    assert get(sagemaker) is None
    put(sagemaker, record(2), TtlDuration={"Unit": "Weeks", "Value": 52 * 100})
    assert get(sagemaker) is not None


def test_the_offline_table_is_made_as_sagemaker_makes_it(
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


def test_an_offline_table_that_cannot_be_made_fails_the_group(sagemaker: LocalSageMaker) -> None:
    group = make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=BLIND_ROLE)
    assert group["FeatureGroupStatus"] == "CreateFailed"
    assert "glue:CreateTable" in group["FailureReason"]


def test_offline_writes_through_put_record_are_refused_not_lost(sagemaker: LocalSageMaker) -> None:
    make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=ROLE)
    with pytest.raises(ServiceError, match=r"written by Spark only. Send TargetStores=\[OnlineStore\]"):
        put(sagemaker, record(1))
    put(sagemaker, record(1), TargetStores=["OnlineStore"])
    assert get(sagemaker) is not None


def test_a_group_of_an_online_store_alone_takes_no_offline_target(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    with pytest.raises(ServiceError, match="has no OfflineStore"):
        put(sagemaker, record(1), TargetStores=["OfflineStore"])


def updated(sagemaker: LocalSageMaker, feature: str) -> str:
    """Adds a feature; the status of the update once it is over."""
    added = [{"FeatureName": feature, "FeatureType": "Integral"}]
    sagemaker.call("UpdateFeatureGroup", {"FeatureGroupName": "shop", "FeatureAdditions": added})
    groups = sagemaker.context.store.feature_groups
    sagemaker.context.store.wait_until(
        lambda: (groups.peek("shop") or {})["LastUpdateStatus"]["Status"] != "InProgress", 20
    )
    described = sagemaker.call("DescribeFeatureGroup", {"FeatureGroupName": "shop"})
    return str(described["LastUpdateStatus"]["Status"])


def test_features_are_added_to_both_stores(sagemaker: LocalSageMaker, platform: FakePlatform) -> None:
    make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=ROLE)
    assert updated(sagemaker, "visits") == "Successful"
    assert platform.tables["daybreak_dev_shop", "features"]["added"] == [("visits", "long")]
    put(sagemaker, record(1, visits="3"), TargetStores=["OnlineStore"])
    assert (get(sagemaker) or {})["visits"] == "3"
    with pytest.raises(ServiceError, match="has these features already: visits"):
        updated(sagemaker, "visits")


def test_a_feature_is_there_for_both_stores_or_for_none(
    sagemaker: LocalSageMaker, platform: FakePlatform
) -> None:
    make(sagemaker, OfflineStoreConfig=OFFLINE, RoleArn=ROLE)
    platform.tables.clear()
    assert updated(sagemaker, "visits") == "Failed"
    with pytest.raises(ServiceError, match="visits does not exist"):
        put(sagemaker, record(1, visits="3"), TargetStores=["OnlineStore"])


def test_a_deleted_group_is_gone_with_its_records(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    put(sagemaker, record(1))
    sagemaker.call("DeleteFeatureGroup", {"FeatureGroupName": "shop"})
    with pytest.raises(ServiceError) as caught:
        get(sagemaker)
    assert caught.value.code == "ResourceNotFound"
    assert sagemaker.call("ListFeatureGroups", {}) == {"FeatureGroupSummaries": []}


def test_a_second_group_of_a_name_is_refused(sagemaker: LocalSageMaker) -> None:
    make(sagemaker)
    with pytest.raises(ServiceError) as caught:
        make(sagemaker)
    assert caught.value.code == "ResourceInUse"
