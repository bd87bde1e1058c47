"""Routes an endpoint's requests to one fleet, or to two while a deployment shifts traffic."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from daybreak_local.sagemaker.hosting.fleet import Fleet


@dataclass
class _Share:
    fleet: Fleet
    percent: float
    credit: float = 0.0


class Traffic:
    """Chooses a request's fleet and counts the request as in flight under one lock, so that a fleet removed
    from routing gets no further requests and can be drained without loss.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shares: list[_Share] = []

    def route(self, *shares: tuple[Fleet, float]) -> None:
        """Sets the percentage of requests for each fleet."""
        with self._lock:
            self._shares = [_Share(fleet, percent) for fleet, percent in shares if percent > 0]

    def shares(self) -> dict[str, float]:
        """Percentage by endpoint configuration name; empty if no fleet is routed to."""
        with self._lock:
            return {share.fleet.config_name: share.percent for share in self._shares}

    @contextmanager
    def request(self) -> Iterator[Fleet | None]:
        """The fleet for one request, in flight until the context exits; None if there is none.

        Smooth weighted round robin, so that even short windows match the percentages.
        """
        with self._lock:
            for share in self._shares:
                share.credit += share.percent
            chosen = max(self._shares, key=lambda share: share.credit, default=None)
            if chosen:
                chosen.credit -= sum(share.percent for share in self._shares)
                chosen.fleet.enter()
        try:
            yield chosen.fleet if chosen else None
        finally:
            if chosen:
                chosen.fleet.leave()
