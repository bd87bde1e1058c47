"""Starts, pings, invokes and stops one model server process."""

import contextlib
import os
import socket
import time
from pathlib import Path

import urllib3

from daybreak_local.isolation import clean_environment, ending
from daybreak_local.sagemaker.jobs.logs import LogPump
from daybreak_local.sagemaker.jobs.process import ContainerProcess

_CONTAINER = Path(__file__).parent.parent / "container"
_ROOT = Path(__file__).parents[3]
INVOCATION_TIMEOUT_SECONDS = 60.0
PING_SECONDS = 5.0
# Longer than an invocation may take: by then a server that only is busy has responded.
HUNG_SECONDS = 75.0


class ServerStartError(Exception):
    """The server did not become healthy; the message includes its last log line."""


class ModelServer(ContainerProcess):
    """A single-worker gunicorn that inherits a bound socket, so that no other process can take its port."""

    def __init__(self, environment: dict[str, str], folder: Path, pump: LogPump) -> None:
        self._stopped = False
        with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
            self.port = int(listener.getsockname()[1])
            # Connections inherit this. Without it, Nagle's algorithm and delayed ACKs hold each response body
            # back for 40 ms.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            listener.set_inheritable(True)
            command = [
                *("-m", "gunicorn", "--config", str(_CONTAINER / "gunicorn_config.py")),
                *("--bind", f"fd://{listener.fileno()}"),
                *("--threads", os.environ.get("DAYBREAK_SERVER_THREADS", "4")),
                "daybreak_local.sagemaker.container.serving:load()",
            ]
            whole = clean_environment({"PYTHONPATH": str(_ROOT)}, environment)
            super().__init__(command, folder, whole, pump, pass_fds=(listener.fileno(),))
        self._pinged = self._responded = time.monotonic()
        self._pool = urllib3.HTTPConnectionPool(
            "127.0.0.1", self.port, maxsize=32, retries=False, timeout=INVOCATION_TIMEOUT_SECONDS
        )

    @property
    def pid(self) -> int:
        """The process ID of gunicorn's arbiter."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def wait_healthy(self, timeout: float) -> None:
        """Waits for a ping with status 200. Raises ServerStartError after `timeout` seconds or on exit."""
        deadline = time.monotonic() + timeout
        while self.alive():
            left = deadline - time.monotonic()
            if left <= 0:
                raise ServerStartError(
                    f"no healthy /ping within {timeout:g} s. {self._pump.last_line()}".strip()
                )
            # The socket listens before the model is loaded, so a ping waits in the backlog.
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                if self._pool.request("GET", "/ping", timeout=min(left, 5.0)).status == 200:
                    return
            time.sleep(0.05)
        self._pump.finish()
        raise ServerStartError(f"the container {ending(self._process.returncode)}. {self._last_words()}")

    def problem(self) -> str | None:
        """Why the server must be replaced; None if it is healthy. Pings it every few seconds."""
        if not self.alive():
            return f"The model server {ending(self._process.returncode)}."
        now = time.monotonic()
        if now - self._pinged > PING_SECONDS:
            self._pinged = now
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                self._pool.request("GET", "/ping", timeout=PING_SECONDS)
                self._responded = time.monotonic()
        silent = time.monotonic() - self._responded
        return f"The model server has not responded for {silent:.0f} s." if silent > HUNG_SECONDS else None

    def invoke(self, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """Sends an invocation. Raises urllib3's HTTPError if the container does not respond."""
        answer = self._pool.request("POST", "/invocations", body=body, headers=headers)
        self._responded = time.monotonic()
        return answer

    def stop(self) -> None:
        """Kills the server and its children; it is stateless, and the caller drains it first if needed."""
        if self._stopped:
            return
        self._stopped = True
        self._pool.close()
        self.kill()

    def _last_words(self) -> str:
        """The worker's boot error, without gunicorn's own lines, which do not name the cause."""
        lines = [line for line in self._pump.tail().splitlines() if line and not line.startswith(("[", " "))]
        return lines[-1] if lines else self._pump.last_line()
