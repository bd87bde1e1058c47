"""Checking and running one query of a pipeline, and the conditions of its row rules."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.sql.allowed import Walk
from etl.sql.mistake import Mistake, refuse
from etl.sql.reading import Reading
from etl.sql.tree import Node


@dataclass(frozen=True)
class View:
    """What a query may read."""

    frame: DataFrame
    # The columns that tell its rows apart.
    key: tuple[str, ...]


# The queries that have passed, and the columns and keys of their views, which decide whether they do.
_passed: set[tuple[str, str]] = set()


def run_query(spark: SparkSession, source: str, sql: str, views: Mapping[str, View]) -> DataFrame:
    """Check a query and run it; `source` stands for it in error messages. Raises SqlError."""
    text = _query_text(sql)
    known = (text, repr([(name, view.frame.dtypes, view.key) for name, view in views.items()]))
    with _registered(views):
        if known not in _passed:
            refuse(_mistakes(spark, source, text, views))
            _passed.add(known)
        return spark.sql(text)


def analyse_query(
    spark: SparkSession, source: str, sql: str, views: Mapping[str, View]
) -> tuple[list[Mistake], DataFrame | None]:
    """The mistakes in a query, and without any its result."""
    text = _query_text(sql)
    with _registered(views):
        mistakes = _mistakes(spark, source, text, views)
        return mistakes, None if mistakes else spark.sql(text)


def condition_mistakes(events: DataFrame, name: str, sql: str) -> list[Mistake]:
    """The mistakes in the expression of a row rule, which has to be a condition on one event."""
    spark = events.sparkSession
    source = f"quality.rows: expression {name}"
    walk = Walk(spark, source, (), is_condition=True)
    try:
        walk.parsed_expression(Node(_state(spark).sqlParser().parseExpression(sql)))
        if walk.mistakes:
            return walk.mistakes
        selected = events.select(F.expr(sql).alias("holds"))
        plan = _analysed(selected)
        for expression in plan.expressions:
            walk.analysed_expression(expression, plan)
        if walk.mistakes:
            return walk.mistakes
        if plan.kind != "Project" or not plan.children[0].java.equals(_analysed(events).java):
            message = "expected a condition on one event, found a window function or one that returns rows"
            return [Mistake(source, message)]
    except (AnalysisException, ParseException) as error:
        if error.getErrorClass() == "MISSING_GROUP_BY":
            return [Mistake(source, "an aggregate cannot be part of a condition on one event")]
        return [explain(source, error, events.columns)]
    ((_, type_name),) = selected.dtypes
    if type_name != "boolean":
        return [Mistake(source, f"is {type_name}, expected a condition that is true for a good row")]
    return []


def explain(source: str, error: AnalysisException | ParseException, known: Collection[str]) -> Mistake:
    """Spark's error as a mistake: the problem, its place, and the columns that exist."""
    text = str(error)
    # After the message Spark prints the query's plan, or the query itself.
    message = re.split(r"\n(?:'|\+-|==|:)|; line \d+ pos \d+|\(line \d+, pos \d+\)", text)[0]
    message = re.sub(r"^\[([A-Z_.]+)\]\s*", "", " ".join(message.split())).rstrip(" .;")
    place = re.search(r"line (\d+),? pos (\d+)", text)
    return Mistake(
        source,
        message,
        (int(place[1]), int(place[2]) + 1) if place else None,
        known=", ".join(known),
    )


def _mistakes(spark: SparkSession, source: str, text: str, views: Mapping[str, View]) -> list[Mistake]:
    walk = Walk(spark, source, views.keys())
    try:
        parsed = _state(spark).sqlParser().parsePlan(text)
        walk.parsed(Node(parsed))
        if not walk.is_harmless:
            return walk.mistakes
        # Analysed only: Spark executes a command as soon as it has a DataFrame for it.
        skip = spark._jvm.org.apache.spark.sql.execution.CommandExecutionMode.SKIP()
        execution = _state(spark).executePlan(parsed, skip)
        execution.assertAnalyzed()
    except (AnalysisException, ParseException) as error:
        known = [f"{name}({', '.join(view.frame.columns)})" for name, view in views.items()]
        return [*walk.mistakes, explain(source, error, known)]
    plan = Node(execution.analyzed())
    walk.analysed(plan)
    if walk.mistakes:
        return walk.mistakes
    reading = Reading(source, {name: view.key for name, view in views.items()})
    reading.result(plan)
    return reading.mistakes


@contextmanager
def _registered(views: Mapping[str, View]) -> Iterator[None]:
    """The views by their names, while a query is analysed."""
    for name, view in views.items():
        view.frame.createOrReplaceTempView(name)
    try:
        yield
    finally:
        for name, view in views.items():
            view.frame.sparkSession.catalog.dropTempView(name)


def _query_text(sql: str) -> str:
    """The query without what may follow it; its lines keep their numbers."""
    return sql.removeprefix("\ufeff").rstrip().rstrip(";")


def _state(spark: SparkSession) -> Any:
    return spark._jsparkSession.sessionState()


def _analysed(frame: DataFrame) -> Node:
    return Node(frame._jdf.queryExecution().analyzed())
