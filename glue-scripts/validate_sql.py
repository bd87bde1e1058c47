"""Checks pipelines' SQL without data: `validate_sql.py <spec.json>…`, pipelines as `daybreak` resolves them.

Spark parses and analyses features.sql, label.sql and the rules' expressions on empty views, as the jobs would
see them. Prints one JSON line: for every pipeline, in the order of the arguments, a list of mistakes
{"source", "key", "message", "line"?, "column"?}. `key` is the path in pipeline.yaml, empty for a SQL file.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from etl.shared.session import configure
from etl.shared.spec import Spec
from etl.sql.mistake import Mistake
from etl.sql.validate import validate_sql


def main(*paths: str) -> None:
    spark = SparkSession.builder.getOrCreate()
    configure(spark)
    specs = [Spec.parse(json.loads(Path(path).read_text())) for path in paths]
    print(json.dumps([[describe(mistake) for mistake in validate_sql(spark, spec)] for spec in specs]))


def describe(mistake: Mistake) -> dict[str, Any]:
    """A mistake as JSON."""
    described: dict[str, Any] = {
        "source": mistake.source,
        "key": list(mistake.key),
        "message": mistake.text,
    }
    if mistake.place:
        described |= {"line": mistake.place[0], "column": mistake.place[1]}
    return described


if __name__ == "__main__":
    main(*sys.argv[1:])
