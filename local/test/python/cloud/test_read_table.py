"""The command line's reader of tables: here because it needs a cloud with a table."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from cloud_support import Cloud
from pyiceberg.catalog.glue import GlueCatalog

from daybreak_local.account import REGION

pytestmark = pytest.mark.integration

READ_TABLE = str(Path(__file__).parents[4] / "cli" / "shared" / "read_table.py")


def read(cloud: Cloud, *arguments: str) -> list[list[object]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_ACCESS_KEY_ID": cloud.keys["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": cloud.keys["secretAccessKey"],
        "AWS_REGION": REGION,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, READ_TABLE, *arguments]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in output.stdout.splitlines()]


def test_rows_are_json_with_the_requested_columns_in_order(cloud: Cloud) -> None:
    cloud.client("s3").create_bucket(Bucket="read-table")
    keys = {
        "access-key-id": cloud.keys["accessKeyId"],
        "secret-access-key": cloud.keys["secretAccessKey"],
        "region": REGION,
        "endpoint": cloud.endpoint,
    }
    settings = {f"{service}.{key}": value for service in ("glue", "s3") for key, value in keys.items()}
    catalog = GlueCatalog("lake", **settings)
    catalog.create_namespace("read_table", {"location": "s3://read-table/db"})
    days = [date(2026, 1, 31)] * 2
    rows = pa.table({"id": ["a", "b"], "at": [1, 2**53 + 1], "more": [None, "x"], "day": days})
    table = catalog.create_table("read_table.events", rows.schema, location="s3://read-table/events")
    table.append(rows)

    # JavaScript would round an integer of more than 53 bits.
    assert sorted(read(cloud, "read_table.events", "more", "id", "at", "day"), key=str) == [
        ["x", "b", "9007199254740993", "2026-01-31"],
        [None, "a", 1, "2026-01-31"],
    ]
    assert read(cloud, "read_table.none", "id") == []
    assert read(cloud, "read_table.events", "id", "--where", "more is not null and id = 'b'") == [["b"]]
    first = str(table.refresh().current_snapshot().snapshot_id)
    table.append(rows)
    assert len(read(cloud, "read_table.events", "id")) == 4
    assert len(read(cloud, "read_table.events", "id", "--snapshot", first)) == 2
    with pytest.raises(subprocess.CalledProcessError) as failed:
        read(cloud, "read_table.events", "none")
    assert failed.value.stderr.count("\n") == 1
    assert "none" in failed.value.stderr
