"""How often the drift check alarms although nothing changed, and how often it misses a shift."""

import json

from drift_simulation import false_alarms, missed_shifts

CHECKS = {100: 2000, 300: 2000, 1_000: 1000, 10_000: 300}
SHIFT_CHECKS = 500


def main() -> None:
    """Print the figures as JSON."""
    figures = [
        {
            "name": f"drift checks of unchanged data that alarm, {rows:,} rows, {checks:,} checks",
            "value": round(100 * false_alarms(rows, checks, seed=rows), 3),
            "unit": "%",
            "aim": "≤ 1",
        }
        for rows, checks in CHECKS.items()
    ]
    figures.append(
        {
            "name": f"shifts of an important feature by 0.4 σ seen, 1,000 rows, {SHIFT_CHECKS} checks",
            "value": round(100 * (1 - missed_shifts(1_000, 0.4, SHIFT_CHECKS, seed=1)), 2),
            "unit": "%",
            "aim": "≥ 90",
        }
    )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
