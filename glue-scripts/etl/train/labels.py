"""The label of rows, by label.sql: for the training set, and for the scores whose outcome is known."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.errors import SqlError
from etl.shared.spec import Spec
from etl.sql.results import labels_after


def labels_of(
    spark: SparkSession, spec: Spec, rows: DataFrame, events: DataFrame, days: list[str]
) -> DataFrame:
    """(as_of, entity, label, _labels) of rows of the given as-of days; `_labels` counts the rows that
    label.sql gave for each.
    """
    return (
        labels_after(spark, spec, events, rows, days)
        .groupBy("as_of", spec.entity)
        .agg(F.count(F.lit(1)).alias("_labels"), F.first(spec.label).alias(spec.label))
    )


def labelled(
    spark: SparkSession, spec: Spec, rows: DataFrame, events: DataFrame, days: list[str]
) -> DataFrame:
    """Rows of the given as-of days with their label and its count."""
    return rows.join(labels_of(spark, spec, rows, events, days), ["as_of", spec.entity], how="left")


def check_labels(rows: DataFrame, spec: Spec) -> dict[str, tuple[int, int]]:
    """Rows and positives of each as-of day that has rows; raises where a row has not exactly one label of
    0 or 1.
    """
    label = F.col(spec.label)
    found = (
        rows.groupBy(F.date_format("as_of", "yyyy-MM-dd").alias("day"))
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.count(F.when(label == 1, True)).alias("positives"),
            F.count(F.when(F.col("_labels").isNull(), True)).alias("absent"),
            F.count(F.when(F.col("_labels") > 1, True)).alias("repeated"),
            F.count(F.when(F.col("_labels").isNotNull() & (label.isNull() | ~label.isin(0, 1)), True)).alias(
                "other"
            ),
            F.min(F.when(F.col("_labels").isNull(), F.col(spec.entity))).alias("example"),
        )
        .collect()
    )
    total = sum(row["rows"] for row in found)
    problems: list[str] = []
    if absent := sum(row["absent"] for row in found):
        example = min(row["example"] for row in found if row["example"] is not None)
        problems.append(
            f"{absent} of {total} rows of entities are absent from its result, such as {spec.entity} "
            f"{example} (start from entities, and LEFT JOIN outcomes)"
        )
    if repeated := sum(row["repeated"] for row in found):
        problems.append(f"{repeated} entities have more than one row (group by as_of and {spec.entity})")
    if other := sum(row["other"] for row in found):
        problems.append(f"{other} rows have a {spec.label} that is neither 0 nor 1")
    if problems:
        raise SqlError(f"label.sql: {'; '.join(problems)}")
    return {row["day"]: (row["rows"], row["positives"]) for row in sorted(found, key=lambda row: row["day"])}
