"""Proves two things of a query from its analysed plan, node by node, or says where they may not hold:

- A row of an as-of day depends on the views' rows of that day only. Every operator that combines rows
  (grouping, windows, joins, set operations, subqueries) has to keep the as-of days apart.
- No row depends on the order in which Spark reads the views. Where an order decides, as in row_number or
  max_by, its columns have to make up a key, so that no two rows tie.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from etl.sql.mistake import Mistake
from etl.sql.relations import Columns, Days, Relation, common_positions, fully_joined, joined_keys
from etl.sql.tree import EQUALITIES, SUBQUERIES, Node, conjuncts

# Window functions that number or pick rows, so that it matters which of two rows comes first.
_PICKING = {"RowNumber", "NTile", "Lag", "Lead", "First", "Last", "NthValue"}
# Window functions that give rows that tie the same value, whatever their frame.
_RANKING = {"Rank", "DenseRank", "PercentRank", "CumeDist"}
_CHOOSING = {"MaxBy", "MinBy"}
# Whether the rows of the left and of the right side without a partner are in the result.
_WHOLE = {
    "Inner$": (False, False),
    "Cross$": (False, False),
    "LeftOuter$": (True, False),
    "RightOuter$": (False, True),
    "FullOuter$": (True, True),
    "LeftSemi$": (True, False),
    "LeftAnti$": (True, False),
}
_JOIN = "this join combines rows of different as-of days; add a condition such as a.as_of = b.as_of"
_LONGEST_QUOTE = 60


@dataclass
class Reading:
    """One walk; `mistakes` is what could not be proved."""

    source: str
    # The columns of each view that make up its key.
    views: Mapping[str, Iterable[str]]
    mistakes: list[Mistake] = field(default_factory=list)
    _common: dict[int, tuple[list[int], Relation]] = field(default_factory=dict)
    # The columns with the as-of day of the outer query's row, inside a subquery.
    _outer: Columns = frozenset()
    _is_inside: bool = False
    # The nodes that are being read, the innermost last.
    _above: list[Node] = field(default_factory=list)

    def result(self, plan: Node) -> None:
        """Check a whole query."""
        found = self.relation(plan).loose
        if self.mistakes or not found:
            return
        as_of = {column.id for column in plan.output if column.name.lower() == "as_of"}
        if len(found) > 1:
            self._refuse(plan, _JOIN)
        elif not found[0].columns & as_of:
            self._refuse(plan, "the as_of of the result has to be the as_of of the views, unchanged")

    def relation(self, plan: Node) -> Relation:
        """What is known of a node's rows."""
        self._above.append(plan)
        below = [self.relation(child) for child in plan.children]
        read = getattr(self, f"_{plan.kind}", None)
        found = read(plan, *below) if read else Relation() if not below else below[0]
        self._above.pop()
        return found

    def _View(self, plan: Node) -> Relation:
        names = {column.name.lower(): column.id for column in plan.output}
        key = [names[name.lower()] for name in self.views[plan.java.desc().identifier().table()]]
        return Relation((Days(frozenset([names["as_of"]])),), frozenset([frozenset(key)]))

    def _WithCTE(self, _plan: Node, *below: Relation) -> Relation:
        return below[-1]

    def _CTERelationDef(self, plan: Node, below: Relation) -> Relation:
        self._common[plan.java.id()] = (_output(plan), below)
        return below

    def _CTERelationRef(self, plan: Node) -> Relation:
        columns, found = self._common[plan.java.cteId()]
        return found.renamed(dict(zip(_output(plan), columns, strict=True)))

    def _Filter(self, plan: Node, below: Relation) -> Relation:
        self._subqueries(plan.expressions, below)
        return self._equated(below, plan.expressions[0])

    def _Project(self, plan: Node, below: Relation) -> Relation:
        return self._projected(plan.parts("projectList"), below)

    def _Aggregate(self, plan: Node, below: Relation) -> Relation:
        grouping, results = plan.parts("groupingExpressions"), plan.parts("aggregateExpressions")
        self._subqueries(grouping, below)
        grouped = _columns(grouping)
        for days in below.loose:
            kept = days.kept_by(grouped) or any(_holds(days, expression) for expression in grouping)
            # In a subquery it is the condition that is missing; the day stays loose, and that is refused.
            if not kept and (grouping or not self._is_inside):
                what, remedy = (
                    ("GROUP BY", "add as_of to it") if grouping else ("aggregate", "add GROUP BY as_of")
                )
                self._refuse(plan, f"this {what} mixes the rows of different as-of days; {remedy}")
        for result in results:
            for node in result.subexpressions():
                if node.kind in _CHOOSING:
                    self._chooses(node, grouped, below, plan.children[0])
        # One row for each combination of the grouping expressions, where the result has all of them.
        names = [
            next((one.id for one in results if _is_same(_value(one), expression)), None)
            for expression in grouping
        ]
        keys = frozenset() if None in names else frozenset([frozenset(names)])
        return replace(self._projected(results, below), keys=keys)

    def _Window(self, plan: Node, below: Relation) -> Relation:
        partition = plan.parts("partitionSpec")
        for alias in plan.parts("windowExpressions"):
            window = next(one for one in alias.subexpressions() if one.kind == "WindowExpression")
            if not all(any(_holds(days, one) for one in partition) for days in below.loose):
                self._refuse(
                    window,
                    f"{_quote(window)} mixes the rows of different as-of days; add as_of to its PARTITION BY",
                )
            function = _function(window)
            if function.kind in _CHOOSING:
                self._chooses(function, _columns(partition), below, plan.children[0])
            elif _depends_on_order(function, window.children[1].children[-1]):
                decisive = _columns(partition).union(*map(_decisive, plan.parts("orderSpec")))
                self._check_ties(window, decisive, below, plan.children[0], "add {} to its ORDER BY")
        return below

    def _Join(self, plan: Node, left: Relation, right: Relation) -> Relation:
        conditions = [part for condition in plan.expressions for part in conjuncts(condition)]
        both = Relation(left.days + right.days)
        self._subqueries(conditions, both)
        for condition in conditions:
            both = self._equated(both, condition)
        sort = plan.java.joinType().getClass().getSimpleName()
        whole = _WHOLE[sort]
        sides = [frozenset(_output(side)) for side in plan.children]
        matched = _matched(conditions, sides)
        keys = joined_keys(left, right, matched, whole)
        if not any(whole):
            return replace(both, keys=keys)
        # Whether a row has a partner shows in the result, so partners have to be of the row's own as-of day.
        partners = [(days, left) for days in right.loose if whole[0]]
        partners += [(days, right) for days in left.loose if whole[1]]
        if not all(_is_matched(days, other, both) for days, other in partners):
            self._refuse(plan, _JOIN)
        if sort in ("LeftSemi$", "LeftAnti$"):
            return left
        if all(whole):
            return Relation(fully_joined(left, right), keys)
        return Relation((left if whole[0] else right).days, keys)

    def _Generate(self, plan: Node, below: Relation) -> Relation:
        self._subqueries(plan.expressions, below)
        made = frozenset(column.id for column in plan.parts("generatorOutput"))
        return replace(below, keys=frozenset(key | made for key in below.keys))

    def _Distinct(self, plan: Node, below: Relation) -> Relation:
        columns = frozenset(_output(plan))
        if not all(days.kept_by(columns) for days in below.loose):
            self._refuse(plan, "this DISTINCT mixes the rows of different as-of days; select as_of, too")
        return replace(below, keys=below.keys | {columns})

    def _Union(self, plan: Node, *below: Relation) -> Relation:
        sides = zip(map(_output, plan.children), below, strict=True)
        dated = [(output, found) for output, found in sides if found.loose]
        if not dated:
            return Relation(tuple(days for found in below for days in found.days))
        positions = common_positions(dated)
        if not positions:
            self._refuse(plan, "each query of a UNION, INTERSECT or EXCEPT needs as_of at the same position")
        output = _output(plan)
        return Relation((Days(frozenset(output[position] for position in positions)),))

    _Intersect = _Except = _Union

    def _projected(self, expressions: list[Node], below: Relation) -> Relation:
        self._subqueries(expressions, below)
        sources = {one.id: _value(one).id for one in expressions if _value(one).kind == "AttributeReference"}
        found = below.renamed(sources)
        for index, days in enumerate(below.days):
            for one in expressions:
                if _holds(days, _value(one)):
                    found = found.with_day(index, one.id)
        return found

    def _equated(self, found: Relation, condition: Node) -> Relation:
        """The relation after a condition that every row fulfils."""
        for part in conjuncts(condition):
            if part.kind not in EQUALITIES:
                continue
            references = [one for one in part.children if one.kind == "OuterReference"]
            columns = [one.id for one in part.children if one.kind == "AttributeReference"]
            if len(columns) == 2:
                found = found.equated(*columns)
            elif columns and references and Node(references[0].java.e()).id in self._outer:
                found = found.bound_by(columns[0])
        return found

    def _subqueries(self, expressions: Iterable[Node], outer: Relation) -> None:
        """Check that each subquery sees the rows of the outer row's as-of day only."""
        for node in [node for expression in expressions for node in expression.subexpressions()]:
            if node.kind == "InSubquery":
                self._subquery(node.children[-1], outer, node.children[:-1])
            elif node.kind in SUBQUERIES and node.kind != "ListQuery":
                self._subquery(node, outer, [])

    def _subquery(self, node: Node, outer: Relation, values: list[Node]) -> None:
        before = self._outer, self._is_inside
        self._outer, self._is_inside = outer.columns, True
        found = self.relation(node.subquery)
        for column, value in zip(_output(node.subquery), values, strict=False):
            if value.kind == "AttributeReference" and value.id in self._outer:
                found = found.bound_by(column)
        self._outer, self._is_inside = before
        if found.loose:
            self._refuse(
                node if node.place else node.subquery,
                "this subquery sees the rows of every as-of day; add a condition that equates its as_of with "
                "that of the outer query",
            )

    def _chooses(self, function: Node, grouped: Columns, below: Relation, child: Node) -> None:
        """max_by and min_by: of rows that tie they take any, unless the order decides the value, too."""
        value, ordering = function.children
        decisive = grouped | _decisive(ordering)
        wanted = {one.id for one in value.subexpressions() if one.kind == "AttributeReference"}
        if not wanted <= decisive:
            self._check_ties(function, decisive, below, child, "order by struct(…, {})")

    def _check_ties(self, node: Node, decisive: Columns, below: Relation, child: Node, remedy: str) -> None:
        if below.is_key(decisive) or frozenset(_output(child)) <= decisive:
            return
        missing = below.missing_of_key(decisive)
        names = [column.name for column in child.output if column.id in missing]
        if not names:
            own = sorted({name for key in self.views.values() for name in key} - {"as_of"})
            such = f" (such as {', '.join(own)})" if own else ""
            names = [f"columns in which no two rows agree{such}"]
        columns = ", ".join(names)
        self._refuse(node, f"{_quote(node)} takes any of the rows that tie; {remedy.format(columns)}")

    def _refuse(self, node: Node, message: str) -> None:
        mistake = Mistake(
            self.source,
            message,
            node.place or next((one.place for one in reversed(self._above) if one.place), None),
        )
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)


