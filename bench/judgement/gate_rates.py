"""How often the gate passes what it should refuse, and refuses what it could pass."""

import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TypeVar

from gate_simulation import challenger_passes, decline, default_gates, noise_passes

SEEDS = 1000
CHAINS = 20
TRIES = 20
Outcome = TypeVar("Outcome")


def main() -> None:
    """Print the figures as JSON; progress goes to stderr."""
    gates = default_gates()
    rows, margin = gates.min_test_rows, gates.margin
    figures = []
    with ProcessPoolExecutor() as pool:

        def rate(name: str, aim: str, passes: Callable[[int], bool], share: Callable[[float], float]) -> None:
            passed = sum(_each(pool, name, passes, range(SEEDS)))
            value = round(100 * share(passed / SEEDS), 2)
            figures.append({"name": f"{name}, {SEEDS:,} seeds", "value": value, "unit": "%", "aim": aim})

        for base_rate in (0.05, 0.2, 0.5):
            name = f"noise passes, {rows} test rows, base rate {base_rate}"
            rate(name, "≤ 0.1", partial(noise_passes, count=rows, base_rate=base_rate), _same)
        for count in (rows, 2000):
            worse = partial(challenger_passes, count=count, difference=-2 * margin)
            rate(f"a challenger worse by twice the margin passes, {count:,} test rows", "≤ 5", worse, _same)
        for count in (rows, 2000):
            equal = partial(challenger_passes, count=count, difference=0.0)
            rate(f"an equal challenger is refused, {count:,} test rows", "", equal, _others)
        for with_floor in (True, False):
            floor = "with" if with_floor else "without"
            name = f"AUC lost to {TRIES} challengers each worse by a quarter of the margin, {floor} a floor"
            fall = partial(decline, tries=TRIES, step=margin / 4, with_floor=with_floor)
            lost = sum(_each(pool, name, fall, range(CHAINS))) / CHAINS
            aim = f"≤ {margin:g}" if with_floor else ""
            figures.append(
                {"name": f"{name}, mean of {CHAINS}", "value": round(lost, 4), "unit": "", "aim": aim}
            )
    print(json.dumps(figures))


def _same(share: float) -> float:
    return share


def _others(share: float) -> float:
    return 1 - share


def _each(
    pool: ProcessPoolExecutor, name: str, function: Callable[[int], Outcome], seeds: range
) -> Iterable[Outcome]:
    """The outcomes of all seeds, counted on stderr as they come."""
    for number, outcome in enumerate(pool.map(function, seeds, chunksize=5), start=1):
        if number % 50 == 0 or number == len(seeds):
            sys.stderr.write(f"\r{name}: {number} of {len(seeds)}")
            sys.stderr.flush()
        yield outcome
    sys.stderr.write("\n")


if __name__ == "__main__":
    main()
