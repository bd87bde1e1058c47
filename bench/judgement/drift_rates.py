"""How often the drift check alarms although nothing changed, and how often it misses a shift."""

import json
from functools import partial

from drift_simulation import alarms
from parallel import simulations

CHECKS = {100: 2000, 300: 2000, 1_000: 1000, 10_000: 300}
SHIFT_CHECKS = 500


def main() -> None:
    """Print the figures as JSON; progress goes to stderr."""
    figures = []
    with simulations() as pool:
        for rows, checks in CHECKS.items():
            name = f"drift checks of unchanged data that alarm, {rows:,} rows"
            alarmed = sum(alarm for alarm, _ in pool.run(name, partial(alarms, rows=rows), range(checks)))
            figures.append(_figure(f"{name}, {checks:,} checks", 100 * alarmed / checks, "≤ 1"))
        name = "shifts of an important feature by 0.4 σ seen, 1,000 rows"
        checked = pool.run(name, partial(alarms, rows=1_000, shift=0.4), range(SHIFT_CHECKS))
        seen = sum(drifted for _, drifted in checked)
        figures.append(_figure(f"{name}, {SHIFT_CHECKS} checks", 100 * seen / SHIFT_CHECKS, "≥ 90"))
    print(json.dumps(figures))


def _figure(name: str, value: float, aim: str) -> dict[str, str | float]:
    return {"name": name, "value": round(value, 3), "unit": "%", "aim": aim}


if __name__ == "__main__":
    main()
