"""What a query or a condition may consist of: a walk over Spark's plan, before and after its analysis, which
refuses everything that is not in a list.

The parsed plan has the functions' names and the text of literals, some of which the analysis evaluates. The
analysed plan has what they turn into: implicit casts, functions that are written without parentheses.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from pyspark.sql import SparkSession

from etl.sql import functions
from etl.sql.mistake import Mistake
from etl.sql.tree import SUBQUERIES, Node, nodes, sequence

# Nodes of a parsed and of an analysed plan.
_NODES = (
    "Aggregate CTERelationDef CTERelationRef Distinct Except Filter Generate Intersect Join LocalRelation "
    "OneRowRelation Pivot Project Range ResolvedHint ResolvedInlineTable Sort SubqueryAlias Union "
    "UnresolvedHaving UnresolvedHint UnresolvedInlineTable UnresolvedRelation "
    "UnresolvedSubqueryColumnAliases UnresolvedTVFAliases UnresolvedTableValuedFunction UnresolvedWith View "
    "Window WithCTE WithWindowDefinition"
)
_LIMIT = "LIMIT and OFFSET cut across as-of days; use row_number() OVER (PARTITION BY as_of …) and WHERE"
_PARTITIONING = "DISTRIBUTE BY, CLUSTER BY and repartition hints do not change the result; remove them"
_GROUPING_SETS = "GROUPING SETS, CUBE and ROLLUP mix as-of days; use one query for each grouping"
_REFUSED_NODES = {
    "ScriptTransformation": "TRANSFORM … USING runs a program; use SQL functions",
    "Sample": "TABLESAMPLE takes other rows on every run; use WHERE with xxhash64 of the entity",
    "GlobalLimit": _LIMIT,
    "LocalLimit": _LIMIT,
    "Offset": _LIMIT,
    "LateralJoin": "LATERAL with a subquery or a function is not supported; use JOIN or LATERAL VIEW",
    "RepartitionByExpression": _PARTITIONING,
    "RebalancePartitions": _PARTITIONING,
    "Repartition": _PARTITIONING,
    "Unpivot": "UNPIVOT is not supported; use LATERAL VIEW stack(…)",
    "Expand": _GROUPING_SETS,
    "PlanWithUnresolvedIdentifier": "IDENTIFIER(…) hides what is read; write the name of the view",
}
_INPUT_ORDER = {"First": "first", "Last": "last", "NthValue": "nth_value"}
_NOT_IN_A_CONDITION = {
    "AggregateExpression": "an aggregate",
    "WindowExpression": "a window function",
    **dict.fromkeys(SUBQUERIES, "a subquery"),
}
# How a text begins that is the same instant on every run: neither 'now' nor a time without a date.
_FULL_DATE = re.compile(r"\s*([+-]?\d{4,7}(-|\s*$)|epoch\b)", re.IGNORECASE)
_TYPED_LITERAL = re.compile(r"(date|timestamp(_ltz|_ntz)?)\s*r?(['\"])(.*)\3", re.IGNORECASE)


@dataclass
class Walk:
    """One walk; `mistakes` is what it has found."""

    spark: SparkSession
    source: str
    # The views that may be read.
    views: Collection[str]
    # Whether the text is a condition on one event instead of a query.
    is_condition: bool = False
    mistakes: list[Mistake] = field(default_factory=list)
    # Whether what was found so far can be analysed: it reads the views only, and calls no foreign code.
    is_harmless: bool = True

    def parsed(self, plan: Node) -> None:
        """Check a plan as it was parsed."""
        below = list(plan.plans())
        readable = {name.lower() for name in self.views}
        for node in below:
            if node.kind == "UnresolvedWith":
                readable |= {name.lower() for name, _ in node.common}
        for node in below:
            if not self._node(node) and node is plan:
                return
            if node.kind == "UnresolvedRelation":
                name = ".".join(sequence(node.java.multipartIdentifier()))
                if name.lower() not in readable:
                    self._refuse(
                        node, f"reads {name}, but may read only {' and '.join(self.views)}", harmless=False
                    )
            if node.kind == "UnresolvedTableValuedFunction":
                self._name(node, sequence(node.java.name()))
            for expression in node.expressions:
                self.parsed_expression(expression)

    def parsed_expression(self, expression: Node) -> None:
        """Check an expression as it was parsed: the functions' names, patterns and constants."""
        if expression.kind == "UnresolvedFunction":
            parts = sequence(expression.java.nameParts())
            self._name(expression, parts)
            self._arguments(expression, parts[-1].lower(), nodes(expression.java.arguments()))
        elif expression.kind == "RLike":
            self._arguments(expression, "rlike", expression.children)
        elif expression.kind == "ExpressionWithUnresolvedIdentifier":
            self._refuse(expression, "IDENTIFIER(…) hides what is called; write its name", harmless=False)
        elif self.is_condition and expression.kind in SUBQUERIES:
            self._refuse(expression, "a subquery cannot be part of a condition on one event", harmless=False)
        self._literal(expression)
        for child in expression.children:
            self.parsed_expression(child)

    def analysed(self, plan: Node) -> None:
        """Check a plan after Spark's analysis: its nodes and the classes of its expressions."""
        for node in plan.plans():
            self._node(node)
            if node.kind == "View":
                table = node.java.desc().identifier()
                if table.database().isDefined() or table.table() not in self.views:
                    self._refuse(node, f"may read only {' and '.join(self.views)}")
            for expression in node.expressions:
                self.analysed_expression(expression, node)

    def analysed_expression(self, expression: Node, above: Node) -> None:
        """Check an expression after Spark's analysis; `above` is the node that it is part of."""
        name = expression.kind
        if self.is_condition and name in _NOT_IN_A_CONDITION:
            self._refuse(
                expression, f"{_NOT_IN_A_CONDITION[name]} cannot be part of a condition on one event"
            )
            return
        classes = functions.classes(self.spark)
        if name not in classes.allowed:
            called = classes.refused.get(name)
            reason = functions.REFUSED[called] if called else "is not supported"
            self._refuse(expression, f"{called or name}() {reason}")
            return
        self._literal(expression)
        self._timestamp_cast(expression)
        if name == "AggregateExpression":
            self._aggregate(expression, above)
        for below in (*expression.children, *expression.rewritten):
            # Some of what Spark creates itself has no place in the text.
            below.above = expression
            self.analysed_expression(below, expression)

    def _node(self, node: Node) -> bool:
        if node.kind in _NODES.split():
            return True
        message = _REFUSED_NODES.get(node.kind, "expected one query that starts with SELECT or WITH")
        self._refuse(
            node, message, harmless=node.kind in _REFUSED_NODES and node.kind != "ScriptTransformation"
        )
        return False

    def _aggregate(self, expression: Node, above: Node) -> None:
        """Refuse an aggregate that depends on the order in which rows are read, where neither a window nor
        a sorting function decides it.
        """
        name = expression.children[0].kind
        if name in _INPUT_ORDER and above.kind != "WindowExpression":
            self._refuse(
                expression,
                f"{_INPUT_ORDER[name]}() depends on the order in which Spark reads the rows; use min_by or "
                "max_by, or a window with ORDER BY",
            )
        if name in functions.LISTS and above.kind not in functions.ORDER_FREE:
            self._refuse(
                expression,
                f"{functions.LISTS[name]}() depends on the order in which Spark reads the rows; write "
                f"sort_array({functions.LISTS[name]}(…))",
            )

    def _literal(self, expression: Node) -> None:
        """DATE'today' and TIMESTAMP'now' are the time at which Spark parses them."""
        if expression.kind != "Literal":
            return
        typed = _TYPED_LITERAL.fullmatch(expression.text)
        if typed and not _FULL_DATE.match(typed[4]):
            self._refuse(
                expression, f"{expression.text} has another value on every run; use as_of, or a full date"
            )

    def _timestamp_cast(self, expression: Node) -> None:
        """Spark casts 'now' to the time of the query, and a time without a date to that time of today."""
        if expression.kind != "Cast":
            return
        target, child = _type(expression), expression.children[0]
        if target not in ("date", "timestamp", "timestamp_ntz") or _type(child) != "string":
            return
        if child.kind == "Literal":
            text = _literal_text(child)
            if text is not None and not _FULL_DATE.match(text):
                self._refuse(
                    expression,
                    f"'{text}' as a {target} has another value on every run; use as_of, or a full date",
                )
        elif target != "date" or child.java.foldable():
            self._refuse(
                expression,
                f"a string as a {target} is a time of the day of the run where it has no date; use "
                "to_timestamp(…, 'yyyy-MM-dd HH:mm:ss') with its format",
            )

    def _name(self, expression: Node, parts: list[str]) -> None:
        name = parts[-1].lower()
        if len(parts) > 1:
            message = f"{'.'.join(parts)}() is not one of Spark's own functions"
            self._refuse(expression, message, harmless=False)
        elif name in functions.REFUSED:
            harmless = name not in functions.FOREIGN
            self._refuse(expression, f"{name}() {functions.REFUSED[name]}", harmless=harmless)

    def _arguments(self, expression: Node, name: str, arguments: list[Node]) -> None:
        for position in functions.CONSTANTS.get(name, ()):
            if position < len(arguments) and not _is_constant(arguments[position]):
                ordinal = ("first", "second", "third")[position]
                self._refuse(
                    expression,
                    f"{name}() stops the run at certain values of its {ordinal} argument; use literals and "
                    "as_of there",
                )
        for position in functions.PATTERNS.get(name, ()):
            if position < len(arguments):
                self._pattern(expression, name, arguments[position], position)

    def _pattern(self, expression: Node, name: str, pattern: Node, position: int) -> None:
        if self.is_condition:
            self._refuse(
                expression,
                f"the time that {name} takes has no bound; use a rule of the kind pattern, which matches in "
                "bounded time",
            )
            return
        text = _literal_text(pattern) if pattern.kind == "Literal" else None
        if position == 1:
            reason = functions.pattern_problem(text)
        else:
            reason = (
                None if text is not None and not set(text) & set("$\\") else "its replacement has $ or \\"
            )
        if reason:
            self._refuse(
                expression,
                f"the time that {name} takes has no bound, since {reason}; use a literal without repetition "
                "and groups, or split_part, substring_index, translate or LIKE",
            )

    def _refuse(self, node: Node, message: str, harmless: bool = True) -> None:
        self.is_harmless &= harmless
        place = next((one.place for one in node.path() if one.place), None)
        # What was refused by its name is not refused once more by what it turns into.
        if not any(mistake.place == place or mistake.message == message for mistake in self.mistakes):
            self.mistakes.append(Mistake(self.source, message, place))


def _type(expression: Node) -> str:
    return expression.java.dataType().typeName()


def _literal_text(literal: Node) -> str | None:
    return None if literal.java.value() is None else literal.java.toString()


def _is_constant(expression: Node) -> bool:
    """Whether an argument consists of literals and as_of."""
    if expression.kind == "UnresolvedAttribute":
        return sequence(expression.java.nameParts())[-1].lower() == "as_of"
    return all(_is_constant(child) for child in expression.children)
