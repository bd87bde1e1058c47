"""Validates JSON that stages exchange against contracts/schemas."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_ROOT = Path(__file__).parents[3]


def check(name: str, value: Any) -> Any:
    """Assert that a value satisfies the contract of that name; return the value."""
    return _check(_ROOT / "contracts/schemas" / f"{name}.json", value)


def check_file(name: str, file: Path) -> Any:
    """The same for a JSON file."""
    return check(name, json.loads(file.read_text("utf-8")))


def check_pipeline(spec: dict[str, Any]) -> None:
    """Assert that a resolved pipeline without its SQL satisfies the schema of pipeline.yaml."""
    written = {key: value for key, value in spec.items() if key not in ("features_sql", "label_sql")}
    _check(_ROOT / "pipelines/pipeline.schema.json", written)


def _check(schema: Path, value: Any) -> Any:
    problems = [
        f"{'.'.join(map(str, error.absolute_path)) or 'the whole'}: {error.message}"
        for error in _validator(schema).iter_errors(value)
    ]
    assert not problems, f"{schema.stem} violates its contract:\n" + "\n".join(problems)
    return value


@cache
def _validator(schema: Path) -> Draft202012Validator:
    content = json.loads(schema.read_text("utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)
