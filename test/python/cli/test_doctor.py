"""`daybreak doctor --aws`: the answers in its tests and the commands that it suggests are of AWS's models."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel, Shape

from daybreak_local.api.constraints import violations  # noqa: TID251 - the judge of requests; this is a test

FOLDER = Path(__file__).parents[2] / "unit" / "cli" / "doctor"
ANSWERS = [
    answer for account in json.loads((FOLDER / "answers.json").read_text()).values() for answer in account
]
COMMANDS = re.findall(r"^ +(aws .+)$", (FOLDER / "fresh.txt").read_text(), re.MULTILINE)
SESSION = botocore.session.get_session()


def model(service: str, operation: str) -> OperationModel:
    return SESSION.get_service_model(service).operation_model(operation)


@pytest.mark.parametrize(
    "answer", ANSWERS, ids=lambda one: f"{one['operation']} {json.dumps(one['input'])[:60]}"
)
def test_requests_and_answers_are_of_the_model(answer: dict[str, Any]) -> None:
    operation = model(answer["service"], answer["operation"])
    assert violations(operation.input_shape, answer["input"]) == []
    if "error" in answer:
        assert answer["error"] in [shape.name for shape in operation.error_shapes]
    else:
        assert violations(operation.output_shape, answer["output"]) == []


def parsed(shape: Shape, text: str) -> Any:
    """The value of an option of the AWS CLI: structures and numbers as JSON."""
    return text if shape.type_name == "string" else json.loads(text)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: " ".join(one.split()[1:3]))
def test_commands_are_those_of_the_aws_cli(command: str) -> None:
    program, service, name, *words = shlex.split(command)
    assert program == "aws"
    operations = {xform_name(one, "-"): one for one in SESSION.get_service_model(service).operation_names}
    operation = model(service, operations[name])
    members = operation.input_shape.members
    options = {f"--{xform_name(member, '-')}": member for member in members}
    given = dict(zip(words[::2], words[1::2], strict=True))
    given.pop("--region", None)
    request = {options[option]: parsed(members[options[option]], value) for option, value in given.items()}
    assert violations(operation.input_shape, request) == []


def test_the_report_suggests_a_command_of_each_kind() -> None:
    kinds = {tuple(command.split()[1:3]) for command in COMMANDS}
    assert kinds == {
        ("ssm", "get-parameters-by-path"),
        ("service-quotas", "request-service-quota-increase"),
        ("iam", "create-service-linked-role"),
        ("lakeformation", "put-data-lake-settings"),
    }
