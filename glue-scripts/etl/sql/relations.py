"""What is known of the rows of a query's parts: which columns hold their as-of day, and which are keys.

Columns are known by Spark's number, since several can have one name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

Columns = frozenset[int]

# A join multiplies keys; the smallest are the useful ones.
_KEYS_KEPT = 16


@dataclass(frozen=True)
class Days:
    """The as-of days of rows that come from one use of a view, or from several whose days are equated."""

    # The columns that hold the as-of day in every row.
    columns: Columns
    # Pairs of column sets, one of each side of a full join: one of the two holds the day, the other may be
    # null.
    halves: tuple[tuple[Columns, Columns], ...] = ()
    # Whether it is the as-of day of the outer query's row, in a subquery.
    bound: bool = False

    def kept_by(self, columns: Columns) -> bool:
        """Whether rows that agree in these columns are of one as-of day."""
        return bool(self.columns & columns) or any(
            one & columns and other & columns for one, other in self.halves
        )

    def chosen_by(self, arguments: list[int | None]) -> bool:
        """Whether coalesce(arguments) is the as-of day; None stands for anything but a column."""
        return arguments[0] in self.columns or self.kept_by(frozenset(filter(None, arguments)))


@dataclass(frozen=True)
class Relation:
    """What is known of the rows of one node of a plan."""

    days: tuple[Days, ...] = ()
    # Sets of columns: rows that agree in all of them are equal.
    keys: frozenset[Columns] = frozenset()

    @property
    def loose(self) -> list[Days]:
        """The as-of days that have to be kept apart."""
        return [days for days in self.days if not days.bound]

    @property
    def columns(self) -> Columns:
        """The columns that hold an as-of day."""
        return frozenset().union(*(days.columns for days in self.days))

    @property
    def fixed(self) -> Columns:
        """The columns that have one value for each row of the outer query."""
        return frozenset().union(*(days.columns for days in self.days if days.bound))

    def is_key(self, columns: Columns) -> bool:
        """Whether rows that agree in these columns are equal."""
        return any(key <= columns | self.fixed for key in self.keys)

    def missing_of_key(self, columns: Columns) -> Columns:
        """The fewest columns that make a key of these."""
        return min((key - columns - self.fixed for key in self.keys), key=len, default=frozenset())

    def equated(self, one: int, other: int) -> "Relation":
        """The relation when every row has the same value in two columns."""
        touched = [days for days in self.days if {one, other} & days.columns]
        if not touched:
            return self
        merged = Days(
            frozenset((one, other)).union(*(days.columns for days in touched)),
            tuple(pair for days in touched for pair in days.halves),
            any(days.bound for days in touched),
        )
        rest = tuple(days for days in self.days if days not in touched)
        return replace(self, days=(*rest, merged))

    def bound_by(self, column: int) -> "Relation":
        """The relation when a column has the as-of day of the outer query's row."""
        days = tuple(replace(each, bound=each.bound or column in each.columns) for each in self.days)
        return replace(self, days=days)

    def renamed(self, sources: Mapping[int, int]) -> "Relation":
        """The relation with new columns, each a copy of an old one (`sources` maps new to old)."""

        def copies(columns: Columns) -> Columns:
            return frozenset(new for new, old in sources.items() if old in columns)

        newest = {old: new for new, old in sources.items()}
        return Relation(
            tuple(
                Days(
                    copies(days.columns),
                    tuple((copies(one), copies(other)) for one, other in days.halves),
                    days.bound,
                )
                for days in self.days
            ),
            frozenset(
                frozenset(newest[column] for column in key) for key in self.keys if key <= newest.keys()
            ),
        )

    def with_day(self, index: int, column: int) -> "Relation":
        """The relation when a column holds the as-of days at an index."""
        days = [
            replace(each, columns=each.columns | {column}) if at == index else each
            for at, each in enumerate(self.days)
        ]
        return replace(self, days=tuple(days))


def joined_keys(
    left: Relation, right: Relation, matched: tuple[Columns, Columns], whole: tuple[bool, bool]
) -> frozenset[Columns]:
    """The keys of a join. `matched` are the columns of each side that are equated with one of the other;
    `whole` says of each side whether its rows without a partner are in the result.
    """
    found = {one | other for one in left.keys for other in right.keys}
    # A row with at most one partner is in the result once.
    if any(key <= matched[1] for key in right.keys) and not whole[1]:
        found |= left.keys
    if any(key <= matched[0] for key in left.keys) and not whole[0]:
        found |= right.keys
    return frozenset(sorted(found, key=lambda key: (len(key), sorted(key)))[:_KEYS_KEPT])


def fully_joined(left: Relation, right: Relation) -> tuple[Days, ...]:
    """The as-of days after a full join that equates those of both sides."""
    if len(left.loose) != 1 or len(right.loose) != 1:
        return ()
    return (Days(frozenset(), ((left.loose[0].columns, right.loose[0].columns),)),)


def common_positions(sides: Iterable[tuple[list[int], Relation]]) -> list[int]:
    """The positions at which every side of a set operation has its as-of day."""
    known = [
        {position for position, column in enumerate(output) if column in found.loose[0].columns}
        if len(found.loose) == 1
        else set()
        for output, found in sides
    ]
    return sorted(set.intersection(*known)) if known else []
