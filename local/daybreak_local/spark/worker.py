"""The process of the warm session:
`python -m daybreak_local.spark.worker --folder DIR --endpoint URL --replies FD`.

Reads requests as JSON lines from standard input, replies as JSON lines on the file descriptor FD, and exits
at end of input, even during a job (so it never outlives the cloud). Standard output and standard error are
the session's log.
"""

import argparse
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from py4j.protocol import Py4JError, Py4JNetworkError

from daybreak_local.isolation import ending
from daybreak_local.spark import job, warm_up
from daybreak_local.spark.session import start

JVM_EXIT_SECONDS = 5.0
SHIMS = Path(__file__).parent / "shims"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m daybreak_local.spark.worker")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--replies", type=int, required=True)
    parser.add_argument("--warm-up", action="store_true")
    arguments = parser.parse_args()

    requests, replies = sys.stdin, os.fdopen(arguments.replies, "w", buffering=1)
    # A job or the JVM that reads standard input must not consume the next request.
    sys.stdin = open(os.devnull)  # noqa: SIM115 - for the life of the process
    waiting: queue.Queue[str] = queue.Queue()
    threading.Thread(target=receive, args=(requests, waiting), name="requests", daemon=True).start()
    begun = time.monotonic()
    session = start(arguments.folder, arguments.endpoint)
    sys.path.append(str(SHIMS))
    jvm: subprocess.Popen[bytes] = session.sparkContext._gateway.proc
    threading.Thread(target=watch, args=(jvm, replies), name="jvm", daemon=True).start()
    reply(replies, {"ready": True, "seconds": round(time.monotonic() - begun, 2)})
    # Jobs that arrive during the warm-up run in parallel with it.
    if arguments.warm_up:
        threading.Thread(target=warm_up.run, args=(session, arguments.folder), daemon=True).start()

    while True:
        request: dict[str, Any] = json.loads(waiting.get())
        request["endpoint"] = arguments.endpoint
        if not alive(session, jvm):
            return 1
        reply(replies, {"started": True})
        answer = job.run(session, request)
        answer["alive"] = alive(session, jvm)
        reply(replies, answer)
        if not answer["alive"]:
            return 1


def receive(requests: TextIO, waiting: "queue.Queue[str]") -> None:
    """Queues the requests; at end of input, ends the process and with it the JVM."""
    for line in requests:
        waiting.put(line)
    os._exit(0)


def watch(jvm: "subprocess.Popen[bytes]", replies: TextIO) -> None:
    """Reports the end of the JVM and exits, whatever the job is doing: it has lost its Spark session."""
    code = jvm.wait()
    reply(replies, {"ended": f"The Spark process {ending(code)} while it ran the job."})
    os._exit(1)


def alive(session: Any, jvm: "subprocess.Popen[bytes]") -> bool:
    """Whether the JVM responds and its SparkContext is active. Does not return if the JVM has ended."""
    try:
        return not session.sparkContext._jsc.sc().isStopped()
    except (Py4JError, Py4JNetworkError, OSError):
        with contextlib.suppress(subprocess.TimeoutExpired):
            jvm.wait(timeout=JVM_EXIT_SECONDS)
            threading.Event().wait()  # for `watch`, which reports the cause and exits
        return False


def reply(replies: TextIO, answer: dict[str, Any]) -> None:
    """Sends one answer to the cloud."""
    replies.write(json.dumps(answer) + "\n")
    replies.flush()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Skips the JVM's shutdown hooks: they take seconds to clean a folder that the cloud removes.
    os._exit(code)
