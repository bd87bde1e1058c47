"""The declared dataset rules, as aggregates of one pass over a batch."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.shared.row_rules import row_rule_names
from etl.shared.spec import Spec


@dataclass(frozen=True)
class Verdict:
    """Whether the batch passed a dataset rule."""

    rule: str
    severity: str
    expected: str
    actual: str
    passed: bool

    def as_json(self) -> dict[str, Any]:
        """As quality.json carries it."""
        return asdict(self)


@dataclass(frozen=True)
class DatasetRule:
    """A dataset rule: aggregates of the batch, and the judgement of their values."""

    name: str
    severity: str
    expected: str
    aggregates: dict[str, Column]
    judge: Callable[[dict[str, Any]], tuple[str, bool]]


def dataset_rules(spec: Spec, as_of: date) -> list[DatasetRule]:
    """The pipeline's dataset rules over a batch as `measure` sees it."""
    return [_BUILDERS[rule["rule"]](rule, spec, as_of) for rule in spec.dataset_rules]


def measure(batch: DataFrame, spec: Spec, rules: list[DatasetRule]) -> dict[str, Any]:
    """Every rule's aggregates, and the batch's own counts, in one pass.

    `batch` has the event's fields, `_outcome` and `_reason`; a row is good if it has no reason and is no
    duplicate.
    """
    good, outcome = _is_good(), F.col("_outcome")
    new, refused = outcome == "new", outcome == "refused"
    aggregates = {
        "judged": F.count(F.when(new | refused, True)),
        "good": F.count(F.when(good, True)),
        "publishable": F.count(F.when(new, True)),
        "quarantined": F.count(F.when(F.col("_reason").isNotNull(), True)),
        "duplicates": F.count(F.when(outcome == "duplicate", True)),
        "set_aside": F.count(F.when(refused | (outcome == "quarantined"), True)),
    }
    for name in refusals(spec):
        aggregates[f"row.{name}"] = F.count(F.when(refused & (F.col("_reason") == name), True))
    for index, rule in enumerate(rules):
        aggregates |= {f"{index}.{name}": column for name, column in rule.aggregates.items()}
    row = batch.agg(*[column.alias(name) for name, column in aggregates.items()]).collect()[0]
    return row.asDict()


def refusals(spec: Spec) -> list[str]:
    """The reasons for which the quality step itself refuses a new event: the row rules, and an ID that
    another run has published with another time.
    """
    return [*row_rule_names(spec), "conflicting_duplicate"]


def judge(measured: dict[str, Any], rules: list[DatasetRule]) -> list[Verdict]:
    """Each rule's verdict from what `measure` returned."""
    verdicts = []
    for index, rule in enumerate(rules):
        own = {name: measured[f"{index}.{name}"] for name in rule.aggregates}
        actual, passed = rule.judge(measured | own)
        verdicts.append(Verdict(rule.name, rule.severity, rule.expected, actual, passed))
    return verdicts


def _is_good() -> Column:
    return F.col("_reason").isNull() & (F.col("_outcome") != "duplicate")


def _volume(rule: dict[str, Any], spec: Spec, as_of: date) -> DatasetRule:
    low, high = rule["min_rows"], rule.get("max_rows")

    def judge_rows(values: dict[str, Any]) -> tuple[str, bool]:
        rows = values["good"]
        return f"{rows} rows", rows >= low and (high is None or rows <= high)

    expected = f"at least {low} rows" if high is None else f"{low} to {high} rows"
    return DatasetRule("volume", rule["severity"], expected, {}, judge_rows)


def _freshness(rule: dict[str, Any], spec: Spec, as_of: date) -> DatasetRule:
    limit = rule["max_age_days"]
    newest = F.max(F.when(_is_good(), F.col(spec.event_time)))
    # Spark computes the age: a collected timestamp would be converted to the machine's time zone.
    age = (F.lit(as_of.isoformat()).cast("timestamp").cast("double") - newest.cast("double")) / 86_400

    def judge_age(values: dict[str, Any]) -> tuple[str, bool]:
        if values["age"] is None:
            return "no new events (volume judges that)", True
        days = max(values["age"], 0.0)
        return f"newest event {days:.2f} days before the as-of day", days <= limit

    expected = f"newest event at most {limit:g} days before the as-of day"
    return DatasetRule("freshness", rule["severity"], expected, {"age": age}, judge_age)


def _quarantine_share(rule: dict[str, Any], spec: Spec, as_of: date) -> DatasetRule:
    limit = rule["max"]

    def judge_share(values: dict[str, Any]) -> tuple[str, bool]:
        # A batch that is delivered again has its invalid lines again: without its duplicates, they would be
        # all of it.
        total = values["good"] + values["duplicates"] + values["quarantined"]
        share = values["quarantined"] / total if total else 0.0
        return f"{share:.4f} ({values['quarantined']} of {total} lines)", share <= limit

    return DatasetRule("quarantine_share", rule["severity"], f"at most {limit:g}", {}, judge_share)


def _null_share(rule: dict[str, Any], spec: Spec, as_of: date) -> DatasetRule:
    field, limit = rule["field"], rule["max"]
    nulls = F.count(F.when(_is_good() & F.col(field).isNull(), True))

    def judge_share(values: dict[str, Any]) -> tuple[str, bool]:
        share = values["nulls"] / values["good"] if values["good"] else 0.0
        return f"{share:.4f} ({values['nulls']} of {values['good']} rows)", share <= limit

    return DatasetRule(
        f"null_share:{field}", rule["severity"], f"at most {limit:g}", {"nulls": nulls}, judge_share
    )


def _unique(rule: dict[str, Any], spec: Spec, as_of: date) -> DatasetRule:
    fields = rule["fields"]
    # As one struct, so that a null counts as a value.
    distinct = F.count_distinct(F.when(_is_good(), F.struct(*fields)))

    def judge_repeats(values: dict[str, Any]) -> tuple[str, bool]:
        repeats = values["good"] - values["distinct"]
        return f"{repeats} repeated rows of {values['good']}", repeats == 0

    return DatasetRule(
        f"unique:{'+'.join(fields)}",
        rule["severity"],
        "no repeated rows",
        {"distinct": distinct},
        judge_repeats,
    )


_BUILDERS: dict[str, Callable[[dict[str, Any], Spec, date], DatasetRule]] = {
    "volume": _volume,
    "freshness": _freshness,
    "quarantine_share": _quarantine_share,
    "null_share": _null_share,
    "unique": _unique,
}
