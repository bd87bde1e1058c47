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
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from hypercorn.asyncio import serve as serve_asgi
from hypercorn.config import Config

from daybreak_local.cloud.root_keys import RootKeys

if TYPE_CHECKING:
    from daybreak_local.cloud.additions import Additions

# Configured before importing ministack, whose basicConfig would log to standard error.
log = logging.getLogger("daybreak.cloud")

PARENT_CHECK_SECONDS = 0.5
CHILD_GRACE_SECONDS = 3.0
FORCE_SECONDS = 20.0


def serve(port: int, home: Path, keys: RootKeys, parent_pid: int | None, *, lazy_spark: bool) -> int:
    """Runs until shutdown; returns the exit code."""
    logging.basicConfig(
        filename=home / "cloud.log",
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s [%(name)s] %(message)s",
    )
    logging.getLogger("daybreak").setLevel(logging.INFO)
    raise_file_limit()
    asyncio.run(_serve(port, home, keys, parent_pid, lazy_spark))
    return 0


async def _serve(port: int, home: Path, keys: RootKeys, parent_pid: int | None, lazy_spark: bool) -> None:
    from daybreak_local.cloud.additions import Additions

    additions = Additions(home, keys, lazy_spark=lazy_spark)
    additions.install()

    loop, ending = asyncio.get_running_loop(), asyncio.Event()

    def end(why: str) -> None:
        """Shuts down gracefully, or forcibly after a timeout, because the event loop may hang."""
        log.info("ending: %s", why)
        loop.call_soon_threadsafe(ending.set)
        force = threading.Timer(FORCE_SECONDS, force_end)
        force.daemon = True
        force.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end("it received a signal"))
    if parent_pid:
        threading.Thread(target=watch_parent, args=(parent_pid, end), name="parent", daemon=True).start()

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    # The default of 1000 requests closes a connection while a client sends its next request.
    config.keep_alive_max_requests = 10**9
    config.graceful_timeout = 1
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    config.backlog = 512

    async def ended() -> None:
        await ending.wait()
        # Before the server stops: final deliveries and logs go through its API.
        await asyncio.to_thread(additions.stop)

    announcing = asyncio.create_task(_announce(port, additions))
    try:
        await serve_asgi(additions.app, config, shutdown_trigger=ended)
    finally:
        announcing.cancel()
        await asyncio.to_thread(end_children)
        log.info("ended")


async def _announce(port: int, additions: "Additions") -> None:
    """Prints the ready line once the port is open, which hypercorn does after ministack has started."""
    while not await _answers(port):
        await asyncio.sleep(0.02)
    await additions.start()
    line = {"ready": True, "endpoint": f"http://127.0.0.1:{port}", "pid": os.getpid()}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    log.info("ready on port %s", port)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def force_end() -> None:
    """Ends the process at once."""
    log.error("the shutdown took longer than %s s and is now forced", FORCE_SECONDS)
    end_children()
    os._exit(1)


def watch_parent(pid: int, end: Callable[[str], None]) -> None:
    """Shuts down when the parent process exits."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
            time.sleep(PARENT_CHECK_SECONDS)
    end(f"the parent process {pid} is gone")


def end_children() -> None:
    """Ends all descendant processes: Lambda workers, the Spark session, model servers."""
    alive = psutil.Process().children(recursive=True)
    for signal_number, seconds in ((signal.SIGTERM, CHILD_GRACE_SECONDS), (signal.SIGKILL, 1)):
        for child in alive:
            with contextlib.suppress(psutil.Error):
                child.send_signal(signal_number)
        _, alive = psutil.wait_procs(alive, timeout=seconds)


def raise_file_limit() -> None:
    """Raises the soft limit of open files: a feed's connection bursts exceed the usual default."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ImportError, ValueError, OSError):
        log.warning("the limit of open files could not be raised")
