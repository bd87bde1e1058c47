"""The check of the quality: scores whose labels are known, against the promise of the evaluation."""

import json
from typing import Any

import numpy as np
import pytest
from etl_shop import LABEL_SQL, Shop, event
from sklearn import metrics as sk

from etl.shared.errors import SqlError

DAYS = ("1998-01-05", "1998-01-12", "1998-01-19")
CUSTOMERS = [f"c{number:03}" for number in range(240)]


def buyers(seed: int) -> dict[str, tuple[float, bool]]:
    """The score of each customer, and whether the customer churns: with the score as the probability."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0.05, 0.95, len(CUSTOMERS)).round(6)
    return {
        name: (float(score), bool(random.random() < score))
        for name, score in zip(CUSTOMERS, scores, strict=True)
    }


TRUTH = {day: buyers(seed) for seed, day in enumerate(DAYS)}


def scores(day: str, wrong: bool = False) -> dict[str, float]:
    """The scores of a day: right, or the wrong way round."""
    return {name: round(1 - score, 6) if wrong else score for name, (score, _) in TRUTH[day].items()}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A shop in which who does not churn orders on the as-of day; three days are scored by version 3."""
    orders = [
        (day, name)
        for day, customers in TRUTH.items()
        for name, (_, churns) in customers.items()
        if not churns
    ]
    shop.land(
        [
            event(number, f"{day}T00:00:00Z", customer_id=name, price=1.0)
            for number, (day, name) in enumerate(orders)
        ]
    )
    shop.publish("1998-02-10")
    return shop


def evaluated(shop: Shop, version: int, auc: float = 0.8, margin: float = 0.02) -> str:
    """Write a version's evaluation, which promises an AUC; returns its URI."""
    names = (
        "f1",
        "precision",
        "recall",
        "accuracy",
        "log_loss",
        "brier",
        "average_precision",
        "calibration_error",
    )
    file = shop.home / f"evaluation-{version}.json"
    challenger = {
        "metrics": {"auc": auc} | dict.fromkeys(names, 0.5),
        "intervals": {"auc": [auc - margin, auc + margin]} | {name: [0.4, 0.6] for name in names},
        "threshold": 0.5,
    }
    file.write_text(json.dumps({"challenger": challenger, "base_rate": 0.5}))
    return f"file://{file}"


