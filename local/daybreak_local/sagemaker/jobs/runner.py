"""Runs jobs on threads with limited concurrency, and stops them."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)
# Sized for a laptop. Further jobs keep their initial status, as when AWS lacks capacity.
CONCURRENT_JOBS = 2


class JobFailure(Exception):
    """The job failed for a reason the user can fix; the message is the FailureReason."""


class JobRunner:
    """The jobs that are queued or running, by ARN."""

    def __init__(self) -> None:
        self._slots = threading.Semaphore(CONCURRENT_JOBS)
        self._stops: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def start(self, arn: str, run: Callable[[threading.Event], None], failed: Callable[[str], None]) -> None:
        """Runs `run(stop)` on a thread when a slot is free; reports an error to `failed`."""
        stop = threading.Event()
        with self._lock:
            self._stops[arn] = stop

        def body() -> None:
            try:
                with self._slots:
                    run(stop)
            except JobFailure as failure:
                failed(str(failure))
            except Exception as error:
                logger.exception("The job %s failed inside the local SageMaker", arn)
                failed(f"InternalServerError: {type(error).__name__}: {error}")
            finally:
                with self._lock:
                    self._stops.pop(arn, None)

        threading.Thread(target=body, name=f"job-{arn.rsplit('/', 1)[-1]}", daemon=True).start()

    def stop(self, arn: str) -> None:
        """Asks a job to stop."""
        with self._lock:
            stop = self._stops.get(arn)
        if stop:
            stop.set()

    def stop_all(self) -> None:
        """Asks every job to stop."""
        with self._lock:
            stops = list(self._stops.values())
        for stop in stops:
            stop.set()

    def running(self) -> list[str]:
        """The ARNs of queued and running jobs."""
        with self._lock:
            return sorted(self._stops)
