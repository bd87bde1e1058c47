"""Runs a pipeline's own SQL: the views it reads, the columns it must return, errors its author can act on."""

import re
from collections.abc import Iterable

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.errors import JobError, SqlError
from etl.shared.row_rules import pattern_problems
from etl.shared.spec import Spec

# Spark's numeric types that a declared type accepts without loss.
_INTEGERS = {"tinyint", "smallint", "int", "bigint"}
_NUMBERS = _INTEGERS | {"float", "double"}
# Functions whose value depends on when or where the query runs: a rerun would compute other features.
_UNREPEATABLE = [
    "current_date",
    "curdate",
    "current_timestamp",
    "now",
    "localtimestamp",
    "current_user",
    "rand",
    "random",
    "randn",
    "uuid",
    "shuffle",
    "monotonically_increasing_id",
    "spark_partition_id",
    "input_file_name",
]
_BARE = {"current_date", "current_timestamp", "localtimestamp", "current_user"}
# Functions, and the operators RLIKE and REGEXP, that match with Java's regular expressions.
_BACKTRACKING = {
    "rlike",
    "regexp",
    "regexp_like",
    "regexp_count",
    "regexp_extract",
    "regexp_extract_all",
    "regexp_instr",
    "regexp_replace",
    "regexp_substr",
    "split",
}
_WRITES = ("InsertIntoStatement", "InsertIntoDir", "MergeIntoTable", "UpdateTable", "DeleteFromTable")


def events_as_of(events: DataFrame, cutoffs: DataFrame, spec: Spec) -> DataFrame:
    """features.sql's view `events`: one copy of an event for every cutoff whose window [as_of − window,
    as_of) it is in.
    """
    start = F.col("as_of") - F.expr(f"INTERVAL {spec.window_days} DAYS")
    return _beside(events, cutoffs.select("as_of", start.alias("_start"), F.col("as_of").alias("_end")), spec)


def outcomes_after(events: DataFrame, cutoffs: DataFrame, spec: Spec) -> DataFrame:
    """label.sql's view `outcomes`: one copy of an event for every cutoff whose horizon [as_of, as_of +
    horizon) it is in.
    """
    end = F.col("as_of") + F.expr(f"INTERVAL {spec.horizon_days} DAYS")
    return _beside(events, cutoffs.select("as_of", F.col("as_of").alias("_start"), end.alias("_end")), spec)


def query_features(spark: SparkSession, spec: Spec, events: DataFrame) -> DataFrame:
    """The result of features.sql over the view `events`: (as_of, entity as text, the declared columns)."""
    result = run_query(spark, "features.sql", spec.features_sql, {"events": events})
    _check_columns("features.sql", result, ["as_of", spec.entity, *spec.feature_columns])
    types = dict(result.dtypes)
    _check_type("features.sql", "as_of", types["as_of"], {"timestamp"}, "the as_of of the view events")
    _check_type("features.sql", spec.entity, types[spec.entity], {"string"} | _INTEGERS, "the entity itself")
    return result.select(
        "as_of",
        F.col(spec.entity).cast("string").alias(spec.entity),
        *[_feature(name, types[name], declared) for name, declared in spec.feature_columns.items()],
    )


def query_labels(spark: SparkSession, spec: Spec, entities: DataFrame, outcomes: DataFrame) -> DataFrame:
    """The result of label.sql over `entities` and `outcomes`: (as_of, entity as text, label as it came)."""
    result = run_query(spark, "label.sql", spec.label_sql, {"entities": entities, "outcomes": outcomes})
    _check_columns("label.sql", result, ["as_of", spec.entity, spec.label])
    types = dict(result.dtypes)
    _check_type("label.sql", "as_of", types["as_of"], {"timestamp"}, "the as_of of the view entities")
    _check_type("label.sql", spec.entity, types[spec.entity], {"string"} | _INTEGERS, "the entity itself")
    if types[spec.label] != "boolean" and not _is_number(types[spec.label], _NUMBERS):
        raise SqlError(
            f"label.sql: column {spec.label} is {types[spec.label]}, expected a number that is 0 or 1, or a "
            "boolean"
        )
    return result.select(
        "as_of",
        F.col(spec.entity).cast("string").alias(spec.entity),
        F.col(spec.label).cast("double").alias(spec.label),
    )


