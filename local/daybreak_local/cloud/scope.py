"""Calls into ministack from other threads and from outside a request.

ministack's state is not thread-safe: only its event loop may change it. Other threads (jobs, model servers,
Step Functions executions) therefore submit their calls to that loop.
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
    """Sets ministack's request-scoped account and region outside a request."""
    return request_scope(ACCOUNT_ID, REGION)


def on_loop(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Runs a short synchronous function on ministack's event loop; callable from any thread."""

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
