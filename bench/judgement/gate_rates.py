"""How often the gate passes what it should refuse, and refuses what it could pass."""

import json
from collections.abc import Sequence
from functools import partial
from statistics import median
from typing import Any

from gate import Rule
from gate_simulation import (
    challenger_verdict,
    decline,
    default_gates,
    is_passed,
    noise_of_few_verdict,
    noise_verdict,
)
from parallel import Simulations, simulations

SEEDS = 1000
CHAINS = 20
TRIES = 20
# The default of gates.min_test_rows, and more.
ROWS = (500, 1000, 2000, 4000)


def main() -> None:
    """Print the figures as JSON; progress goes to stderr."""
    with simulations() as pool:
        print(json.dumps([*_noise(pool), *_worse(pool), *_equal(pool), *_decline(pool)]))


def _noise(pool: Simulations) -> list[dict[str, Any]]:
    rows = default_gates().min_test_rows
    figures = []
    for base_rate in (0.05, 0.2, 0.5):
        name = f"noise passes, {rows} test rows, base rate {base_rate}"
        verdict = partial(noise_verdict, count=rows, base_rate=base_rate)
        figures.append(_share_passed(name, "≤ 0.1", pool.run(name, verdict, range(SEEDS))))
    for entities in (25, 5):
        name = f"noise passes, {rows} test rows of {entities} entities"
        verdict = partial(noise_of_few_verdict, count=rows, rows=rows // entities)
        figures.append(_share_passed(name, "≤ 0.1", pool.run(name, verdict, range(SEEDS))))
    return figures


def _worse(pool: Simulations) -> list[dict[str, Any]]:
    figures = []
    for count in ROWS[:-1]:
        name = f"a challenger worse by twice the margin passes, {count:,} test rows"
        verdict = partial(challenger_verdict, count=count, difference=-2 * default_gates().margin)
        figures.append(_share_passed(name, "≤ 5", pool.run(name, verdict, range(SEEDS))))
    return figures


def _equal(pool: Simulations) -> list[dict[str, Any]]:
    """An equal challenger is refused for lack of evidence; the refusal says how many rows would do."""
    figures = []
    for count in ROWS:
        name = f"an equal challenger is refused, {count:,} test rows"
        verdicts = pool.run(name, partial(challenger_verdict, count=count, difference=0.0), range(SEEDS))
        refused = [verdict for verdict in verdicts if not is_passed(verdict)]
        figures.append(_figure(name, 100 * len(refused) / SEEDS, "%", ""))
        settling = [rule["rows_to_settle"] for verdict in refused for rule in verdict if _lacks_rows(rule)]
        if settling:
            said = f"rows that would settle it, by the median refusal, {count:,} test rows"
            figures.append(_figure(said, median(settling), "rows", ""))
        known = sum(not any(_lacks_rows(rule) for rule in verdict) for verdict in refused)
        said = f"an equal challenger is refused as worse, {count:,} test rows"
        figures.append(_figure(said, 100 * known / SEEDS, "%", ""))
    return figures


def _decline(pool: Simulations) -> list[dict[str, Any]]:
    margin = default_gates().margin
    figures = []
    for with_floor in (True, False):
        floor = "with" if with_floor else "without"
        name = f"AUC lost to {TRIES} challengers each worse by a quarter of the margin, {floor} a floor"
        fall = partial(decline, tries=TRIES, step=margin / 4, with_floor=with_floor)
        lost = sum(pool.run(name, fall, range(CHAINS))) / CHAINS
        figures.append(_figure(f"{name}, mean of {CHAINS}", lost, "", f"≤ {margin:g}" if with_floor else ""))
    return figures


def _share_passed(name: str, aim: str, verdicts: Sequence[list[Rule]]) -> dict[str, Any]:
    return _figure(name, 100 * sum(is_passed(verdict) for verdict in verdicts) / len(verdicts), "%", aim)


def _figure(name: str, value: float, unit: str, aim: str) -> dict[str, Any]:
    said = f"{name}, {SEEDS:,} seeds" if unit else name
    return {"name": said, "value": round(value, 4), "unit": unit, "aim": aim}


def _lacks_rows(rule: Rule) -> bool:
    return "rows_to_settle" in rule


if __name__ == "__main__":
    main()
