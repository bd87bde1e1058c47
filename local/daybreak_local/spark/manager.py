"""Manages the warm session's process: starts it, runs one job at a time, restarts it if it dies."""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import psutil

from daybreak_local.isolation import clean_environment

log = logging.getLogger("daybreak.spark")

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
TICK_SECONDS = 0.2


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
        self._replies: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._closed = False
        self._is_ready = False
        self._starts = 0

    def start_in_background(self) -> None:
        """Starts the JVM ahead of the first job."""
        threading.Thread(target=self._start_quietly, name="spark-start", daemon=True).start()

    def run(
        self, request: dict[str, Any], running: Callable[[], None], stopped: Callable[[], str | None]
    ) -> dict[str, Any]:
        """Queues and runs a job; returns {"ok", "error"}. Raises JobStopped or SessionError.

        `running` is called when the job starts; `stopped` is polled and returns a reason to stop, or None.
        """
        with self._turn:
            reason = stopped()
            if reason:
                raise JobStopped(reason)
            replies = self._ready()
            running()
            self._send(request)
            while True:
                try:
                    answer = replies.get(timeout=TICK_SECONDS)
                except queue.Empty:
                    reason = stopped()
                    if reason:
                        # A script cannot be interrupted reliably; its process can be killed.
                        self._end()
                        self.start_in_background()
                        raise JobStopped(reason) from None
                    continue
                if answer is None:
                    self._end()
                    self.start_in_background()
                    raise SessionError(f"the Spark session died while it ran the job. Its log: {self.log}")
                if not answer["alive"]:
                    self._end()
                    self.start_in_background()
                return answer

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

    def _send(self, request: dict[str, Any]) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise SessionError("the Spark session ended before it could take the job")
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        except OSError as error:
            raise SessionError(f"the Spark session took no job: {error}. Its log: {self.log}") from error

    def _start_quietly(self) -> None:
        try:
            self._ready()
        except SessionError as error:
            log.error("%s", error)

    def _ready(self) -> "queue.Queue[dict[str, Any] | None]":
        with self._starting:
            if self._process is not None and self._process.poll() is None:
                return self._replies
            if self._closed:
                raise SessionError("the local cloud is ending")
            return self._start()

    def _start(self) -> "queue.Queue[dict[str, Any] | None]":
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
            )
        os.close(writing)
        replies: queue.Queue[dict[str, Any] | None] = queue.Queue()
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

    def _end(self) -> None:
        self._is_ready = False
        process, self._process = self._process, None
        if process is None:
            return
        try:
            family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        except psutil.NoSuchProcess:
            family = []
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        process.wait(timeout=10)


def _read(stream: TextIO, replies: "queue.Queue[dict[str, Any] | None]") -> None:
    with stream:
        for line in stream:
            replies.put(json.loads(line))
    replies.put(None)


def _tail(path: Path, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
