"""Runs a container's process in its own process group, so that stopping it also stops its children."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from daybreak_local.sagemaker.jobs.logs import LogPump

STOP_GRACE_SECONDS = 10.0
_SUPERVISE = Path(__file__).parent.parent / "container" / "supervise.py"


class ContainerProcess:
    """A process whose output goes to a log stream. It ends itself when its standard input is closed."""

    def __init__(
        self, command: list[str], folder: Path, environment: dict[str, str], pump: LogPump, **more: Any
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
            **more,
        )
        if self._process.stdout is None:
            raise RuntimeError("the process's output is not a pipe")
        self._pump = pump
        pump.start(self._process.stdout)

    def kill(self) -> None:
        """Kills the process and any processes it left behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._pump.finish()


class JobProcess(ContainerProcess):
    """One run of a job's command."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str], pump: LogPump) -> None:
        super().__init__(["-S", "-E", str(_SUPERVISE), *command], folder, environment, pump)

    def wait(self, stop: threading.Event, deadline: float) -> int | None:
        """The exit code (128 + signal if killed); None if `stop` or `deadline` (monotonic) ended it."""
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = self._process.wait(timeout=0.1)
                    return code if code >= 0 else 128 - code
                if stop.is_set() or time.monotonic() > deadline:
                    return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=STOP_GRACE_SECONDS)
            self.kill()
