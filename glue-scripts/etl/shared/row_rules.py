"""The row rules in pipeline.yaml, and which of them an event breaks.

Transform evaluates them, because of the copies with the same ID it keeps a valid one. Quality counts the
events that break a rule and quarantines them.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.shared.spec import Spec

# The prefix, followed by a rule's index, of the column that tells whether the rule's pattern matches. It is
# null if the field has no value.
MATCHES = "_matches_"


def pattern_rules(spec: Spec) -> dict[int, dict[str, Any]]:
    """The rules that match a pattern, by their index among the row rules."""
    return {index: rule for index, rule in enumerate(spec.row_rules) if rule["rule"] == "pattern"}


def pattern_problem(pattern: str) -> str | None:
    """Why RE2 rejects a pattern; None if it accepts it.

    RE2 has no look-around and no back-references, because they cannot be matched in bounded time.
    """
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        cause = str(error).removeprefix("Invalid regular expression: ")
        return (
            f"the pattern cannot be used: {cause}. Patterns have the syntax of RE2, which matches in bounded "
            "time and therefore has no look-around and no back-references"
        )
    return None


def row_rule_name(rule: dict[str, Any]) -> str:
    """The reason that a row gets if it breaks the rule."""
    return rule["name"] if rule["rule"] == "expression" else f"{rule['rule']}:{rule['field']}"


def row_rule_names(spec: Spec) -> list[str]:
    """The names of all row rules, without repetitions."""
    return list(dict.fromkeys(row_rule_name(rule) for rule in spec.row_rules))


def row_reason(spec: Spec) -> Column:
    """The first row rule that a row breaks; null for a valid row.

    As in SQL's constraints, a null breaks only the rule not_null; an expression must be true.
    """
    reasons = [
        F.when(~_holds(index, rule), F.lit(row_rule_name(rule))) for index, rule in enumerate(spec.row_rules)
    ]
    return F.coalesce(*reasons) if reasons else F.lit(None).cast("string")


def _holds(index: int, rule: dict[str, Any]) -> Column:
    """Whether a row satisfies a row rule; never null."""
    kind = rule["rule"]
    if kind == "expression":
        return F.coalesce(F.expr(rule["sql"]).cast("boolean"), F.lit(False))
    value = F.col(rule["field"])
    if kind == "not_null":
        return value.isNotNull()
    if kind == "enum":
        holds = value.cast("string").isin(rule["values"])
    elif kind == "pattern":
        holds = F.col(f"{MATCHES}{index}")
    else:
        holds = F.lit(True)
        if rule.get("min") is not None:
            holds = holds & (value >= rule["min"])
        if rule.get("max") is not None:
            holds = holds & (value <= rule["max"])
    return value.isNull() | holds
