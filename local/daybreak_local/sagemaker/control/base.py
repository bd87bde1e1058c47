"""What all resource types share: the context, and the registration of operations."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.platform import AccessProblem, Platform
from daybreak_local.sagemaker.store import Record, Store

Request = dict[str, Any]
Operation = Callable[[Request], Record]
logger = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Context:
    """The platform and store that the operations use."""

    platform: Platform
    store: Store = field(default_factory=Store)

    def __post_init__(self) -> None:
        # One thread keeps events in order; off the request thread, so that no request waits for their rules.
        self._events = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sagemaker-events")

    def announce(self, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        """Queues a SageMaker event for the event bus."""

        def put() -> None:
            try:
                self.platform.put_event(detail_type, detail, resources)
            except Exception:
                logger.exception("The event %r could not be put on the bus", detail_type)

        self._events.submit(put)

    def flush_events(self) -> None:
        """Waits until all queued events are on the bus."""
        self._events.submit(lambda: None).result()

    def check_role(self, role_arn: str) -> None:
        """Raises Invalid if SageMaker cannot assume the role."""
        try:
            self.platform.assume_role(role_arn, "SageMaker")
        except AccessProblem as problem:
            raise Invalid(
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
                f"'sagemaker.amazonaws.com' to assume the role. ({problem})"
            ) from None


def operation(name: str) -> Callable[[F], F]:
    """Marks a method as the implementation of an AWS operation."""

    def mark(function: F) -> F:
        function.aws_operation = name  # type: ignore[attr-defined]
        return function

    return mark


def operations_of(*owners: object) -> dict[str, Operation]:
    """The owners' marked methods by operation name."""
    found: dict[str, Operation] = {}
    for owner in owners:
        for attribute in dir(type(owner)):
            name = getattr(getattr(type(owner), attribute), "aws_operation", None)
            if name:
                found[name] = getattr(owner, attribute)
    return found


def stamped(request: Request, **more: Any) -> Record:
    """A new record: the request without tags and token, plus timestamps (Unix seconds)."""
    now = time.time()
    kept = {key: value for key, value in request.items() if key not in ("Tags", "ClientToken")}
    return {**kept, "CreationTime": now, "LastModifiedTime": now, **more}


def refuse_unserved(request: Request, *members: str) -> None:
    """Raises Invalid for members that AWS supports and the local SageMaker would otherwise ignore."""
    for member in members:
        if request.get(member):
            raise Invalid(f"{member} is not served by the local SageMaker; leave it out here.")