def run_query(spark: SparkSession, name: str, sql: str, views: dict[str, DataFrame]) -> DataFrame:
    """Run one SELECT that reads only the given views; `name` stands for it in error messages."""
    text = sql.strip().rstrip(";").rstrip()
    known = {view: frame.columns for view, frame in views.items()}
    for view, frame in views.items():
        frame.createOrReplaceTempView(view)
    try:
        _refuse_what_is_no_feature_query(spark, name, text, views)
        return spark.sql(text)
    except (AnalysisException, ParseException) as error:
        columns = [f"{view}({', '.join(columns)})" for view, columns in known.items()]
        raise explain(name, error, columns) from error
    finally:
        for view in views:
            spark.catalog.dropTempView(view)


def explain(name: str, error: AnalysisException | ParseException, known: Iterable[str]) -> SqlError:
    """Spark's error as one line: the problem, its place, and the columns that exist."""
    text = str(error)
    # After the message Spark prints the query's plan, or the query itself.
    message = re.split(r"\n(?:'|\+-|==|:)|; line \d+ pos \d+|\(line \d+, pos \d+\)", text)[0]
    message = re.sub(r"^\[([A-Z_.]+)\]\s*", "", " ".join(message.split())).rstrip(" .;")
    place = re.search(r"line (\d+),? pos (\d+)", text)
    where = f" (line {place[1]}, column {int(place[2]) + 1})" if place else ""
    return SqlError(f"{name}: {message}{where}. Known here: {', '.join(known)}")


def empty_events(spark: SparkSession, spec: Spec) -> DataFrame:
    """No events, with their columns and types."""
    columns = ", ".join(f"`{field}` {type_name}" for field, type_name in spec.field_types.items())
    return spark.createDataFrame([], columns)


def cutoff_frame(spark: SparkSession, days: Iterable[str]) -> DataFrame:
    """Cutoffs as a small table of one column, as_of."""
    listed = ", ".join(f"(TIMESTAMP'{day}T00:00:00Z')" for day in days)
    if not listed:
        return spark.sql("SELECT TIMESTAMP'1970-01-01T00:00:00Z' AS as_of WHERE false")
    return spark.sql(f"SELECT as_of FROM VALUES {listed} AS cutoffs(as_of)")


def entity_as_in_events(spec: Spec) -> Column:
    """The entity in its type in the events, so that label.sql can join on it; the feature table has text."""
    return F.col(spec.entity).cast(spec.field_types[spec.entity]).alias(spec.entity)


def validate_sql(spark: SparkSession, spec: Spec) -> list[str]:
    """Every mistake in a pipeline's SQL and patterns that can be found without data."""
    cutoffs = cutoff_frame(spark, [])
    events = empty_events(spark, spec)
    entities = cutoffs.select("as_of", F.lit(None).cast(spec.field_types[spec.entity]).alias(spec.entity))
    checks = [
        lambda: query_features(spark, spec, events_as_of(events, cutoffs, spec)),
        lambda: query_labels(spark, spec, entities, outcomes_after(events, cutoffs, spec)),
        *[
            lambda rule=rule: check_expression(events, rule)
            for rule in spec.row_rules
            if rule["rule"] == "expression"
        ],
    ]
    problems = pattern_problems(spec)
    for check in checks:
        try:
            check()
        except JobError as error:
            problems.append(str(error))
    return problems


def check_expression(events: DataFrame, rule: dict[str, str]) -> None:
    """Raise if a row rule's expression is not a condition on one event."""
    name = f"quality.rows: expression {rule['name']}"
    try:
        _refuse_backtracking(events.sparkSession, name, rule["sql"])
        ((_, type_name),) = events.select(F.expr(rule["sql"]).alias("holds")).dtypes
        if type_name == "boolean":
            # An aggregate can be selected, but not be a condition.
            events.where(F.expr(rule["sql"]))
    except (AnalysisException, ParseException) as error:
        raise explain(name, error, events.columns) from error
    if type_name != "boolean":
        raise SqlError(f"{name}: is {type_name}, expected a condition that is true for a good row")


