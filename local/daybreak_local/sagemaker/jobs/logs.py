"""Sends a process's output to CloudWatch Logs in batches and keeps its tail for the FailureReason."""

import threading
import time
from collections import deque
from typing import IO

from daybreak_local.sagemaker.platform import RoleSession

_FLUSH_SECONDS = 1.0
_TAIL_LINES = 200


class LogPump:
    """Reads a process's output line by line until it ends."""

    def __init__(self, session: RoleSession, group: str, stream: str, hide: tuple[str, str]) -> None:
        self._session, self._group, self._stream = session, group, stream
        # (sandbox folder, container path): logs must show container paths.
        self._hide = hide
        self._pending: list[tuple[int, str]] = []
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._threads: list[threading.Thread] = []

    def start(self, output: IO[str]) -> None:
        """Starts reading and sending on background threads."""
        for target, arguments in ((self._read, (output,)), (self._ship, ())):
            thread = threading.Thread(
                target=target, args=arguments, name=f"logs-{self._stream}"[:60], daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def add(self, line: str) -> None:
        """Adds a line of SageMaker's own."""
        with self._lock:
            self._pending.append((int(time.time() * 1000), line))

    def finish(self) -> None:
        """Waits until all output is read and sent, at most 10 s per thread."""
        for thread in self._threads:
            thread.join(timeout=10)

    def tail(self) -> str:
        """The last traceback, or the last 10 lines if there is none."""
        with self._lock:
            lines = [line for line in self._tail if line.strip()]
        starts = [
            position for position, line in enumerate(lines) if line.startswith("Traceback (most recent call")
        ]
        return "\n".join(lines[starts[-1] :] if starts else lines[-10:])

    def last_line(self) -> str:
        """The last line, which in a traceback names the exception."""
        lines = self.tail().splitlines()
        return lines[-1] if lines else ""

    def _read(self, output: IO[str]) -> None:
        for raw in output:
            line = raw.rstrip("\n").replace(*self._hide)
            with self._lock:
                self._tail.append(line)
                self._pending.append((int(time.time() * 1000), line))
        self._done.set()

    def _ship(self) -> None:
        while not self._done.wait(_FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            batch, self._pending = self._pending, []
        self._session.write_logs(self._group, self._stream, batch)
