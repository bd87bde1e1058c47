"""getResolvedOptions, as in AWS's awsglue.utils."""

import argparse
from collections.abc import Sequence
from typing import NoReturn


class GlueArgumentError(Exception):
    """An argument that the script asked for is missing or malformed."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, str]:
    """The values of the named options in a job's arguments. Every named option is required."""
    parser = _Parser(allow_abbrev=False, add_help=False)
    for option in {*options, "JOB_NAME"}:
        parser.add_argument(f"--{option}", required=option in options)
    values, _ = parser.parse_known_args(list(args[1:]))
    return {name: value for name, value in vars(values).items() if value is not None}