def _refuse_backtracking(spark: SparkSession, name: str, sql: str) -> None:
    """Java's regular expressions backtrack, and overflow the stack over one long value."""
    waiting = [spark._jsparkSession.sessionState().sqlParser().parseExpression(sql)]
    while waiting:
        node = waiting.pop()
        kind = node.getClass().getSimpleName()
        called = node.nameParts().last().lower() if kind == "UnresolvedFunction" else kind.lower()
        if called in _BACKTRACKING:
            raise SqlError(
                f"{name}: the time that {called} takes has no bound; use a rule of the kind pattern, which "
                "matches in bounded time"
            )
        children = node.children()
        waiting += [children.apply(index) for index in range(children.size())]


def _beside(events: DataFrame, spans: DataFrame, spec: Spec) -> DataFrame:
    """Each event joined to every as_of whose span [_start, _end) contains it."""
    time = F.col(spec.event_time)
    within = (time >= F.col("_start")) & (time < F.col("_end"))
    # Spans are few and events many: broadcast, so that the events need no shuffle.
    joined = events.select(*spec.field_types).join(F.broadcast(spans), within, how="inner")
    return joined.select(*spec.field_types, "as_of")


def _feature(name: str, actual: str, declared: str) -> Column:
    if declared == "string":
        _check_type("features.sql", name, actual, {"string"}, "string, as features.columns says")
        return F.col(name)
    if declared == "integer":
        _check_type(
            "features.sql", name, actual, _INTEGERS, "integer, as features.columns says (cast it to bigint)"
        )
        return F.col(name).cast("bigint").alias(name)
    if not _is_number(actual, _NUMBERS):
        raise SqlError(f"features.sql: column {name} is {actual}, expected double, as features.columns says")
    value = F.col(name).cast("double")
    # The online store and Parquet's statistics treat NaN and infinity differently: both become null.
    return F.when(~F.isnan(value) & (F.abs(value) < float("inf")), value).alias(name)


def _is_number(actual: str, numbers: set[str]) -> bool:
    return actual in numbers or actual.startswith("decimal")


def _check_type(name: str, column: str, actual: str, accepted: set[str], expected: str) -> None:
    if actual not in accepted:
        raise SqlError(f"{name}: column {column} is {actual}, expected {expected}")


def _check_columns(name: str, result: DataFrame, expected: list[str]) -> None:
    actual = result.columns
    missing = [column for column in expected if column not in actual]
    unknown = [column for column in actual if column not in expected]
    repeated = sorted({column for column in actual if actual.count(column) > 1})
    problems = [
        f"{what} {', '.join(columns)}"
        for what, columns in (("lacks", missing), ("has undeclared", unknown), ("repeats", repeated))
        if columns
    ]
    if problems:
        raise SqlError(f"{name}: its result {' and '.join(problems)}; expected exactly {', '.join(expected)}")


def _refuse_what_is_no_feature_query(
    spark: SparkSession, name: str, text: str, views: dict[str, DataFrame]
) -> None:
    """Allow reading the views only (a table could show what happened after the as-of day), and no writing."""
    plan = spark._jsparkSession.sessionState().sqlParser().parsePlan(text).toString()
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL).lstrip(" (\r\n\t")
    if not re.match(r"(select|with|from|values)\b", bare, re.IGNORECASE):
        raise SqlError(f"{name}: expected one query that starts with SELECT or WITH")
    if any(word in plan for word in _WRITES):
        raise SqlError(f"{name}: expected a query, found a statement that writes")
    own = {alias.strip() for listed in re.findall(r"\bCTE \[([^\]]*)\]", plan) for alias in listed.split(",")}
    for relation in re.findall(r"UnresolvedRelation \[([^\]]*)\]", plan):
        if relation.lower() not in {known.lower() for known in (*views, *own)}:
            raise SqlError(
                f"{name}: reads {relation.replace(', ', '.')}, but may read only {' and '.join(views)}"
            )
    for function in _UNREPEATABLE:
        # Some can be written without parentheses; before analysis they look like columns.
        if re.search(
            rf"'{function}(\(|\b(?!\.))" if function in _BARE else rf"'{function}\(", plan, re.IGNORECASE
        ):
            raise SqlError(
                f"{name}: {function}() has another value on every run; use as_of, so that a rerun "
                "computes the same"
            )
