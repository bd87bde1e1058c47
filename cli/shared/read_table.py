"""Prints columns of an Iceberg table in a Glue catalog:
`python read_table.py DATABASE.TABLE COLUMN… [--where CONDITION] [--snapshot ID]`.

The AWS environment variables select the catalog and the credentials, as for every AWS SDK. Prints one JSON
array per row, with integers beyond JavaScript's exact range as strings; nothing if the table does not exist.
"""

import argparse
import json
import os
import sys
from typing import Any

import boto3
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("columns", nargs="+")
    parser.add_argument("--where", default="true")
    parser.add_argument("--snapshot", type=int)
    wanted = parser.parse_args()

    session = boto3.Session()
    credentials = session.get_credentials().get_frozen_credentials()
    settings = {
        "access-key-id": credentials.access_key,
        "secret-access-key": credentials.secret_key,
        "session-token": credentials.token,
        # The command sets AWS_REGION, but boto3 reads only AWS_DEFAULT_REGION.
        "region": os.environ.get("AWS_REGION", session.region_name),
        "endpoint": os.environ.get("AWS_ENDPOINT_URL"),
    }
    given = {key: value for key, value in settings.items() if value}
    catalog = GlueCatalog(
        "lake", **{f"{service}.{key}": value for service in ("glue", "s3") for key, value in given.items()}
    )
    try:
        table = catalog.load_table(wanted.table)
    except NoSuchTableError:
        return
    scan = table.scan(
        row_filter=wanted.where, selected_fields=tuple(wanted.columns), snapshot_id=wanted.snapshot
    )
    for batch in scan.to_arrow_batch_reader():
        values = [batch.column(column).to_pylist() for column in wanted.columns]
        sys.stdout.writelines(f"{as_json(row)}\n" for row in zip(*values, strict=True))


def as_json(row: tuple[Any, ...]) -> str:
    """A row as one line."""
    exact = [str(value) if isinstance(value, int) and abs(value) > 2**53 - 1 else value for value in row]
    return json.dumps(exact, default=str)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        # The command line shows this line to its user.
        sys.exit(f"{type(error).__name__}: {error}")
