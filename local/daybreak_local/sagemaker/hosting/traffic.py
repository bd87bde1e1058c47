"""Where an endpoint's requests go: one fleet, or two while a deployment shifts traffic."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from daybreak_local.sagemaker.hosting.fleet import Fleet, Variant, pick_by_weight


@dataclass
class _Share:
    fleet: Fleet
    percent: float
    credit: float = 0.0


class NoVariant(Exception):
    """There is no variant to serve the request."""


class Traffic:
    """Chooses fleet and variant of a request and marks it in flight, in one step: a fleet that has been
    taken out gets no request after that, so draining it loses none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shares: list[_Share] = []

    def route(self, *shares: tuple[Fleet, float]) -> None:
        """From now on, each fleet gets its percentage of the requests."""
        with self._lock:
            self._shares = [_Share(fleet, percent) for fleet, percent in shares if percent > 0]

    def shares(self) -> dict[str, float]:
        """Percentage by configuration name."""
        with self._lock:
            return {share.fleet.config_name: share.percent for share in self._shares}

    def __bool__(self) -> bool:
        with self._lock:
            return bool(self._shares)

    @contextmanager
    def request(self, target_variant: str | None) -> Iterator[tuple[Fleet, Variant]]:
        """The fleet and variant of one request, which is in flight as long as the context lasts."""
        with self._lock:
            share = pick_by_weight([(share, share.percent) for share in self._shares])
            variant = share.fleet.pick(target_variant) if share else None
            if share is None or variant is None:
                raise NoVariant(target_variant or "")
            share.fleet.enter()
        try:
            yield share.fleet, variant
        finally:
            share.fleet.leave()