def plan(shop: Shop, days: dict[str, int], judged: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """The plan of a check of some days, each with its version."""
    uris = {version: evaluated(shop, version) for version in set(days.values())}
    matured = [
        {
            "as_of": day,
            "run_id": f"run-of-{day}",
            "version": version,
            "evaluation_uri": uris[version],
            "judged": day in judged,
        }
        for day, version in days.items()
    ]
    quality = {"as_of": "1998-02-10", "since": DAYS[0], "days": matured} | changes
    return {"version": max(days.values()), "serving": None, "quality": quality}


def day_report(shop: Shop, day: str) -> dict[str, Any]:
    return json.loads((shop.home / f"reports/shop/model-quality/days/{day}.json").read_text())


def test_scores_are_joined_with_what_happened(shop: Shop) -> None:
    shop.scored(DAYS[0], scores(DAYS[0]))
    report = shop.judge(plan(shop, {DAYS[0]: 3}))

    expected = sorted((name, score, int(churns)) for name, (score, churns) in TRUTH[DAYS[0]].items())
    found = shop.table("outcomes").collect()
    assert sorted((row["entity"], row["score"], row["label"]) for row in found) == expected
    assert {(row["as_of"], row["model_version"]) for row in found} == {(DAYS[0], 3)}
    labels, answers = [row[2] for row in expected], [row[1] for row in expected]
    (version,) = report["versions"]
    assert version["metrics"]["auc"]["value"] == pytest.approx(sk.roc_auc_score(labels, answers), abs=1e-6)
    assert version["metrics"]["log_loss"]["value"] == pytest.approx(sk.log_loss(labels, answers), abs=1e-6)
    assert version["metrics"]["base_rate"] == {
        "value": pytest.approx(np.mean(labels), abs=1e-6),
        "interval": version["metrics"]["base_rate"]["interval"],
        "promised": 0.5,
        "promised_interval": None,
    }
    assert (version["rows"], version["positives"], version["measured_rows"]) == (240, sum(labels), 240)
    assert day_report(shop, DAYS[0])["metrics"] == version["metrics"]


def test_a_kept_promise_sends_a_strength_below_one(shop: Shop) -> None:
    for day in DAYS:
        shop.scored(day, scores(day))
    sent: list[dict[str, float]] = []
    report = shop.judge(plan(shop, dict.fromkeys(DAYS, 3)), sent.append)

    assert report["status"] == "kept"
    assert report["versions"][0]["days"] == list(DAYS)
    assert report["new_days"] == list(DAYS)
    assert report["versions"][0]["onset"] is None
    assert [list(values) for values in sent] == [["QualityShortfall"]]
    assert sent[0]["QualityShortfall"] < 1


def test_a_broken_promise_is_found_with_the_day_since_which_it_is_broken(shop: Shop) -> None:
    for day in DAYS:
        shop.scored(day, scores(day, wrong=day != DAYS[0]))
    sent: list[dict[str, float]] = []
    report = shop.judge(plan(shop, dict.fromkeys(DAYS, 3)), sent.append)

    assert report["status"] == "broken"
    assert report["versions"][0]["onset"] == DAYS[1]
    assert sent[0]["QualityShortfall"] == report["versions"][0]["strength"] > 1
    assert "on 720 scores of 3 as-of days (1998-01-05 to 1998-01-19)" in report["reason"]
    assert "the evaluation of v3 promised 0.800 [0.780, 0.820]" in report["reason"]


def test_each_version_is_judged_by_its_own_days_and_only_the_serving_one_alarms(shop: Shop) -> None:
    shop.scored(DAYS[0], scores(DAYS[0], wrong=True), version=3)
    shop.scored(DAYS[1], scores(DAYS[1]), version=4)
    sent: list[dict[str, float]] = []
    report = shop.judge(plan(shop, {DAYS[0]: 3, DAYS[1]: 4}), sent.append)

    assert [(one["version"], one["status"], one["days"]) for one in report["versions"]] == [
        (4, "kept", [DAYS[1]]),
        (3, "broken", [DAYS[0]]),
    ]
    assert report["status"] == "kept"
    assert sent[0]["QualityShortfall"] < 1


def test_a_later_check_labels_new_days_only_and_pools_them_with_the_judged_ones(shop: Shop) -> None:
    for day in DAYS[:2]:
        shop.scored(day, scores(day))
    shop.judge(plan(shop, {DAYS[0]: 3}))
    before = day_report(shop, DAYS[0])
    report = shop.judge(plan(shop, dict.fromkeys(DAYS[:2], 3), judged=(DAYS[0],)))

    assert report["new_days"] == [DAYS[1]]
    assert report["versions"][0]["rows"] == 480
    assert day_report(shop, DAYS[0]) == before


def test_a_day_before_the_window_is_judged_but_not_pooled(shop: Shop) -> None:
    for day in DAYS[:2]:
        shop.scored(day, scores(day))
    report = shop.judge(plan(shop, dict.fromkeys(DAYS[:2], 3), since=DAYS[1]))

    assert report["versions"][0]["days"] == [DAYS[1]]
    assert report["new_days"] == list(DAYS[:2])
    assert day_report(shop, DAYS[0])["rows"] == 240


def test_a_day_that_was_scored_again_is_judged_again(shop: Shop) -> None:
    shop.scored(DAYS[0], scores(DAYS[0], wrong=True))
    shop.judge(plan(shop, {DAYS[0]: 3}))
    shop.scored(DAYS[0], scores(DAYS[0]))
    report = shop.judge(plan(shop, {DAYS[0]: 3}))

    assert report["status"] == "kept"
    assert shop.table("outcomes").count() == 240


def test_too_few_scores_are_no_result_and_send_no_metric(shop: Shop) -> None:
    shop.scored(DAYS[0], dict(list(scores(DAYS[0]).items())[:40]))
    sent: list[dict[str, float]] = []
    report = shop.judge(plan(shop, {DAYS[0]: 3}), sent.append)

    assert report["status"] == "skipped"
    assert report["reason"].startswith("40 scores have a known label")
    assert sent == []


def test_a_version_without_known_labels_is_no_result(shop: Shop) -> None:
    shop.scored(DAYS[0], scores(DAYS[0]))
    report = shop.judge(plan(shop, {DAYS[0]: 3}) | {"version": 4})

    assert (report["status"], report["reason"]) == (
        "skipped",
        "no score of v4 in the window has a known label yet",
    )
    assert report["versions"][0]["status"] == "kept"


def test_if_the_check_is_interrupted_before_its_metric_is_sent_the_days_are_still_to_judge(
    shop: Shop,
) -> None:
    def lost(_: dict[str, float]) -> None:
        raise ConnectionError("CloudWatch")

    shop.scored(DAYS[0], scores(DAYS[0]))
    with pytest.raises(ConnectionError):
        shop.judge(plan(shop, {DAYS[0]: 3}), lost)
    assert not (shop.home / "reports/shop/model-quality/days").exists()
    assert shop.judge(plan(shop, {DAYS[0]: 3}))["new_days"] == [DAYS[0]]


def test_a_label_query_that_forgets_scored_entities_is_refused(shop: Shop) -> None:
    shop.scored(DAYS[0], scores(DAYS[0]))
    shop.spec["label_sql"] = LABEL_SQL.replace("LEFT JOIN", "INNER JOIN")
    with pytest.raises(SqlError, match="are absent from its result"):
        shop.judge(plan(shop, {DAYS[0]: 3}))


def test_beyond_the_limit_a_part_of_the_entities_is_measured_and_the_report_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.monitor.outcomes.MOST_ROWS", 240)
    for day in DAYS[:2]:
        shop.scored(day, scores(day))
    (version,) = shop.judge(plan(shop, dict.fromkeys(DAYS[:2], 3)))["versions"]

    assert version["rows"] == 480
    assert 160 < version["measured_rows"] < 320
    # Whole entities are drawn: each has a row on both days.
    assert version["measured_rows"] % 2 == 0
