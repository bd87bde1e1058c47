"""What every kind of resource shares: its surroundings, how its operations are found."""

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
    """What the operations work with."""

    platform: Platform
    store: Store = field(default_factory=Store)

    def __post_init__(self) -> None:
        # One thread keeps events in order, and lets no request wait for the rules that they set off.
        self._events = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sagemaker-events")

    def announce(self, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        """Puts an event of SageMaker's on the bus, soon."""

        def put() -> None:
            try:
                self.platform.put_event(detail_type, detail, resources)
            except Exception:
                logger.exception("The event %r could not be put on the bus", detail_type)

        self._events.submit(put)

    def flush_events(self) -> None:
        """Returns when everything announced so far is on the bus."""
        self._events.submit(lambda: None).result()

    def check_role(self, role_arn: str) -> None:
        """Refuses a role that SageMaker could not assume, as the Create operations do."""
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
    """Every marked method of the owners by its operation's name."""
    found: dict[str, Operation] = {}
    for owner in owners:
        for attribute in dir(type(owner)):
            name = getattr(getattr(type(owner), attribute), "aws_operation", None)
            if name:
                found[name] = getattr(owner, attribute)
    return found


def stamped(request: Request, **more: Any) -> Record:
    """A new record: what was asked, without its tags, and when."""
    now = time.time()
    kept = {key: value for key, value in request.items() if key not in ("Tags", "ClientToken")}
    return {**kept, "CreationTime": now, "LastModifiedTime": now, **more}


def refuse_unserved(request: Request, *members: str) -> None:
    """Refuses what AWS would do and the local SageMaker does not, instead of leaving it out quietly."""
    for member in members:
        if request.get(member):
            raise Invalid(f"{member} is not served by the local SageMaker; leave it out here.")
