"""Runs a script in a Spark session of its own, without a cloud:
`python -m daybreak_local.spark.run SCRIPT [ARGUMENT…]`.

The session is the Glue jobs' own, with Iceberg's extensions and no catalog; the script gets it from
`SparkSession.builder.getOrCreate()`, and its standard output is this program's.
"""

import os
import runpy
import sys
import tempfile
from pathlib import Path

from daybreak_local.spark.session import MissingJars, start


def main(script: str, *arguments: str) -> int:
    # Keeps the JVM's own output off standard output.
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    with tempfile.TemporaryDirectory(prefix="daybreak-spark-") as folder:
        os.dup2(null, 2)
        try:
            start(Path(folder))
        except MissingJars as error:
            os.dup2(kept, 2)
            print(error, file=sys.stderr)
            return 2
        sys.stderr = os.fdopen(kept, "w", buffering=1)
        sys.argv = [script, *arguments]
        sys.path.insert(0, str(Path(script).resolve().parent))
        runpy.run_path(script, run_name="__main__")
    return 0


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    # An orderly JVM shutdown takes longer than most scripts.
    os._exit(code)