def _output(plan: Node) -> list[int]:
    return [column.id for column in plan.output]


def _value(expression: Node) -> Node:
    """What a result column is computed from."""
    return expression.children[0] if expression.kind == "Alias" else expression


def _is_same(one: Node, other: Node) -> bool:
    """Whether two expressions have the same value in every row."""
    return one.kind == other.kind and one.java.semanticEquals(other.java)


def _columns(expressions: Iterable[Node]) -> Columns:
    return frozenset(one.id for one in expressions if one.kind == "AttributeReference")


def _holds(days: Days, expression: Node) -> bool:
    """Whether an expression is the as-of day: a column, or coalesce() of both sides of a full join."""
    if expression.kind == "AttributeReference":
        return expression.id in days.columns
    if expression.kind == "Nvl":
        return _holds(days, expression.children[0])
    if expression.kind != "Coalesce":
        return False
    return days.chosen_by(
        [one.id if one.kind == "AttributeReference" else None for one in expression.children]
    )


def _decisive(order: Node) -> Columns:
    """The columns whose values decide an order: of equal order they are equal."""
    if order.kind == "SortOrder":
        return _decisive(order.children[0])
    if order.kind == "CreateNamedStruct":
        return frozenset().union(*map(_decisive, order.children[1::2]))
    return _columns([order])


