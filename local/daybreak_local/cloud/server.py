"""Serves ministack and the local cloud's additions on 127.0.0.1 until shutdown."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
from hypercorn.asyncio import serve as serve_asgi
from hypercorn.config import Config

from daybreak_local.cloud.asgi import App, Receive, Scope, Send
from daybreak_local.cloud.environment import Home
from daybreak_local.cloud.root_keys import RootKeys

# Configured before importing ministack, whose basicConfig would log to standard error.
log = logging.getLogger("daybreak.cloud")

PARENT_CHECK_SECONDS = 0.5
CHILD_GRACE_SECONDS = 3.0
FORCE_SECONDS = 20.0


def serve(port: int, home: Home, keys: RootKeys, parent_pid: int | None, *, lazy_spark: bool) -> int:
    """Runs until shutdown; returns the exit code."""
    logging.basicConfig(
        filename=home.log, level=logging.WARNING, format="%(asctime)s %(levelname)s [%(name)s] %(message)s"
    )
    logging.getLogger("daybreak").setLevel(logging.INFO)
    raise_file_limit()
    asyncio.run(_serve(port, home, keys, parent_pid, lazy_spark))
    return 0


async def _serve(port: int, home: Home, keys: RootKeys, parent_pid: int | None, lazy_spark: bool) -> None:
    from daybreak_local.cloud.additions import Additions

    additions = Additions(home, keys, lazy_spark=lazy_spark)
    additions.install()

    ending = asyncio.Event()
    ender = Ender(asyncio.get_running_loop(), ending)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ender.end("it received a signal"))
    if parent_pid:
        threading.Thread(target=watch_parent, args=(parent_pid, ender), name="parent", daemon=True).start()

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    # The default of 1000 requests closes a connection while a client sends its next request.
    config.keep_alive_max_requests = 10**9
    config.graceful_timeout = 1
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    config.backlog = 512

    async def end() -> None:
        await ending.wait()
        # Before the server stops: final deliveries and logs go through its API.
        await asyncio.to_thread(additions.stop)

    try:
        await serve_asgi(_announcing(additions.app, port, additions, ending), config, shutdown_trigger=end)
    finally:
        await asyncio.to_thread(end_children)
        log.info("ended")


def _announcing(app: App, port: int, additions: Any, ending: asyncio.Event) -> App:
    """Prints the ready line once hypercorn has bound the port and ministack has started."""

    async def announce() -> None:
        while not await _answers(port):
            if ending.is_set():
                return
            await asyncio.sleep(0.02)
        await additions.start()
        line = {"ready": True, "endpoint": f"http://127.0.0.1:{port}", "pid": os.getpid()}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        log.info("ready on port %s", port)

    announcing: list[asyncio.Task[None]] = []

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            announcing.append(asyncio.create_task(announce()))
        await app(scope, receive, send)

    return wrapped


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


class Ender:
    """Shuts the cloud down gracefully, or forcibly after a timeout (the event loop may hang)."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ending: asyncio.Event) -> None:
        self._loop = loop
        self._ending = ending

    def end(self, why: str) -> None:
        """Starts the shutdown. Thread-safe and idempotent."""
        log.info("ending: %s", why)
        self._loop.call_soon_threadsafe(self._ending.set)
        force = threading.Timer(FORCE_SECONDS, self._force)
        force.daemon = True
        force.start()

    @staticmethod
    def _force() -> None:
        log.error("the shutdown took longer than %s s and is now forced", FORCE_SECONDS)
        end_children()
        os._exit(1)


def watch_parent(pid: int, ender: Ender) -> None:
    """Shuts down when the parent process exits."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
            time.sleep(PARENT_CHECK_SECONDS)
    ender.end(f"the parent process {pid} is gone")


def end_children() -> None:
    """Ends all descendant processes: Lambda workers, the Spark session, model servers."""
    children = psutil.Process().children(recursive=True)
    for child in children:
        _quietly(child.terminate)
    _, alive = psutil.wait_procs(children, timeout=CHILD_GRACE_SECONDS)
    for child in alive:
        _quietly(child.kill)
    psutil.wait_procs(alive, timeout=1)


def raise_file_limit() -> None:
    """Raises the soft limit of open files: a feed's connection bursts exceed the usual default."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ImportError, ValueError, OSError):
        log.warning("the limit of open files could not be raised")


def _quietly(action: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.Error):
        action()
