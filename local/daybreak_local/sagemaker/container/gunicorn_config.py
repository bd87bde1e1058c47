"""gunicorn's settings for a model server; it ends with the local cloud, whichever way that ends.

Standard input is a pipe from the local cloud: its end of file means that nobody is there to be served.
"""

import os
import signal
import threading
from typing import Any

worker_class = "gthread"
workers = 1
threads = int(os.environ.get("DAYBREAK_SERVER_THREADS", "4"))
# Connections from the one client are kept: a server that closes an idle one could cross with a request.
keepalive = 86_400
timeout = 0
graceful_timeout = 30
accesslog = None
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Called in gunicorn's first process once it listens."""

    def end_with_the_cloud() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGQUIT)

    threading.Thread(target=end_with_the_cloud, daemon=True).start()
