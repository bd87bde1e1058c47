"""An instance of an endpoint: its model server, replaced whenever it ends or no longer responds."""

import logging
import threading
import time
from collections.abc import Callable

from daybreak_local.sagemaker.hosting.server import ModelServer, ServerStartError

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.25
# The delay before a replacement doubles until a server has run for STABLE_SECONDS.
FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0
STABLE_SECONDS = 60.0


class Instance:
    """Keeps one model server running."""

    def __init__(self, launch: Callable[[str | None], ModelServer], startup_seconds: float) -> None:
        """`launch` starts a server; its argument says why, if the server is a replacement."""
        self._launch, self._startup_seconds = launch, startup_seconds
        self._server = launch(None)
        self._healthy = False
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Waits for the first ping. Raises ServerStartError."""
        self._server.wait_healthy(self._startup_seconds)
        self._healthy = True
        threading.Thread(target=self._keep_running, name="sagemaker-instance", daemon=True).start()

    @property
    def server(self) -> ModelServer | None:
        """The server; None while it is being replaced."""
        return self._server if self._healthy else None

    def stop(self) -> None:
        """Stops the server for good."""
        with self._lock:
            self._stopping.set()
            self._server.stop()

    def _keep_running(self) -> None:
        failures, started = 0, time.monotonic()
        while not self._stopping.wait(LOOK_SECONDS):
            problem = self._server.problem()
            if problem is None and time.monotonic() - started > STABLE_SECONDS:
                failures = 0
            while problem is not None:
                self._healthy = False
                self._server.stop()
                delay = min(FIRST_DELAY_SECONDS * 2**failures, LONGEST_DELAY_SECONDS)
                failures += 1
                if self._stopping.wait(delay):
                    return
                problem = self._replace(f"{problem} Replaced after {delay:g} s (replacement {failures}).")
                started = time.monotonic()

    def _replace(self, reason: str) -> str | None:
        """Starts another server; returns why that failed, else None."""
        logger.warning("%s", reason)
        try:
            with self._lock:
                if self._stopping.is_set():
                    return None
                self._server = self._launch(reason)
            self._server.wait_healthy(self._startup_seconds)
        except (OSError, ServerStartError) as error:
            return f"The replacement did not start: {str(error).rstrip('.')}."
        self._healthy = True
        return None
