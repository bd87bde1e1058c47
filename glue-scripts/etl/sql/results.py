"""features.sql and label.sql: what they read, and the columns that their results must have."""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.spec import Spec
from etl.sql.mistake import Mistake, refuse
from etl.sql.query import View, analyse_query, run_query
from etl.sql.views import cutoff_frame, entity_as_in_events, events_as_of, events_between, outcomes_after

FEATURES, LABEL = "features.sql", "label.sql"

# Spark's numeric types that a declared type accepts without loss.
_INTEGERS = {"tinyint", "smallint", "int", "bigint"}
_NUMBERS = _INTEGERS | {"float", "double"}


def features_as_of(spark: SparkSession, spec: Spec, events: DataFrame, days: list[str]) -> DataFrame:
    """Features of the given as-of days: (as_of, entity as text, the declared columns)."""
    seen = events_as_of(
        events_between(events, spec, days, spec.window_days, 0), cutoff_frame(spark, days), spec
    )
    return query_features(spark, spec, seen)


def labels_after(
    spark: SparkSession, spec: Spec, events: DataFrame, rows: DataFrame, days: list[str]
) -> DataFrame:
    """Labels of the given as-of days for the entities of feature rows: (as_of, entity as text, label)."""
    entities = rows.select("as_of", entity_as_in_events(spec))
    ahead = events_between(events, spec, days, 0, spec.horizon_days)
    return query_labels(spark, spec, entities, outcomes_after(ahead, cutoff_frame(spark, days), spec))


def query_features(spark: SparkSession, spec: Spec, events: DataFrame) -> DataFrame:
    """The result of features.sql over the view `events`: (as_of, entity as text, the declared columns)."""
    result = run_query(spark, FEATURES, spec.features_sql, _feature_views(spec, events))
    refuse(_feature_mistakes(result, spec))
    return result.select(
        "as_of",
        F.col(spec.entity).cast("string").alias(spec.entity),
        *[_feature(name, declared) for name, declared in spec.feature_columns.items()],
    )


def query_labels(spark: SparkSession, spec: Spec, entities: DataFrame, outcomes: DataFrame) -> DataFrame:
    """The result of label.sql over `entities` and `outcomes`: (as_of, entity as text, label as it came)."""
    result = run_query(spark, LABEL, spec.label_sql, _label_views(spec, entities, outcomes))
    refuse(_label_mistakes(result, spec))
    return result.select(
        "as_of",
        F.col(spec.entity).cast("string").alias(spec.entity),
        F.col(spec.label).cast("double").alias(spec.label),
    )


def sql_mistakes(
    spark: SparkSession, spec: Spec, events: DataFrame, entities: DataFrame, outcomes: DataFrame
) -> list[Mistake]:
    """The mistakes in features.sql and label.sql, over views that may be empty."""
    found: list[Mistake] = []
    for source, sql, views, check in (
        (FEATURES, spec.features_sql, _feature_views(spec, events), _feature_mistakes),
        (LABEL, spec.label_sql, _label_views(spec, entities, outcomes), _label_mistakes),
    ):
        mistakes, result = analyse_query(spark, source, sql, views)
        found += mistakes if result is None else check(result, spec)
    return found


def _feature_views(spec: Spec, events: DataFrame) -> dict[str, View]:
    return {"events": View(events, ("as_of", spec.event_id))}


def _label_views(spec: Spec, entities: DataFrame, outcomes: DataFrame) -> dict[str, View]:
    return {
        "entities": View(entities, ("as_of", spec.entity)),
        "outcomes": View(outcomes, ("as_of", spec.event_id)),
    }


def _feature_mistakes(result: DataFrame, spec: Spec) -> list[Mistake]:
    found = _column_mistakes(FEATURES, result, ["as_of", spec.entity, *spec.feature_columns])
    if found:
        return found
    types = dict(result.dtypes)
    for name, declared in spec.feature_columns.items():
        if declared == "string":
            found += _type_mistakes(
                FEATURES, name, types[name], {"string"}, "string, as features.columns says"
            )
        elif declared == "integer":
            expected = "integer, as features.columns says (cast it to bigint)"
            found += _type_mistakes(FEATURES, name, types[name], _INTEGERS, expected)
        elif not _is_number(types[name]):
            found += _type_mistakes(FEATURES, name, types[name], set(), "double, as features.columns says")
    return _key_mistakes(FEATURES, types, spec, "the view events") + found


def _label_mistakes(result: DataFrame, spec: Spec) -> list[Mistake]:
    found = _column_mistakes(LABEL, result, ["as_of", spec.entity, spec.label])
    if found:
        return found
    types = dict(result.dtypes)
    if types[spec.label] != "boolean" and not _is_number(types[spec.label]):
        expected = "a number that is 0 or 1, or a boolean"
        found = _type_mistakes(LABEL, spec.label, types[spec.label], set(), expected)
    return _key_mistakes(LABEL, types, spec, "the view entities") + found


def _key_mistakes(source: str, types: dict[str, str], spec: Spec, view: str) -> list[Mistake]:
    return [
        *_type_mistakes(source, "as_of", types["as_of"], {"timestamp"}, f"the as_of of {view}"),
        *_type_mistakes(source, spec.entity, types[spec.entity], {"string"} | _INTEGERS, "the entity itself"),
    ]


def _feature(name: str, declared: str) -> Column:
    if declared == "string":
        return F.col(name)
    if declared == "integer":
        return F.col(name).cast("bigint").alias(name)
    value = F.col(name).cast("double")
    # The online store and Parquet's statistics treat NaN and infinity differently: both become null.
    return F.when(~F.isnan(value) & (F.abs(value) < float("inf")), value).alias(name)


def _is_number(actual: str) -> bool:
    return actual in _NUMBERS or actual.startswith("decimal")


def _type_mistakes(source: str, column: str, actual: str, accepted: set[str], expected: str) -> list[Mistake]:
    return (
        [] if actual in accepted else [Mistake(source, f"column {column} is {actual}, expected {expected}")]
    )


def _column_mistakes(source: str, result: DataFrame, expected: list[str]) -> list[Mistake]:
    actual = result.columns
    missing = [column for column in expected if column not in actual]
    unknown = [column for column in actual if column not in expected]
    repeated = sorted({column for column in actual if actual.count(column) > 1})
    problems = [
        f"{what} {', '.join(columns)}"
        for what, columns in (("lacks", missing), ("has undeclared", unknown), ("repeats", repeated))
        if columns
    ]
    if not problems:
        return []
    return [Mistake(source, f"its result {' and '.join(problems)}; expected exactly {', '.join(expected)}")]
