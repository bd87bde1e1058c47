"""What is wrong with a pipeline's SQL or patterns, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from etl.shared.errors import SqlError


@dataclass(frozen=True)
class Mistake:
    """A mistake in a file of a pipeline's folder, or in a part of it."""

    # What the text is, such as features.sql or the name of a rule.
    source: str
    message: str
    # Line and column in that text, counted from 1.
    place: tuple[int, int] | None = None
    # Where in pipeline.yaml the text is written; empty for a file.
    key: tuple[str | int, ...] = ()
    # What exists, where something unknown is named.
    known: str = ""

    @property
    def text(self) -> str:
        """The mistake without its place."""
        return f"{self.message}. Known here: {self.known}" if self.known else self.message

    def __str__(self) -> str:
        place = f" (line {self.place[0]}, column {self.place[1]})" if self.place else ""
        known = f". Known here: {self.known}" if self.known else ""
        return f"{self.source}: {self.message}{place}{known}"


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Raise one error for all mistakes, if there are any."""
    texts = [str(mistake) for mistake in mistakes]
    if texts:
        raise SqlError("; ".join(texts))
