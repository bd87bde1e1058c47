"""How threads, and work that no request started, call into ministack.

ministack keeps its state in plain dictionaries that its event loop alone changes. Work on other threads
(jobs, model servers, Step Functions executions) therefore hands its calls over to that loop instead of
touching the state.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from ministack import app
from ministack.core.responses import request_scope

from daybreak_local.account import ACCOUNT_ID, REGION


def endpoint_url() -> str:
    """Where the local cloud answers."""
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def service_scope() -> AbstractContextManager[None]:
    """Pins ministack's request-scoped account and region for work that no request started."""
    return request_scope(ACCOUNT_ID, REGION)


def on_loop(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Runs a quick, synchronous function on ministack's event loop and returns its result, from any
    thread.
    """

    def scoped() -> Any:
        with service_scope():
            return function(*args, **kwargs)

    loop = app._MAIN_LOOP
    if loop is None or loop.is_closed() or _is_current(loop):
        return scoped()

    async def call() -> Any:
        return scoped()

    return asyncio.run_coroutine_threadsafe(call(), loop).result()


def _is_current(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
