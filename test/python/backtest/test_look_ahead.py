"""What a backtest decides on a day depends on nothing that was known only later."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from backtest_spec import backtest_spec
from history import History
from versions import Version, train_version
from watching import Watch

HORIZON, LATENESS = 14, 3
DAYS = [(date(2026, 1, 5) + timedelta(weeks=week)).isoformat() for week in range(16)]
TODAY = DAYS[11]
SPEC = backtest_spec(
    {"spend": {"type": "double"}, "device": {"type": "string"}},
    HORIZON,
    LATENESS,
    rounds=20,
    monitoring={
        "drift": {"alpha": 0.005, "effect": 0.1},
        "quality": {"alpha": 0.001, "window_days": 56},
    },
)


def label_known_on(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=HORIZON + LATENESS)).isoformat()


def past() -> pd.DataFrame:
    random = np.random.default_rng(1)
    rows = len(DAYS) * 300
    spend = random.random(rows)
    return pd.DataFrame(
        {
            "as_of": np.repeat(DAYS, 300),
            "customer": [f"c{number % 300}" for number in range(rows)],
            "spend": spend,
            "device": random.choice(["web", "tv"], rows),
            "churned": (random.random(rows) < spend).astype(float),
        }
    )


def with_another_future(rows: pd.DataFrame) -> pd.DataFrame:
    """Other rows after today, and other labels where they are not known today."""
    later = rows["as_of"] > TODAY
    unknown = rows["as_of"].map(label_known_on) > TODAY
    return rows.assign(
        spend=rows["spend"].where(~later, 1000.0),
        device=rows["device"].where(~later, "fridge"),
        churned=rows["churned"].where(~unknown, 1 - rows["churned"]),
    )


def decided(rows: pd.DataFrame) -> tuple[list[bytes], list[Any]]:
    """The models of two days, and what is said of them today."""
    watch = Watch(History(rows, SPEC))
    champion, challenger = (
        train_version(watch.history, day, [one for one in DAYS if label_known_on(one) <= day])
        for day in (DAYS[7], TODAY)
    )
    served = [{"as_of": day, "version": champion.day} for day in DAYS if champion.day < day <= TODAY]
    answers = [
        watch.gate(challenger, {"champion": champion}),
        watch.drift(champion, TODAY),
        watch.quality(champion, TODAY, served),
    ]
    return [bytes(model.booster.save_raw()) for model in _models(champion, challenger)], answers


def _models(*versions: Version) -> list[Any]:
    return [model for version in versions for model in (version.evaluated, version.serving)]


def test_another_future_gives_the_same_models_and_the_same_answers() -> None:
    models, answers = decided(past())
    others, other_answers = decided(with_another_future(past()))

    assert models == others
    assert answers == other_answers
    # The questions had something to answer: a model that is judged, and labels that are known.
    assert answers[0]["best"] in (DAYS[7], TODAY)
    assert "rows with known labels" in answers[2]["reason"]


def test_another_past_gives_other_models() -> None:
    rows = past()
    known = rows["as_of"].map(label_known_on) <= DAYS[7]
    models, _ = decided(rows)
    others, _ = decided(rows.assign(churned=rows["churned"].where(~known, 1 - rows["churned"])))

    assert all(one != other for one, other in zip(models, others, strict=True))
