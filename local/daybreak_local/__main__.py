"""Starts the local cloud: `python -m daybreak_local --port N --home DIR [--parent-pid P]`.

Prints one JSON line on standard output when it is ready or cannot start; logs everything else to
DIR/cloud.log. Exits on SIGTERM, on SIGINT, and when the parent process exits.
"""

import argparse
import json
import os
import socket
import sys
from pathlib import Path

from daybreak_local.cloud.environment import prepare


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m daybreak_local", description="The local AWS of Daybreak."
    )
    parser.add_argument("--port", type=int, default=int(os.environ.get("DAYBREAK_PORT", "4566")))
    parser.add_argument("--home", type=Path, required=True, help="folder for everything this cloud writes")
    parser.add_argument("--parent-pid", type=int, help="exit when this process exits")
    parser.add_argument(
        "--lazy-spark", action="store_true", help="start Spark with the first Glue job, not with the cloud"
    )
    arguments = parser.parse_args()

    problem = port_problem(arguments.port)
    if problem:
        return refuse(problem)
    home: Path = arguments.home.resolve()
    try:
        keys = prepare(arguments.port, home)
    except OSError as error:
        return refuse(f"The folder {home} cannot be written: {error}. Choose another with --home.")

    from daybreak_local.cloud.server import (
        serve,  # after prepare(): ministack reads the environment at import time
    )

    return serve(arguments.port, home, keys, arguments.parent_pid, lazy_spark=arguments.lazy_spark)


def port_problem(port: int) -> str | None:
    """Why the port cannot be used and what to do; None if it is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return f"Port {port} may not be opened by this user. Set DAYBREAK_PORT to a number above 1023."
        except OSError:
            return (
                f"Port {port} on 127.0.0.1 is already in use, perhaps by another local cloud. "
                "Stop it, or set DAYBREAK_PORT to a free port."
            )
    return None


def refuse(problem: str) -> int:
    """Reports why the local cloud cannot start: JSON on stdout, text on stderr. Returns the exit code."""
    print(json.dumps({"ready": False, "error": problem}), flush=True)
    print(problem, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
