"""A backtest's rows are those of the training sets: the same events, features and labels."""

import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from etl_shop import Shop, event, weekly
from prepare import prepare
from pyspark.sql import SparkSession

DAYS = weekly("1998-01-05", "1998-03-30")
COLUMNS = ["as_of", "customer_id", "orders", "spent", "channel", "churned"]


def lines() -> list[Any]:
    """Orders of 30 customers on irregular days, with a copy, a broken rule and a line that is no event."""
    chance = random.Random(5)
    orders = [
        event(number, f"1998-{chance.randint(1, 3):02d}-{chance.randint(1, 28):02d}", price=number % 13.0)
        | {"customer_id": f"c{chance.randint(1, 30)}"}
        for number in range(160)
    ]
    return [*orders, orders[3], event(500, "1998-01-07", price=-1.0), "no event"]


def rows_of(folder: Path) -> pd.DataFrame:
    files = [file for file in folder.rglob("*.parquet") if not file.name.startswith(".")]
    frame = pd.concat([pq.read_table(file).to_pandas() for file in files])
    return frame[COLUMNS].sort_values(["as_of", "customer_id"]).reset_index(drop=True)


def backtest_rows(spark: SparkSession, shop: Shop, last_day: str) -> tuple[dict[str, Any], pd.DataFrame]:
    raw = shop.home / "backtest/raw"
    raw.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines()]
    (raw / "0.jsonl").write_text("".join(f"{text}\n" for text in texts))
    target = shop.home / "backtest/rows"
    counts = prepare(
        spark,
        {"spec": shop.spec, "raw": str(raw), "days": DAYS, "last_day": last_day, "target": str(target)},
    )
    return counts, rows_of(target)


def test_they_equal_the_rows_of_a_training_set(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    shop.land(lines())
    arguments = shop.arguments(DAYS[-1], run_id="base", mode="train", cutoffs=DAYS, label_cutoffs=DAYS[:-1])
    for step in (shop.transform, shop.quality, shop.features):
        step(arguments)
    report = shop.train_dataset(arguments)
    expected = rows_of(shop.home / "datasets/shop/base")
    counts, found = backtest_rows(spark, shop, DAYS[-1])
    assert counts == {"lines": 163, "events": 160, "left_out": 3}
    # The training set leaves out the days whose labels reach into its test days.
    purged = set(report["cutoffs"]["purged"])
    labelled = found[(found["as_of"] < DAYS[-1]) & ~found["as_of"].isin(purged)].reset_index(drop=True)
    assert len(labelled) > 30
    pd.testing.assert_frame_equal(labelled, expected, check_dtype=False)


def test_a_label_whose_horizon_goes_beyond_the_data_is_not_known(spark: SparkSession, tmp_path: Path) -> None:
    _, found = backtest_rows(spark, Shop(spark, tmp_path), "1998-03-20")
    known = found.groupby("as_of")["churned"].apply(lambda labels: labels.notna().all())
    assert known[[day for day in known.index if day <= "1998-03-13"]].all()
    late = found[found["as_of"] > "1998-03-13"]
    assert len(late) > 0
    assert late["churned"].isna().all()
