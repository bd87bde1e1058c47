"""The check that nothing looks ahead: an as-of day computed alone must equal its rows in the training set.

A training set has many as-of days at once; when an entity is scored, only one exists. A query that mixes days
therefore trains on what will not be there: the copies of events for a later day show what had not happened
yet, and those for an earlier day will be missing.
"""

from hashlib import sha256
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from etl.shared.errors import SqlError
from etl.shared.feature_table import is_same
from etl.shared.spec import Spec
from etl.sql.results import FEATURES, LABEL

# Sums of the same numbers in another order differ in their last digits. Where the numbers cancel each other
# out, these digits are small compared with the column's other values only.
_NOISE = 1e-9


def days_to_check(days: list[str], seed: str) -> list[str]:
    """The first day, the last, and one between them that differs from run to run."""
    between = sorted(days)[1:-1]
    number = int.from_bytes(sha256(seed.encode()).digest()[:8], "big")
    return sorted({min(days), max(days), *([between[number % len(between)]] if between else [])})


def refuse_differences(batch: DataFrame, alone: DataFrame, spec: Spec) -> None:
    """Compare rows of the training set, (as_of, entity, features, label), with the same days computed one by
    one. Raises SqlError with the columns that differ.
    """
    columns: dict[str, str] = spec.feature_columns | {spec.label: "double"}
    keys = ["as_of", spec.entity]
    sides = [
        frame.select(
            *keys, F.lit(True).alias(side), *[F.col(name).alias(f"{side}.{name}") for name in columns]
        )
        for frame, side in ((batch, "batch"), (alone, "alone"))
    ]
    both = sides[0].join(sides[1], keys, how="full")
    in_batch, in_alone = F.col("batch").isNotNull(), F.col("alone").isNotNull()
    measures = {"rows": F.count(F.lit(1))}
    measures |= _count("only_batch", ~in_alone, spec) | _count("only_alone", ~in_batch, spec)
    for name, declared in columns.items():
        one, other = F.col(f"`batch.{name}`"), F.col(f"`alone.{name}`")
        differs = in_batch & in_alone & ~is_same(one, other, declared)
        measures |= _count(name, differs, spec, one, other)
        if declared == "double":
            measures[f"{name}.nulls"] = F.count_if(differs & (one.isNull() | other.isNull()))
            measures[f"{name}.gap"] = F.max(F.abs(one - other))
            measures[f"{name}.scale"] = F.avg(F.greatest(F.abs(one), F.abs(other)))
    found = both.agg(*[measure.alias(name) for name, measure in measures.items()]).collect()[0]
    label = _column_problem(found, spec.label, "double", spec)
    features = [
        *_row_problem(found, "only_batch", "not computed for that day alone", spec),
        *_row_problem(found, "only_alone", "computed for that day alone only", spec),
        *(
            problem
            for name, kind in spec.feature_columns.items()
            for problem in _column_problem(found, name, kind, spec)
        ),
    ]
    texts = [
        f"{source}: {'; '.join(problems)}"
        for source, problems in ((FEATURES, features), (LABEL, label))
        if problems
    ]
    if texts:
        raise SqlError(
            f"{'. '.join(texts)}. When an entity is scored, the views have one as-of day only; a query that "
            "mixes as-of days then gives something else. Group, partition and join by as_of. Where only the "
            "last digits differ: round the sum, not the mean, as in round(sum(x), 2) / count(x)"
        )


def _count(name: str, condition: Column, spec: Spec, *values: Column) -> dict[str, Column]:
    """How many rows fulfil a condition, and the first of them."""
    sides = [
        value.cast("string").alias(side) for value, side in zip(values, ("batch", "alone"), strict=False)
    ]
    row = F.struct(
        F.date_format("as_of", "yyyy-MM-dd").alias("as_of"), F.col(spec.entity).alias("entity"), *sides
    )
    return {f"{name}.differ": F.count_if(condition), f"{name}.example": F.min(F.when(condition, row))}


def _row_problem(found: Row, name: str, what: str, spec: Spec) -> list[str]:
    count = found[f"{name}.differ"]
    return [f"{count} of {found['rows']} rows are {what}, such as {_of(found, name, spec)}"] if count else []


def _column_problem(found: Row, name: str, kind: str, spec: Spec) -> list[str]:
    count = found[f"{name}.differ"]
    if not count or (kind == "double" and _is_noise(found, name)):
        return []
    example = found[f"{name}.example"]
    return [
        f"the column {name} differs in {count} of {found['rows']} rows when a day is computed alone, such "
        f"as {_of(found, name, spec)}: {example['batch']} in the training set, {example['alone']} alone"
    ]


def _is_noise(found: Row, name: str) -> bool:
    return not found[f"{name}.nulls"] and found[f"{name}.gap"] <= _NOISE * found[f"{name}.scale"]


def _of(found: Row, name: str, spec: Spec) -> str:
    example: Any = found[f"{name}.example"]
    return f"{spec.entity} {example['entity']} as of {example['as_of']}"
