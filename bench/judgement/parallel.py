"""Runs a simulation for many seeds on all processors, and says how far it is."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Outcome = TypeVar("Outcome")
CHUNK = 5


@dataclass(frozen=True)
class Simulations:
    """A pool of processes."""

    pool: ProcessPoolExecutor

    def run(self, name: str, function: Callable[[int], Outcome], seeds: range) -> list[Outcome]:
        """The outcomes of all seeds, counted on stderr as they come."""
        outcomes = []
        for number, outcome in enumerate(self.pool.map(function, seeds, chunksize=CHUNK), start=1):
            outcomes.append(outcome)
            if number % 50 == 0 or number == len(seeds):
                sys.stderr.write(f"\r{name}: {number:,} of {len(seeds):,}")
                sys.stderr.flush()
        sys.stderr.write("\n")
        return outcomes


@contextmanager
def simulations() -> Iterator[Simulations]:
    """The processes end with the block."""
    with ProcessPoolExecutor() as pool:
        yield Simulations(pool)
