"""Checks a pipeline's SQL without a cloud and without data:
`python -m daybreak_local.spark.validate <spec.json>`.

Spark parses and analyses features.sql, label.sql and the rules' expressions on empty views, as the Glue
jobs would see them. Prints one JSON line {"ok", "errors": [{"file", "message", "line"?, "column"?}]}; exits
with 0 when it could check, whatever it found.
"""

import argparse
import contextlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from daybreak_local.spark.session import MissingJars, SessionOptions, start

GLUE_SCRIPTS = Path(__file__).resolve().parents[3] / "glue-scripts"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m daybreak_local.spark.validate")
    parser.add_argument(
        "spec", type=Path, help="a pipeline as `daybreak` resolves it: pipeline.yaml and the SQL, as JSON"
    )
    arguments = parser.parse_args()
    try:
        content = json.loads(arguments.spec.read_text())
    except (OSError, ValueError) as error:
        print(f"{arguments.spec} cannot be read as JSON: {error}", file=sys.stderr)
        return 2
    try:
        problems = validate(content)
    except MissingJars as error:
        print(error, file=sys.stderr)
        return 2
    errors = [describe(problem) for problem in problems]
    print(json.dumps({"ok": not errors, "errors": errors}), flush=True)
    return 0


def validate(content: dict[str, Any]) -> list[str]:
    """Every mistake in the pipeline's SQL, in the words of the jobs themselves."""
    sys.path.insert(0, str(GLUE_SCRIPTS))
    from etl.shared.spec import Spec
    from etl.shared.sql_views import validate_sql

    spec = Spec.parse(content)
    with tempfile.TemporaryDirectory(prefix="daybreak-validate-") as folder, _quiet():
        return validate_sql(start(SessionOptions(Path(folder))), spec)


def describe(problem: str) -> dict[str, Any]:
    """A mistake as its file, its place and what is wrong."""
    file, _, message = problem.partition(": ")
    place = re.search(r"\(line (\d+), column (\d+)\)", message)
    described: dict[str, Any] = {"file": file, "message": message}
    if place:
        described |= {"line": int(place[1]), "column": int(place[2])}
    return described


@contextlib.contextmanager
def _quiet() -> Any:
    """The JVM's own chatter, which goes to standard error whatever the log level, is of no use here."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Waiting for the JVM to end by itself would take longer than the check.
    os._exit(code)
