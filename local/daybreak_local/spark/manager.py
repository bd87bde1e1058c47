"""Manages the warm session's process: starts it, runs one job at a time, restarts it if it dies."""

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import psutil

from daybreak_local.isolation import clean_environment, ending

log = logging.getLogger("daybreak.spark")

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
TICK_SECONDS = 0.2
EXIT_SECONDS = 2.0

_Replies = queue.Queue[dict[str, Any] | None]


class SessionError(Exception):
    """The session did not start, or died during the job."""


class JobStopped(Exception):
    """The job was stopped or timed out."""


class SparkSessionProcess:
    """One process with one JVM; jobs run one at a time."""

    def __init__(self, folder: Path, endpoint: str, *, warm_up: bool = True) -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._warm_up = warm_up
        self._turn = threading.Lock()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._replies: _Replies = queue.Queue()
        self._closed = False
        self._is_ready = False
        self._starts = 0

    def start_in_background(self) -> None:
        """Starts the JVM ahead of the first job."""
        threading.Thread(target=self._start_quietly, name="spark-start", daemon=True).start()

    def run(
        self, request: dict[str, Any], running: Callable[[], None], stopped: Callable[[], str | None]
    ) -> dict[str, Any]:
        """Queues and runs a job; returns {"ok", "error"}. Raises JobStopped, or SessionError with the cause.

        `running` is called when the job starts; `stopped` is polled and returns a reason to stop, or None.
        """
        with self._turn:
            reason = stopped()
            if reason:
                raise JobStopped(reason)
            replies = self._hand_over(request, stopped)
            running()
            answer = self._next(replies, stopped)
            if answer is None:
                how = ending(self._restart(exiting=True))
                raise SessionError(f"The job's Python process {how} while it ran the job.")
            if "ended" in answer:
                self._restart()
                raise SessionError(answer["ended"])
            if not answer["alive"]:
                self._restart()
            return answer

    def _hand_over(self, request: dict[str, Any], stopped: Callable[[], str | None]) -> _Replies:
        """Gives the job to the session; to a new one if the session ended unnoticed since its last job."""
        for _ in range(2):
            replies = self._ready()
            if self._send(request) and (self._next(replies, stopped) or {}).get("started"):
                return replies
            self._end()
        raise SessionError(f"The Spark session ended before it could take the job. Its log: {self.log}")

    def _next(self, replies: _Replies, stopped: Callable[[], str | None]) -> dict[str, Any] | None:
        """The session's next message; None if its process has ended."""
        while True:
            try:
                return replies.get(timeout=TICK_SECONDS)
            except queue.Empty:
                reason = stopped()
                if reason:
                    # A script cannot be interrupted reliably; its process can be killed.
                    self._restart()
                    raise JobStopped(reason) from None

    def _restart(self, *, exiting: bool = False) -> int | None:
        """Replaces the session; returns the return code of its process if that ended by itself."""
        code = self._end(exiting=exiting)
        self.start_in_background()
        return code

    @property
    def log(self) -> Path:
        """The log of the JVM and the worker, outside jobs."""
        return self._folder / "session.log"

    def status(self) -> dict[str, Any]:
        """Whether the session takes jobs, whether one runs, and how often it was started."""
        return {"ready": self._is_ready, "busy": self._turn.locked(), "starts": self._starts}

    def stop(self) -> None:
        """Ends the process for good."""
        self._closed = True
        self._end()

    def _send(self, request: dict[str, Any]) -> bool:
        process = self._process
        if process is None or process.stdin is None:
            return False
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError:
            return False
        return True

    def _start_quietly(self) -> None:
        try:
            self._ready()
        except SessionError as error:
            log.error("%s", error)

    def _ready(self) -> _Replies:
        with self._starting:
            if self._process is not None and self._process.poll() is None:
                return self._replies
            if self._closed:
                raise SessionError("the local cloud is ending")
            return self._start()

    def _start(self) -> _Replies:
        self._folder.mkdir(parents=True, exist_ok=True)
        reading, writing = os.pipe()
        command = [
            sys.executable,
            "-m",
            "daybreak_local.spark.worker",
            *("--folder", str(self._folder / "work")),
            *("--endpoint", self._endpoint),
            *("--replies", str(writing)),
            *(["--warm-up"] if self._warm_up else []),
        ]
        begun = time.monotonic()
        with open(self.log, "a") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=clean_environment({"JAVA_HOME": java} if (java := os.environ.get("JAVA_HOME")) else {}),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=[writing],
                text=True,
                bufsize=1,
                start_new_session=True,
            )
        os.close(writing)
        replies: _Replies = queue.Queue()
        threading.Thread(
            target=_read, args=(os.fdopen(reading), replies), name="spark-replies", daemon=True
        ).start()
        self._process, self._replies = process, replies
        self._starts += 1
        try:
            ready = replies.get(timeout=START_SECONDS)
        except queue.Empty:
            ready = None
        if ready is None:
            self._end()
            raise SessionError(f"the Spark session did not start. Its log: {self.log}\n{_tail(self.log)}")
        self._is_ready = True
        log.info("the Spark session started in %.1f s", time.monotonic() - begun)
        return replies

    def _end(self, *, exiting: bool = False) -> int | None:
        """Kills the process and its children; returns its return code if it ended by itself."""
        self._is_ready = False
        process, self._process = self._process, None
        if process is None:
            return None
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        if exiting:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(EXIT_SECONDS)
        code = process.poll()
        # Also reaches the JVM that a dead process left behind.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        return code


def _read(stream: TextIO, replies: _Replies) -> None:
    with stream:
        for line in stream:
            replies.put(json.loads(line))
    replies.put(None)


def _tail(path: Path, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
