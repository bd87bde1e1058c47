"""Where an endpoint's requests go: one fleet, or two while a deployment shifts traffic."""

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
    """Chooses the fleet of a request and marks it in flight, in one step: a fleet that has been taken out
    gets no request after that, so draining it loses none.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shares: list[_Share] = []

    def route(self, *shares: tuple[Fleet, float]) -> None:
        """From now on, each fleet gets its percentage of the requests."""
        with self._lock:
            self._shares = [_Share(fleet, percent) for fleet, percent in shares if percent > 0]

    def shares(self) -> dict[str, float]:
        """Percentage by configuration name; empty when the endpoint does not serve."""
        with self._lock:
            return {share.fleet.config_name: share.percent for share in self._shares}

    @contextmanager
    def request(self) -> Iterator[Fleet | None]:
        """The fleet of one request, in flight as long as the context lasts; None when there is none.

        Smooth weighted round robin: of any 100 requests, each fleet gets its share.
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
