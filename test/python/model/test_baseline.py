"""The drift baseline: both references counted in the same bins, and each feature's share of importance."""

import contract
import numpy as np
import pandas as pd
from baseline import drift_baseline
from encoding import Feature

FEATURES = (Feature("recency", "double"), Feature("device", "string", ("web",)))


def rows(recency: list[float], device: list[str | None], days: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"as_of": days, "user": ["u1"] * len(days), "recency": recency, "device": device})


def test_the_baseline_counts_both_references_in_the_bins_of_the_evaluation_rows() -> None:
    evaluation = rows([1.0, 2.0, np.nan, np.inf], ["web", "", "tv", "web"], ["2026-01-12"] * 4)
    training = rows([0.5, 7.0], [None, "web"], ["2026-01-05", "2026-01-01"])

    described = drift_baseline(
        training,
        evaluation,
        "user",
        FEATURES,
        {"recency": 0.3, "device": 0.1},
        np.array([0.1, 0.2, 0.2, 0.3]),
    )

    contract.check("baseline", {"run_id": "run-1", **described})
    assert described == {
        "evaluation": {"rows": 4, "entities": 1, "independent_rows": 1.0, "as_of_days": ["2026-01-12"]},
        "training": {
            "rows": 2,
            "entities": 1,
            "independent_rows": 1.0,
            "as_of_days": ["2026-01-01", "2026-01-05"],
        },
        "features": {
            "recency": {
                "type": "numeric",
                "edges": [1.0],
                "evaluation": [1, 1, 2],
                "training": [1, 1, 0],
                "importance": 0.75,
            },
            "device": {
                "type": "categorical",
                "categories": ["web"],
                "evaluation": [2, 1, 1],
                "training": [1, 0, 1],
                "importance": 0.25,
            },
        },
        "score": {"type": "numeric", "edges": [0.1, 0.2], "evaluation": [1, 2, 1, 0]},
    }


def test_a_model_without_a_split_has_no_important_feature_and_a_constant_score() -> None:
    evaluation = rows([1.0, 2.0], ["web", "web"], ["2026-01-12"] * 2)

    described = drift_baseline(
        evaluation, evaluation, "user", FEATURES, {"recency": 0.0, "device": 0.0}, np.array([0.4, 0.4])
    )

    contract.check("baseline", {"run_id": "run-1", **described})
    assert [feature["importance"] for feature in described["features"].values()] == [0.0, 0.0]
    assert described["score"] == {"type": "constant", "value": 0.4, "evaluation": [2, 0, 0]}
