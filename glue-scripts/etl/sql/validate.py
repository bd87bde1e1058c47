"""Every mistake in a pipeline's SQL, conditions and patterns that can be found without data."""

from dataclasses import replace

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.shared.row_rules import pattern_problem, row_rule_name
from etl.shared.spec import Spec
from etl.sql.mistake import Mistake
from etl.sql.query import condition_mistakes
from etl.sql.results import sql_mistakes
from etl.sql.views import cutoff_frame, empty_events, events_as_of, outcomes_after


def validate_sql(spark: SparkSession, spec: Spec) -> list[Mistake]:
    """Let Spark parse and analyse features.sql, label.sql and the rules as the jobs do, on empty views."""
    cutoffs = cutoff_frame(spark, [])
    events = empty_events(spark, spec)
    entities = cutoffs.select("as_of", F.lit(None).cast(spec.field_types[spec.entity]).alias(spec.entity))
    found = sql_mistakes(
        spark, spec, events_as_of(events, cutoffs, spec), entities, outcomes_after(events, cutoffs, spec)
    )
    for index, rule in enumerate(spec.row_rules):
        if rule["rule"] == "expression":
            mistakes = condition_mistakes(events, rule["name"], rule["sql"])
            found += [replace(mistake, key=("quality", "rows", index, "sql")) for mistake in mistakes]
        elif rule["rule"] == "pattern" and (problem := pattern_problem(rule["pattern"])):
            source = f"quality.rows: {row_rule_name(rule)}"
            found.append(Mistake(source, problem, key=("quality", "rows", index, "pattern")))
    return found
