"""shop-churn's SQL on a few events whose results can be calculated by hand."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from etl.sql.query import View, run_query

AS_OF = "2025-03-10 00:00:00"
COLUMNS = (
    "as_of string, event_id string, event_time string, user_id string, session_id string, event_type string, "
    "device string, item_id string, price double, amount double, payment_status string"
)


def event(user: str, time: str, kind: str, as_of: str = AS_OF, **fields: Any) -> dict[str, Any]:
    session = fields.pop("session", time[:10])
    return {
        "as_of": as_of,
        "event_id": f"{user}-{time}-{kind}",
        "event_time": time,
        "user_id": user,
        "session_id": f"{user}-{session}",
        "event_type": kind,
        "device": "web",
        **fields,
    }


def view(spark: SparkSession, events: list[dict[str, Any]]) -> DataFrame:
    columns = [column.split()[0] for column in COLUMNS.split(", ")]
    rows = [tuple(one.get(column) for column in columns) for one in events]
    return (
        spark.createDataFrame(rows, COLUMNS)
        .withColumn("as_of", F.to_timestamp("as_of"))
        .withColumn("event_time", F.to_timestamp("event_time"))
    )


@pytest.fixture
def features(spark: SparkSession, pipelines: Path) -> Any:
    """features.sql on events: the rows by (user, as-of day)."""
    sql = (pipelines / "shop-churn" / "features.sql").read_text()

    def query(*events: dict[str, Any]) -> dict[tuple[str, str], Row]:
        views = {"events": View(view(spark, list(events)), ("as_of", "event_id"))}
        result = run_query(spark, "features.sql", sql, views)
        return {(row["user_id"], row["as_of"].strftime("%m-%d")): row for row in result.collect()}

    return query


def test_cart_retention_ends_with_purchase_removal_or_the_as_of_day(features: Any) -> None:
    rows = features(
        # Bought after 6 hours.
        event("a", "2025-03-04 10:00:00", "cart_add", item_id="x", price=10.0),
        event("a", "2025-03-04 16:00:00", "payment", amount=10.0, payment_status="success"),
        # Removed after 2 hours, and so not part of the later payment.
        event("a", "2025-03-05 10:00:00", "cart_add", item_id="y", price=20.0),
        event("a", "2025-03-05 12:00:00", "cart_remove", item_id="y", price=20.0),
        # A failed payment buys nothing: still in the cart after 24 hours.
        event("a", "2025-03-09 00:00:00", "cart_add", item_id="z", price=30.0),
        event("a", "2025-03-09 01:00:00", "payment", amount=30.0, payment_status="failure"),
    )

    row = rows["a", "03-10"]
    assert row["cart_adds"] == 3
    assert row["cart_retention_hours"] == pytest.approx((6 + 2 + 24) / 3, abs=0.01)
    assert row["open_cart_items"] == 1
    assert row["cart_abandonment_rate"] == pytest.approx(2 / 3, abs=0.001)
    assert row["failed_payment_share"] == 0.5
    assert row["purchases"] == 1
    assert row["spend"] == 10.0


def test_an_item_removed_before_a_payment_is_not_bought(features: Any) -> None:
    rows = features(
        event("a", "2025-03-05 10:00:00", "cart_add", item_id="y", price=20.0),
        event("a", "2025-03-05 12:00:00", "cart_remove", item_id="y", price=20.0),
        event("a", "2025-03-06 12:00:00", "payment", amount=5.0, payment_status="success"),
    )

    assert rows["a", "03-10"]["cart_abandonment_rate"] == 1.0
    assert rows["a", "03-10"]["cart_retention_hours"] == 2.0


def test_a_user_without_carts_or_payments_has_counts_but_no_rates(features: Any) -> None:
    rows = features(
        event("b", "2025-03-08 12:00:00", "click", item_id="x", price=10.0, session="one", device="ios"),
        event("b", "2025-03-09 12:00:00", "click", item_id="y", price=30.0, session="two", device="android"),
    )

    row = rows["b", "03-10"]
    assert row["recency_hours"] == 12.0
    assert (row["active_days"], row["sessions"], row["sessions_last_3_days"], row["clicks"]) == (2, 2, 2, 2)
    assert row["mean_price_viewed"] == 20.0
    assert row["device"] == "android"
    assert (row["cart_adds"], row["open_cart_items"], row["purchases"], row["spend"]) == (0, 0, 0, 0.0)
    assert row["cart_retention_hours"] is None
    assert row["cart_abandonment_rate"] is None
    assert row["failed_payment_share"] is None


def test_as_of_days_and_users_are_separate(features: Any) -> None:
    later = "2025-03-11 00:00:00"
    added = {"item_id": "x", "price": 10.0}
    paid = {"amount": 10.0, "payment_status": "success"}
    rows = features(
        event("a", "2025-03-09 12:00:00", "cart_add", **added),
        event("a", "2025-03-09 12:00:00", "cart_add", as_of=later, **added),
        # Visible only as of the later day. Another user's payment buys none of this user's items.
        event("a", "2025-03-10 12:00:00", "payment", as_of=later, **paid),
        event("b", "2025-03-09 13:00:00", "payment", **paid),
    )

    assert set(rows) == {("a", "03-10"), ("a", "03-11"), ("b", "03-10")}
    assert rows["a", "03-10"]["cart_retention_hours"] == 12.0
    assert rows["a", "03-10"]["open_cart_items"] == 1
    assert rows["a", "03-11"]["cart_retention_hours"] == 24.0
    assert rows["a", "03-11"]["open_cart_items"] == 0


def test_the_label_is_1_without_further_events(spark: SparkSession, pipelines: Path) -> None:
    entities = spark.sql(f"SELECT TIMESTAMP'{AS_OF}' AS as_of, user_id FROM VALUES 'a', 'b' AS t(user_id)")
    outcomes = view(spark, [event("a", "2025-03-12 12:00:00", "click")])

    sql = (pipelines / "shop-churn" / "label.sql").read_text()
    views = {
        "entities": View(entities, ("as_of", "user_id")),
        "outcomes": View(outcomes, ("as_of", "event_id")),
    }
    labels = run_query(spark, "label.sql", sql, views)

    assert {row["user_id"]: row["churned"] for row in labels.collect()} == {"a": 0, "b": 1}
