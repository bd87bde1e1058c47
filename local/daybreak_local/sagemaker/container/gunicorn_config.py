"""gunicorn's settings for a model server, which exits when the local cloud does, even if that crashes.

Standard input is a pipe from the local cloud: end of file means that the local cloud has exited.
"""

import os
import signal
import threading
from typing import Any

worker_class = "gthread"
workers = 1
# Long, because closing an idle connection could race with the next request on it.
keepalive = 86_400
timeout = 0
graceful_timeout = 30
accesslog = None
loglevel = "warning"


def when_ready(server: Any) -> None:
    """gunicorn's hook, called in the arbiter once it listens."""

    def end_with_the_cloud() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGQUIT)

    threading.Thread(target=end_with_the_cloud, daemon=True).start()
