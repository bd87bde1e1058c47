"""EventBridge notices, sent in order by one thread, so that no request waits for the rules they set off."""

import logging
import queue
import threading
from typing import Any

from daybreak_local.sagemaker.platform import Platform

logger = logging.getLogger(__name__)


class Notices:
    """The queue of events still to be put on the bus."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._queue: queue.Queue[tuple[str, dict[str, Any], list[str]]] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def send(self, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        """Queues one event."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sagemaker-notices", daemon=True)
                self._thread.start()
        self._queue.put((detail_type, detail, resources))

    def flush(self) -> None:
        """Returns when everything queued so far is on the bus."""
        self._queue.join()

    def _run(self) -> None:
        while True:
            notice = self._queue.get()
            try:
                self._platform.put_event(*notice)
            except Exception:
                logger.exception("The event %r could not be put on the bus", notice[0])
            finally:
                self._queue.task_done()