def _function(window: Node) -> Node:
    function = window.children[0]
    return function.children[0] if function.kind == "AggregateExpression" else function


def _depends_on_order(function: Node, frame: Node) -> bool:
    """Whether a window function tells rows that tie apart. A RANGE frame takes them all or none."""
    if function.kind in _PICKING:
        return True
    if function.kind in _RANKING or frame.java.frameType().toString().startswith("RangeFrame"):
        return False
    return [bound.kind for bound in frame.children] != ["UnboundedPreceding$", "UnboundedFollowing$"]


def _matched(conditions: list[Node], sides: list[Columns]) -> tuple[Columns, Columns]:
    """The columns of each side of a join that are equated with a column of the other."""
    pairs = [_columns(one.children) for one in conditions if one.kind in EQUALITIES]
    across = [pair for pair in pairs if all(pair & side for side in sides)]
    left, right = (frozenset().union(*(pair & side for pair in across)) for side in sides)
    return left, right


def _is_matched(days: Days, other: Relation, joined: Relation) -> bool:
    """Whether a join's condition equates as-of days with those of its other side, or of the outer row."""
    merged = next((each for each in joined.days if days.columns and days.columns <= each.columns), None)
    return merged is not None and (merged.bound or bool(merged.columns & other.columns))


def _quote(node: Node) -> str:
    text = node.text
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"
