"""The declared row rules: which of them an event breaks.

Transform asks, since an id is kept once among its *good* copies; quality counts and sets aside.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.shared.spec import Spec

# With a rule's index behind it: the column that says whether its pattern matches, null where there is no
# value.
MATCHES = "_matches_"


def pattern_rules(spec: Spec) -> dict[int, dict[str, Any]]:
    """The rules that match a pattern, by their index among the row rules."""
    return {index: rule for index, rule in enumerate(spec.row_rules) if rule["rule"] == "pattern"}


def pattern_problem(pattern: str) -> str | None:
    """Why the engine does not take a pattern: it has no look-around and no back-references, which cannot be
    matched in bounded time.
    """
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        cause = str(error).removeprefix("Invalid regular expression: ")
        return (
            f"the pattern cannot be used: {cause}. Known here: the syntax of RE2, which matches in bounded "
            "time and so has no look-around and no back-references"
        )
    return None


def row_rule_name(rule: dict[str, Any]) -> str:
    """The reason a row that breaks the rule is given."""
    return rule["name"] if rule["rule"] == "expression" else f"{rule['rule']}:{rule['field']}"


def row_rule_names(spec: Spec) -> list[str]:
    """Every row rule's name, once."""
    return list(dict.fromkeys(row_rule_name(rule) for rule in spec.row_rules))


def row_reason(spec: Spec) -> Column:
    """The first row rule that a row breaks, null for a good row.

    As in SQL's own constraints a null breaks no rule but not_null; an expression has to be true.
    """
    reasons = [
        F.when(~_holds(index, rule), F.lit(row_rule_name(rule))) for index, rule in enumerate(spec.row_rules)
    ]
    return F.coalesce(*reasons) if reasons else F.lit(None).cast("string")


def _holds(index: int, rule: dict[str, Any]) -> Column:
    """Whether a row fulfils a row rule; never null."""
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
