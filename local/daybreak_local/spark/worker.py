"""The process of the warm session:
`python -m daybreak_local.spark.worker --folder DIR --endpoint URL --replies FD`.

Takes one request as a JSON line on standard input, answers it as a JSON line on the descriptor FD, and ends
when its input does (so it never outlives the cloud). Standard output and standard error are the session's
own log.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from py4j.protocol import Py4JError, Py4JNetworkError

from daybreak_local.spark import job, warm_up
from daybreak_local.spark.session import SessionOptions, start

SHIMS = Path(__file__).parent / "shims"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m daybreak_local.spark.worker")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--replies", type=int, required=True)
    parser.add_argument("--warm-up", action="store_true")
    arguments = parser.parse_args()

    requests, replies = sys.stdin, os.fdopen(arguments.replies, "w", buffering=1)
    # Nothing that a job or the JVM reads from standard input may eat the next request.
    sys.stdin = open(os.devnull)  # noqa: SIM115 - for the life of the process
    begun = time.monotonic()
    session = start(SessionOptions(arguments.folder, arguments.endpoint))
    sys.path.append(str(SHIMS))
    reply(replies, {"ready": True, "seconds": round(time.monotonic() - begun, 2)})
    # While no job is there yet, Spark does once what every first job would wait for. A job that comes
    # meanwhile runs beside it.
    if arguments.warm_up:
        threading.Thread(target=warm_up.run, args=(session, arguments.folder), daemon=True).start()

    for line in requests:
        request: dict[str, Any] = json.loads(line)
        request["endpoint"] = arguments.endpoint
        answer = job.run(session, request)
        answer["id"] = request["id"]
        answer["alive"] = alive(session)
        reply(replies, answer)
        if not answer["alive"]:
            return 1
    return 0


def alive(session: Any) -> bool:
    """Whether the JVM still answers and its context still takes jobs."""
    try:
        return not session.sparkContext._jsc.sc().isStopped()
    except (Py4JError, Py4JNetworkError, OSError):
        return False


def reply(replies: TextIO, answer: dict[str, Any]) -> None:
    """Sends one answer to the cloud."""
    replies.write(json.dumps(answer) + "\n")
    replies.flush()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The JVM's shutdown hooks take seconds and clean a folder that the cloud removes anyway.
    os._exit(code)
