"""cdnow's SQL on a few purchases whose results can be calculated by hand."""

from pathlib import Path

from pyspark.sql import DataFrame, Row, SparkSession

from etl.sql.query import View, run_query

AS_OF = "1997-08-04 00:00:00"


def purchases(spark: SparkSession, *rows: tuple[str, str, int, float]) -> DataFrame:
    """(customer, day, quantity, amount) as the view that features.sql and label.sql read."""
    numbered = [(f"e{number}", *row) for number, row in enumerate(rows)]
    columns = "event_id string, customer_id string, day string, quantity bigint, amount double"
    return spark.createDataFrame(numbered, columns).selectExpr(
        "*", f"TIMESTAMP'{AS_OF}' AS as_of", "CAST(day AS timestamp) AS event_time"
    )


def features(spark: SparkSession, pipelines: Path, events: DataFrame) -> dict[str, Row]:
    sql = (pipelines / "cdnow" / "features.sql").read_text()
    rows = run_query(spark, "features.sql", sql, {"events": View(events, ("as_of", "event_id"))}).collect()
    return {row["customer_id"]: row for row in rows}


def test_features_of_a_regular_customer(spark: SparkSession, pipelines: Path) -> None:
    events = purchases(
        spark,
        # Two lines on one day are one visit.
        ("00001", "1997-08-03", 1, 10.10),
        ("00001", "1997-08-03", 2, 20.20),
        ("00001", "1997-07-24", 1, 15.00),
        ("00001", "1997-06-24", 3, 40.00),
        ("00001", "1997-03-01", 1, 5.00),
    )

    row = features(spark, pipelines, events)["00001"]

    assert row["recency_days"] == 1
    assert row["purchase_days"] == 4
    # Gaps of 10, 30 and 115 days.
    assert row["gap_stddev_days"] == 55.752
    assert (row["last_spend"], row["last_quantity"]) == (30.30, 3)
    # Not rounded: the mean lies on the edge between two cents.
    assert row["mean_spend"] == 90.30 / 4
    assert (row["purchase_days_1_28"], row["spend_1_28"]) == (2, 45.30)
    assert (row["purchase_days_29_90"], row["spend_29_90"]) == (1, 40.00)
    assert (row["purchase_days_91_180"], row["spend_91_180"]) == (1, 5.00)


def test_only_customers_of_the_past_week_have_features(spark: SparkSession, pipelines: Path) -> None:
    events = purchases(
        spark,
        ("00001", "1997-07-28", 1, 10.0),
        ("00002", "1997-07-27", 1, 10.0),
        ("00003", "1997-08-03", 1, 0.0),
    )

    rows = features(spark, pipelines, events)

    assert set(rows) == {"00001", "00003"}
    assert rows["00001"]["recency_days"] == 7
    assert rows["00001"]["gap_stddev_days"] is None
    assert rows["00003"]["spend_1_28"] == 0.0


def test_the_label_is_1_without_a_further_purchase(spark: SparkSession, pipelines: Path) -> None:
    values = "'00001', '00002'"
    entities = spark.sql(
        f"SELECT TIMESTAMP'{AS_OF}' AS as_of, id AS customer_id FROM VALUES {values} AS t(id)"
    )
    outcomes = purchases(spark, ("00001", "1997-08-20", 1, 10.0), ("00001", "1997-08-25", 1, 10.0))

    sql = (pipelines / "cdnow" / "label.sql").read_text()
    views = {
        "entities": View(entities, ("as_of", "customer_id")),
        "outcomes": View(outcomes, ("as_of", "event_id")),
    }
    labels = run_query(spark, "label.sql", sql, views).collect()

    assert {row["customer_id"]: row["churned"] for row in labels} == {"00001": 0, "00002": 1}
