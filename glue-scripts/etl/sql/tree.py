"""Spark's own query plans, which are Java objects, as Python reads them: every property is asked for once,
since each question is a call to the JVM.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

Place = tuple[int, int]

SUBQUERIES = {"ScalarSubquery", "Exists", "ListQuery", "LateralSubquery"}
EQUALITIES = {"EqualTo", "EqualNullSafe"}

_REWRITTEN = "org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable"
# Whether the expressions of a class are rewritten, by the class's name.
_rewritten: dict[str, bool] = {}


class Node:
    """A plan's node or an expression; `java` is Spark's object."""

    def __init__(self, java: Any) -> None:
        self.java = java
        # The node that it is part of, where that is known.
        self.above: Node | None = None

    @cached_property
    def kind(self) -> str:
        """The name of its class."""
        return self.java.getClass().getSimpleName()

    @cached_property
    def children(self) -> list["Node"]:
        """The nodes directly below. What a view consists of is no part of the query."""
        return [] if self.kind == "View" else nodes(self.java.children())

    @cached_property
    def expressions(self) -> list["Node"]:
        """The expressions of a plan's node."""
        if self.kind == "WithWindowDefinition":
            return nodes(self.java.windowDefinitions().values().toSeq())
        return [] if self.kind == "View" else nodes(self.java.expressions())

    @cached_property
    def output(self) -> list["Node"]:
        """The columns of a plan's node."""
        return nodes(self.java.output())

    @cached_property
    def id(self) -> int:
        """The number by which Spark tells columns of the same name apart."""
        return self.java.exprId().id()

    @cached_property
    def name(self) -> str:
        """The name of a column."""
        return self.java.name()

    def parts(self, name: str) -> list["Node"]:
        """The nodes in a member of Spark's class, such as a projectList."""
        return nodes(getattr(self.java, name)())

    @cached_property
    def subquery(self) -> "Node | None":
        """The plan of a subquery."""
        return Node(self.java.plan()) if self.kind in SUBQUERIES else None

    @cached_property
    def rewritten(self) -> list["Node"]:
        """What Spark evaluates in place of a function that it rewrites."""
        if self.kind not in _rewritten:
            loader = self.java.getClass().getClassLoader()
            _rewritten[self.kind] = loader.loadClass(_REWRITTEN).isInstance(self.java)
        return [Node(self.java.replacement())] if _rewritten[self.kind] else []

    @cached_property
    def place(self) -> Place | None:
        """Its line and column in the text that it was parsed from, counted from 1."""
        origin = self.java.origin()
        if not origin.line().isDefined() or not origin.startPosition().isDefined():
            return None
        return origin.line().get(), origin.startPosition().get() + 1

    @cached_property
    def text(self) -> str:
        """The text that it was parsed from, on one line; empty where Spark does not know it."""
        origin = self.java.origin()
        if not all(
            known.isDefined() for known in (origin.sqlText(), origin.startIndex(), origin.stopIndex())
        ):
            return ""
        found = origin.sqlText().get()[origin.startIndex().get() : origin.stopIndex().get() + 1]
        return " ".join(found.split())

    def path(self) -> Iterator["Node"]:
        """The node and those that it is part of, the nearest first."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.above

    def subexpressions(self) -> Iterator["Node"]:
        """An expression and all below it, without the plans of its subqueries."""
        yield self
        for child in self.children:
            yield from child.subexpressions()

    def plans(self) -> Iterator["Node"]:
        """A plan's node and all plans below it: its inputs, those of WITH, and subqueries."""
        yield self
        below = list(self.children)
        if self.kind == "UnresolvedWith":
            below += [plan for _, plan in self.common]
        for expression in self.expressions:
            below += [one.subquery for one in expression.subexpressions() if one.subquery]
        for node in below:
            yield from node.plans()

    @cached_property
    def common(self) -> list[tuple[str, "Node"]]:
        """The named queries of a parsed WITH."""
        return [(pair._1(), Node(pair._2())) for pair in sequence(self.java.cteRelations())]


def sequence(scala: Any) -> list[Any]:
    """A Scala sequence as a list."""
    return [scala.apply(index) for index in range(scala.size())]


def nodes(scala: Any) -> list[Node]:
    """A Scala sequence of nodes as a list."""
    return [Node(java) for java in sequence(scala)]


def conjuncts(condition: Node) -> list[Node]:
    """The parts of a condition that all have to be true."""
    if condition.kind == "And":
        return [part for side in condition.children for part in conjuncts(side)]
    return [condition]
