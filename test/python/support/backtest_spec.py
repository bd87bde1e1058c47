"""The parts of a pipeline's spec that a backtest reads, with gates that small data passes."""

from typing import Any


def backtest_spec(
    columns: dict[str, Any], horizon_days: int, lateness_days: int, rounds: int, monitoring: dict[str, Any]
) -> dict[str, Any]:
    """A spec; `monitoring` is what the backtest watches."""
    return {
        "entity": "customer",
        "features": {"columns": columns},
        "label": {"name": "churned", "horizon_days": horizon_days},
        "events": {"allowed_lateness_days": lateness_days},
        "training": {
            "hyperparameters": {"num_round": rounds},
            "seed": 7,
            "min_rows": 100,
            "cutoff_every_days": 7,
            "history_days": 91,
            "validation_share": 0.2,
            "test_share": 0.25,
        },
        "serving": {"threshold": "auto"},
        "segments": {},
        "monitoring": monitoring,
        "gates": {
            "minimum": {"auc": 0.6},
            "min_test_rows": 50,
            "champion": {"metric": "auc", "margin": 0.01},
            "lift": {"over_chance": 0, "over_simple_model": -0.1},
        },
    }
