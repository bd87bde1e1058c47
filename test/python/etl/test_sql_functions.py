"""Every function of Spark is allowed or refused on purpose, checked against Spark's own list and examples."""

import re
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from etl.sql import functions
from etl.sql.mistake import Mistake
from etl.sql.query import analyse_query


def registry(spark: SparkSession) -> dict[str, str]:
    """Spark's built-in functions with the examples in their documentation."""
    found = spark._jsparkSession.sessionState().functionRegistry()
    names = found.listFunction()
    examples = {}
    for index in range(names.size()):
        name = names.apply(index)
        # A function that a test has registered has a database.
        examples[name.funcName()] = found.lookupFunction(name).get().getExamples()
    return examples


def examples(spark: SparkSession) -> Iterator[tuple[str, str, list[Mistake]]]:
    for name, text in registry(spark).items():
        for example in re.findall(r"> (SELECT.*?);\s*\n", text, re.DOTALL):
            yield name, example, analyse_query(spark, "features.sql", example, {})[0]


def test_every_function_of_spark_is_either_allowed_or_refused(spark: SparkSession) -> None:
    known = registry(spark).keys()
    assert known - functions.ALLOWED - functions.REFUSED.keys() == set()
    assert not functions.ALLOWED & functions.REFUSED.keys()
    table_functions = {"range", "sql_keywords"}
    assert (functions.ALLOWED | functions.REFUSED.keys()) - known == table_functions


ORDER = "depends on the order in which Spark reads the rows"
# Allowed functions some of whose examples are refused, and why.
LIMITS = {
    **dict.fromkeys(("first", "first_value", "last", "last_value"), ORDER),
    **dict.fromkeys(("array_agg", "collect_list", "collect_set"), ORDER),
    **dict.fromkeys(("max_by", "min_by"), "takes any of the rows that tie"),
    **dict.fromkeys(functions.PATTERNS, "has no bound, since its pattern contains"),
    "unix_timestamp": "current_timestamp() has another value on every run",
    "convert_timezone": "current_timezone() depends on where the query runs",
}


def test_the_examples_of_allowed_functions_are_accepted(spark: SparkSession) -> None:
    for name, example, mistakes in examples(spark):
        if name in functions.ALLOWED and mistakes:
            expected = "map() builds on maps" if "map(" in example else LIMITS[name]
            assert [expected in str(mistake) for mistake in mistakes] == [True], (example, mistakes)


def test_the_examples_of_refused_functions_are_refused(spark: SparkSession) -> None:
    seen = set()
    for name, example, mistakes in examples(spark):
        if name in functions.REFUSED:
            seen.add(name)
            assert mistakes, example
            assert all(mistake.place is not None for mistake in mistakes)
    assert len(seen) > 60


@pytest.mark.parametrize(
    "pattern", ["", "a.c", "^[A-Z][^0-9+*]$", r"\(\+\)", "[a[b-c]&&[^b]]", r"\\", r"[\]*]"]
)
def test_a_pattern_without_repetition_and_groups_is_matched_in_linear_time(pattern: str) -> None:
    assert functions.pattern_problem(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("a+", "+"), ("(a|b)*", "("), ("a|b", "|"), ("[a]{2}", "{"), (r"\\*", "*"), ("[a]b?", "?")],
)
def test_any_other_pattern_is_refused(pattern: str, found: str) -> None:
    assert functions.pattern_problem(pattern) == f"its pattern contains {found}"


def test_a_pattern_that_is_no_literal_is_refused() -> None:
    assert functions.pattern_problem(None) == "its pattern is not a literal"
