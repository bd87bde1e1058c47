"""What all resource types share: the context and Describe."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from daybreak_local.sagemaker.errors import Invalid
from daybreak_local.sagemaker.names import name_of
from daybreak_local.sagemaker.platform import AccessProblem, Platform
from daybreak_local.sagemaker.store import Record, Store, Table

Request = dict[str, Any]
Operation = Callable[[Request], Record]
logger = logging.getLogger(__name__)


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


class Resource:
    """A resource type: its table and the operations Describe, List and Delete."""

    def __init__(self, context: Context, table: Table) -> None:
        self._context, self._table = context, table

    def describe(self, request: Request) -> Record:
        """The resource, by name or ARN. Raises NotFound."""
        return self._table.get(name_of(request[f"{self._table.subject}Name"]))

    def delete(self, request: Request) -> Record:
        """Removes the record. Raises NotFound."""
        self._table.delete(name_of(request[f"{self._table.subject}Name"]))
        return {}

    def list(self, request: Request) -> Record:
        """A page of all resources, the newest first."""
        return self._page(self._table.all(), request, "Descending")

    def _page(self, found: Sequence[Record], request: Request, order: str) -> Record:
        """A page of the resources, which are in order of creation; `order` is the operation's default."""
        refuse_unserved(request, "StatusEquals", *(it for it in request if it.endswith(("After", "Before"))))
        if request.get("SortBy", "CreationTime") != "CreationTime":
            raise Invalid("SortBy must be CreationTime at the local SageMaker.")
        named = [it for it in found if request.get("NameContains", "") in it[f"{self._table.subject}Name"]]
        if request.get("SortOrder", order) == "Descending":
            named.reverse()
        if not request.get("NextToken", "0").isdigit():
            raise Invalid("The NextToken is invalid.")
        start = int(request.get("NextToken", "0"))
        end = start + request.get("MaxResults", 10)
        kind = self._table.subject
        member = f"{kind}SummaryList" if kind.startswith("ModelPackage") else f"{kind}s"
        return {member: named[start:end], "NextToken": str(end) if end < len(named) else None}


def refuse_unserved(request: Request, *members: str) -> None:
    """Raises Invalid for members that AWS supports and the local SageMaker would otherwise ignore."""
    for member in members:
        if request.get(member):
            raise Invalid(f"{member} is not supported by the local SageMaker; omit it.")
