"""Challenger and champion are evaluated on the same rows, whichever features they were trained with."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from artifact import Model
from contest import Version
from evaluation import evaluate
from explanation import shap_summary, shap_values
from pipeline import Pipeline
from segments import Segments
from settings import parse_settings
from sklearn.metrics import roc_auc_score
from splits import Column, DatasetDescription
from threshold import Costs, ThresholdRule
from training import fit
from user_error import UserError

AS_OF = "2025-02-13"
SETTINGS = parse_settings({"num_round": 30, "eta": 0.2})


def train(train_rows: pd.DataFrame, validation: pd.DataFrame, description: DatasetDescription) -> Model:
    model = fit(train_rows, validation, description, SETTINGS)
    return Model(model.booster, model.features, {"threshold": model.threshold, "run_id": "run-1"})


@pytest.fixture
def challenger(rows: Callable[..., pd.DataFrame], description: DatasetDescription) -> Model:
    return train(rows(600, 1), rows(200, 2), description)


@pytest.fixture
def judged(
    rows: Callable[..., pd.DataFrame], description: DatasetDescription, pipeline: Pipeline
) -> Callable[..., dict[str, Any]]:
    """The evaluation of a challenger against some versions."""

    def evaluated(challenger: Model, *versions: Version, test: pd.DataFrame | None = None, **changes: Any):
        chosen = rows(300, 3) if test is None else test
        settings = replace(pipeline, **changes)
        return evaluate(challenger, versions, rows(600, 1), chosen, description, settings, AS_OF)

    return evaluated


def failed(report: dict[str, Any]) -> list[str]:
    return [rule["rule"] for rule in report["verdict"] if not rule["passed"]]


def test_a_model_that_is_both_challenger_and_champion_gets_equal_figures(
    challenger: Model, judged: Callable[..., dict[str, Any]], rows: Callable[..., pd.DataFrame]
) -> None:
    report = judged(challenger, Version("champion", challenger, 4, "2024-12-31"))

    champion = report["champion"]
    assert (champion.pop("version"), champion.pop("seen_rows")) == ("4", 0)
    assert champion == report["challenger"]
    assert report["test_rows"] == 300
    assert report["base_rate"] == pytest.approx(rows(300, 3)["churned"].mean(), abs=1e-6)
    confusion = report["challenger"]["confusion"]
    assert sum(confusion.values()) == report["test_rows"]
    (compared,) = [one for one in report["comparisons"] if one["kind"] == "champion"]
    assert compared == {
        "kind": "champion",
        "name": "v4, the serving version",
        "metric": "auc",
        "rows": 300,
        "challenger": champion["metrics"]["auc"],
        "rival": champion["metrics"]["auc"],
        "difference": 0.0,
        "interval": [0.0, 0.0],
    }
    assert failed(report) == []
    assert report["floor_version"] == 4


def test_every_metric_has_an_interval_around_it(
    challenger: Model, judged: Callable[..., dict[str, Any]]
) -> None:
    report = judged(challenger)["challenger"]
    assert report["intervals"].keys() == report["metrics"].keys()
    for name, (low, high) in report["intervals"].items():
        if name != "calibration_error":
            assert low < report["metrics"][name] < high


def test_every_model_is_measured_at_the_threshold_with_which_it_serves(
    challenger: Model, judged: Callable[..., dict[str, Any]]
) -> None:
    cautious = Model(challenger.booster, challenger.features, {"threshold": 0.9, "threshold_by": "profit"})
    champion = Version("champion", cautious, 4, "2024-12-31")

    fixed = judged(challenger, champion, threshold=ThresholdRule(0.8, None))
    assert [fixed[role]["threshold"] for role in ("challenger", "champion")] == [0.8, 0.8]
    assert [fixed[role]["threshold_by"] for role in ("challenger", "champion")] == ["fixed", "fixed"]

    own = judged(challenger, champion, threshold=ThresholdRule(None, None))
    assert own["challenger"]["threshold"] == pytest.approx(challenger.threshold, abs=1e-6)
    assert own["champion"]["threshold"] == 0.9
    assert own["champion"]["threshold_by"] == "profit"
    assert own["challenger"]["metrics"]["auc"] == own["champion"]["metrics"]["auc"]
    assert own["challenger"]["metrics"]["recall"] > own["champion"]["metrics"]["recall"]


def test_the_gate_compares_the_f1_of_what_serves(
    challenger: Model, judged: Callable[..., dict[str, Any]], pipeline: Pipeline
) -> None:
    cautious = Model(challenger.booster, challenger.features, {"threshold": 0.99})
    gates = replace(pipeline.gates, metric="f1")

    report = judged(
        challenger,
        Version("champion", cautious, 4, "2024-12-31"),
        gates=gates,
        threshold=ThresholdRule(None, None),
    )

    (compared,) = [one for one in report["comparisons"] if one["kind"] == "champion"]
    assert compared["challenger"] == report["challenger"]["metrics"]["f1"]
    assert compared["rival"] == report["champion"]["metrics"]["f1"]
    assert compared["difference"] > 0.1


def test_the_profit_is_what_acting_on_the_predicted_positives_brings(
    challenger: Model, judged: Callable[..., dict[str, Any]]
) -> None:
    report = judged(challenger, threshold=ThresholdRule(None, Costs(2, 40, 0.3)))["challenger"]

    confusion, profit = report["confusion"], report["profit"]
    contacted = confusion["tp"] + confusion["fp"]
    positives = confusion["tp"] + confusion["fn"]
    assert profit["contacted"] == contacted
    assert profit["per_row"] == pytest.approx((12 * confusion["tp"] - 2 * contacted) / 300, abs=1e-6)
    assert profit["per_row_of_all"] == pytest.approx((12 * positives - 2 * 300) / 300, abs=1e-6)
    low, high = profit["interval"]
    assert low < profit["per_row"] < high
    assert judged(challenger)["challenger"]["profit"] is None


def test_segments_have_their_own_metrics_where_there_are_enough_rows(
    challenger: Model, judged: Callable[..., dict[str, Any]], rows: Callable[..., pd.DataFrame]
) -> None:
    declared = Segments.parse({"device": "categories", "recency": [2, 6]})
    test = rows(900, 3)
    found = {
        (one["column"], one["segment"]): one
        for one in judged(challenger, test=test, segments=declared)["segments"]
    }

    names = [name for _, name in found]
    assert names == [
        "web",
        "android",
        "ios",
        "(missing)",
        "up to 2",
        "above 2 up to 6",
        "above 6",
        "(missing)",
    ]
    for column in ("device", "recency"):
        assert sum(one["rows"] for (of, _), one in found.items() if of == column) == 900
    web = test[test["device"] == "web"]
    measured = found["device", "web"]
    assert measured["rows"] == len(web)
    assert measured["base_rate"] == pytest.approx(web["churned"].mean(), abs=1e-6)
    auc = measured["metrics"]["auc"]
    assert auc["value"] == pytest.approx(roc_auc_score(web["churned"], challenger.score(web)), abs=1e-6)
    assert auc["interval"][0] < auc["value"] < auc["interval"][1]
    # 45 rows are too few for figures that mean something.
    assert found["device", "(missing)"]["metrics"] is None


def test_a_champion_with_other_features_is_evaluated_without_them_and_the_report_says_so(
    challenger: Model,
    judged: Callable[..., dict[str, Any]],
    rows: Callable[..., pd.DataFrame],
    description: DatasetDescription,
) -> None:
    earlier = replace(description, features=(*description.features, Column("basket", "double")))
    widened = rows(600, 1).assign(basket=1.0)
    champion = train(widened, rows(200, 2).assign(basket=1.0), earlier)

    report = judged(challenger, Version("champion", champion, 1, "2024-12-31"))

    assert report["champion"]["missing_features"] == ["basket"]
    assert report["challenger"]["missing_features"] == []


def test_a_challenger_without_its_features_is_an_error(
    challenger: Model,
    rows: Callable[..., pd.DataFrame],
    description: DatasetDescription,
    pipeline: Pipeline,
) -> None:
    narrowed = replace(description, features=description.features[:1])

    with pytest.raises(UserError, match="challenger learnt from: device"):
        evaluate(challenger, [], rows(600, 1), rows(300, 3).drop(columns="device"), narrowed, pipeline, AS_OF)


def test_a_champion_is_compared_on_the_rows_that_it_has_not_seen(
    challenger: Model, judged: Callable[..., dict[str, Any]], rows: Callable[..., pd.DataFrame]
) -> None:
    """The champion knows the answers of the first two of four days by heart."""
    days = ("2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27")
    test = rows(1200, 3, days)
    seen = test[test["as_of"] <= "2025-01-13"]
    cheat = Model(challenger.booster, challenger.features, challenger.metadata)
    known = seen["churned"].to_numpy(dtype=np.float32)

    class Cheat(Model):
        def score(self, frame: pd.DataFrame) -> np.ndarray:
            return np.concatenate([known, cheat.score(frame)[len(known) :]])

    champion = Cheat(challenger.booster, challenger.features, challenger.metadata)
    flattered = judged(challenger, Version("champion", champion, 2, "2025-01-05"), test=test)
    honest = judged(challenger, Version("champion", champion, 2, "2025-01-19"), test=test)

    assert failed(flattered) == ["auc against v2, the serving version"]
    assert failed(honest) == []
    assert honest["champion"]["seen_rows"] == len(seen)
    (compared,) = [one for one in honest["comparisons"] if one["kind"] == "champion"]
    assert (compared["rows"], compared["difference"]) == (1200 - len(seen), 0)


def test_too_few_rows_that_the_champion_has_not_seen_is_a_lack_of_evidence_and_has_a_date(
    challenger: Model, judged: Callable[..., dict[str, Any]], rows: Callable[..., pd.DataFrame]
) -> None:
    test = rows(600, 3, ("2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27"))
    report = judged(challenger, Version("champion", challenger, 2, "2025-01-26"), test=test)
    unseen = int((test["as_of"] > "2025-01-26").sum())
    assert [rule for rule in report["verdict"] if not rule["passed"]] == [
        {
            "rule": "test rows new to v2, the serving version",
            "expected": "at least 250",
            "actual": unseen,
            "passed": False,
            "lacks_evidence": True,
            # Two as-of days of 150 rows: 2025-01-27 and 2025-02-03, whose labels are known 17 days later: by
            # the run three steps after it.
            "reason": "v2 has learnt from labels up to 2025-01-26. "
            "A run as of 2025-02-24 or later has enough.",
        }
    ]


def test_where_no_later_run_would_help_the_reason_says_what_does(
    challenger: Model, judged: Callable[..., dict[str, Any]], pipeline: Pipeline
) -> None:
    gates = replace(pipeline.gates, min_test_rows=301)
    champion = Version("champion", challenger, 2, "2025-01-06")

    def reasons(history_days: int) -> list[str]:
        report = judged(challenger, champion, gates=gates, history_days=history_days)
        return [rule["reason"] for rule in report["verdict"] if rule["rule"].startswith("test rows")]

    # Two test days are a fifth of eight labelled as-of days, of which there are five now.
    assert reasons(364) == [
        "A run as of about 2025-03-06 has so many.",
        "v2 has learnt from labels up to 2025-01-06. A run as of 2025-03-06 or later has enough.",
    ]
    in_vain, against_champion = reasons(49)
    assert in_vain == "A longer training.history_days or a larger training.test_share gives more test rows."
    assert against_champion.startswith(
        "v2 has learnt from labels up to 2025-01-06, and the test rows are too few. A longer"
    )
    unknown = judged(challenger, Version("champion", challenger, 2, None))
    (rule,) = [rule for rule in unknown["verdict"] if not rule["passed"]]
    assert rule["actual"] == 0
    assert rule["reason"] == "The lineage of v2 does not say from which rows it has learnt."


def test_the_floor_is_the_best_version_until_one_is_better_by_more_than_chance(
    challenger: Model,
    judged: Callable[..., dict[str, Any]],
    rows: Callable[..., pd.DataFrame],
    description: DatasetDescription,
) -> None:
    poor = train(rows(600, 1).assign(recency=1.0), rows(200, 2).assign(recency=1.0), description)
    weak, good = (Version("champion", model, 5, "2024-12-31") for model in (poor, challenger))

    assert judged(challenger)["floor_version"] is None
    assert judged(challenger, weak)["floor_version"] is None
    assert judged(challenger, good)["floor_version"] == 5
    # Not worse than the serving version, but worse than the best so far.
    fallen = judged(poor, weak, Version("floor", challenger, 3, "2024-12-31"))
    assert fallen["floor_version"] == 3
    assert "auc against v3, the best so far" in failed(fallen)
    assert "auc against v5, the serving version" not in failed(fallen)


def test_shap_values_sum_to_the_score_in_log_odds(
    challenger: Model, rows: Callable[..., pd.DataFrame]
) -> None:
    frame = rows(50, 3)
    scores = challenger.score(frame).astype(np.float64)

    values = shap_values(challenger, frame)

    np.testing.assert_allclose(values.sum(axis=1), np.log(scores / (1 - scores)), atol=1e-4)


def test_the_shap_summary_ranks_features_and_samples_their_values(
    challenger: Model, rows: Callable[..., pd.DataFrame]
) -> None:
    summary = shap_summary(challenger, rows(100, 3), seed=7)

    importance = [feature["mean_abs_shap"] for feature in summary["features"]]
    assert importance == sorted(importance, reverse=True)
    assert summary["features"][0]["name"] == "recency"
    assert {type(point["value"]) for point in summary["sample"]} <= {str, float, type(None)}
    assert summary == shap_summary(challenger, rows(100, 3), seed=7)
