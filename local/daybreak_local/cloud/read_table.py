"""Prints columns of an Iceberg table of a running local cloud:
`python -m daybreak_local.cloud.read_table ENDPOINT DATABASE.TABLE COLUMN…`.

One JSON array a row; nothing where there is no such table.
"""

import json
import sys

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NoSuchTableError

from daybreak_local.account import REGION, ROOT_ACCESS_KEY, ROOT_SECRET_KEY


def main(endpoint: str, name: str, *columns: str) -> None:
    settings = {
        "access-key-id": ROOT_ACCESS_KEY,
        "secret-access-key": ROOT_SECRET_KEY,
        "region": REGION,
        "endpoint": endpoint,
    }
    catalog = GlueCatalog(
        "lake", **{f"{service}.{key}": value for service in ("glue", "s3") for key, value in settings.items()}
    )
    try:
        table = catalog.load_table(name)
    except NoSuchTableError:
        return
    for batch in table.scan(selected_fields=columns).to_arrow_batch_reader():
        values = [batch.column(column).to_pylist() for column in columns]
        sys.stdout.writelines(f"{json.dumps(row)}\n" for row in zip(*values, strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
