"""Checks a pipeline's SQL without data: `validate_sql.py <spec.json>`, a pipeline as `daybreak` resolves it.

Spark parses and analyses features.sql, label.sql and the rules' expressions on empty views, as the jobs would
see them. Prints one JSON line {"errors": [{"file", "message", "line"?, "column"?}]}.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from etl.shared.spec import Spec
from etl.shared.sql_views import validate_sql


def main(path: str) -> None:
    spec = Spec.parse(json.loads(Path(path).read_text()))
    problems = validate_sql(SparkSession.builder.getOrCreate(), spec)
    print(json.dumps({"errors": [describe(problem) for problem in problems]}))


def describe(problem: str) -> dict[str, Any]:
    """A mistake as its file, its place and what is wrong."""
    file, _, message = problem.partition(": ")
    place = re.search(r"\(line (\d+), column (\d+)\)", message)
    described: dict[str, Any] = {"file": file, "message": message}
    if place:
        described |= {"line": int(place[1]), "column": int(place[2])}
    return described


if __name__ == "__main__":
    main(sys.argv[1])
