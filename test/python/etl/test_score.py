"""The score step: one set of scores per day and version in the table, and the newest day at a fixed place."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pandas as pd
import pytest
from daily_scores import COLUMNS
from etl_shop import CHAMPION, Shop, event

from etl.score.step import COLUMNS as TABLE_COLUMNS


def folder_of(uri: str) -> Path:
    return Path(urlparse(uri).path)


def table(shop: Shop) -> list[tuple[str, str, float, int]]:
    rows = shop.spark.table(f"lake.{shop.database}.scores").collect()
    return sorted((row["as_of"], row["entity"], row["score"], row["model_version"]) for row in rows)


def exported(shop: Shop) -> pd.DataFrame:
    folder = shop.home / "scores/shop/exports/latest"
    csv = pd.read_csv(folder / "scores.csv", dtype={"entity": str})
    parquet = pd.read_parquet(folder / "scores.parquet")
    assert csv["entity"].tolist() == parquet["entity"].tolist()
    assert csv["score"].tolist() == parquet["score"].tolist()
    return parquet


def test_the_table_has_the_columns_of_the_scoring_job() -> None:
    assert list(TABLE_COLUMNS) == COLUMNS


def test_scores_are_in_the_table_and_at_a_fixed_place(shop: Shop) -> None:
    report = shop.scored("1998-01-08", {"c1": 0.05, "c2": 0.35, "c3": 1.0})

    assert report["rows"] == 3
    assert report["deciles"] == [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert report["exported"] is True
    assert table(shop) == [("1998-01-08", f"c{n}", s, 3) for n, s in ((1, 0.05), (2, 0.35), (3, 1.0))]
    assert exported(shop)["reason_1_feature"].tolist() == ["spent"] * 3


def test_a_rerun_replaces_the_rows_of_its_day_and_version_only(shop: Shop) -> None:
    shop.scored("1998-01-08", {"c1": 0.1, "c2": 0.2})
    shop.scored("1998-01-09", {"c1": 0.3})
    shop.scored("1998-01-09", {"c1": 0.4}, version=4)
    shop.scored("1998-01-08", {"c1": 0.15, "c2": 0.2})

    assert table(shop) == [
        ("1998-01-08", "c1", 0.15, 3),
        ("1998-01-08", "c2", 0.2, 3),
        ("1998-01-09", "c1", 0.3, 3),
        ("1998-01-09", "c1", 0.4, 4),
    ]


def test_a_rerun_that_scores_nobody_leaves_nobodys_score(shop: Shop) -> None:
    shop.scored("1998-01-08", {"c1": 0.1, "c2": 0.2})
    shop.scored("1998-01-08", {"c1": 0.3}, version=4)
    shop.scored("1998-01-08", {})

    assert table(shop) == [("1998-01-08", "c1", 0.3, 4)]


def test_an_older_day_never_replaces_a_newer_export(shop: Shop) -> None:
    shop.scored("1998-01-09", {"c1": 0.3})
    report = shop.scored("1998-01-08", {"c1": 0.1, "c2": 0.2})

    assert report["exported"] is False
    assert exported(shop)["as_of"].tolist() == ["1998-01-09"]
    reports = shop.home / "reports/shop/scores"
    assert json.loads((reports / "latest.json").read_text())["as_of"] == "1998-01-09"
    assert json.loads((reports / "days/1998-01-08.json").read_text())["run_id"] == "run-2"


def test_a_day_without_entities_is_scored_too(shop: Shop) -> None:
    report = shop.scored("1998-01-08", {})

    assert report["rows"] == 0
    assert report["exported"] is True
    assert len(exported(shop)) == 0


@pytest.mark.parametrize("champion", [None, CHAMPION])
def test_the_features_step_writes_the_days_rows_if_a_version_serves(
    shop: Shop, champion: dict[str, Any] | None
) -> None:
    shop.land([event(number, f"1998-01-0{1 + number}T10:00:00Z") for number in range(6)])
    arguments = shop.arguments("1998-01-07", champion=champion, cutoffs=["1998-01-05", "1998-01-07"])
    shop.transform(arguments)
    shop.quality(arguments)
    shop.features(arguments)

    rows = folder_of(json.loads(folder_of(arguments["run"]).read_text())["scoring_set_uri"]) / "rows"
    if champion is None:
        assert not rows.exists()
        return
    files = list(rows.rglob("*.parquet"))
    assert len(files) == 1
    frame = pd.read_parquet(files[0])
    assert frame.columns.tolist() == ["as_of", "customer_id", "orders", "spent", "channel"]
    assert frame["as_of"].unique().tolist() == ["1998-01-07"]
    assert frame["customer_id"].tolist() == ["c0", "c1", "c2", "c3", "c4"]
    assert frame["orders"].tolist() == [2, 1, 1, 1, 1]
