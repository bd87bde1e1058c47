"""The training set: labels from later events, a split by time, and the same bytes from the same snapshots."""

from pathlib import Path
from typing import Any

import contract
import pyarrow.parquet as pq
import pytest
from etl_shop import LABEL_SQL, Shop, event, weekly
from pyspark.sql import SparkSession

from etl.shared.errors import SqlError, TrainingSetError

DAYS = weekly("1998-01-05", "1998-03-30")
PLAN: dict[str, Any] = {"mode": "train", "cutoffs": DAYS, "label_cutoffs": DAYS[:-1]}
TIMES = {
    # Orders every week, so never churns until the last order, which is at an as-of day: an outcome, not a
    # feature.
    "loyal": ["1998-01-01", *DAYS[:-1]],
    # Orders once at the start: churned from the first as-of day on, and out of the window 14 days after that.
    "once": ["1998-01-03"],
    "once-later": ["1998-02-20"],
    "once-last": ["1998-03-18"],
    # The next order is exactly at the end of the 7-day horizon and so not an outcome of the as-of day.
    "edge": ["1998-01-04", "1998-01-12T00:00:00Z"],
    # The next order is a microsecond before the end of the horizon.
    "edge-in": ["1998-01-04", "1998-01-11T23:59:59.999999Z"],
}


@pytest.fixture(scope="module")
def trained(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop whose first three jobs have run; each test builds its own training sets."""
    shop = Shop(spark, tmp_path_factory.mktemp("trained"))
    orders = [(name, time) for name, times in TIMES.items() for time in times]
    shop.land([event(number, time, customer_id=name) for number, (name, time) in enumerate(orders)])
    arguments = shop.arguments(DAYS[-1], run_id="base", **PLAN)
    shop.transform(arguments)
    shop.quality(arguments)
    shop.features(arguments)
    return shop


def dataset(shop: Shop, run_id: str, **changes: Any) -> tuple[dict[str, Any], Path]:
    """A training set from the base run's snapshots under another run ID and with a changed spec."""
    before = shop.spec
    shop.spec = before | {key: value for key, value in changes.items() if key != "plan"}
    arguments = shop.arguments(DAYS[-1], run_id=run_id, **(PLAN | changes.get("plan", {})))
    shop.spec = before
    reports = shop.home / "reports/shop/runs"
    for step in ("quality", "features"):
        (reports / run_id / f"{step}.json").write_text((reports / f"base/{step}.json").read_text())
    return shop.train_dataset(arguments), shop.home / "datasets/shop" / run_id


def read(folder: Path, part: str) -> list[dict[str, Any]]:
    (file,) = [path for path in (folder / part).iterdir() if not path.name.startswith(".")]
    return pq.read_table(file).to_pylist()


def test_labels_use_events_from_the_as_of_day_to_the_end_of_the_horizon(trained: Shop) -> None:
    report, folder = dataset(trained, "labels")
    rows = [row for part in ("train", "validation", "test") for row in read(folder, part)]
    labels = {(row["as_of"], row["customer_id"]): row["churned"] for row in rows}
    assert labels["1998-01-05", "edge"] == 1
    assert labels["1998-01-05", "edge-in"] == 0
    assert {value for (_, name), value in labels.items() if name == "loyal"} == {0}
    assert {value for (_, name), value in labels.items() if name.startswith("once")} == {1}
    assert list(rows[0]) == ["as_of", "customer_id", "orders", "spent", "channel", "churned"]

    written = contract.check_file("dataset-manifest", folder / "dataset.json")
    assert written == {key: report[key] for key in written}
    assert report["rows"] == {part: len(read(folder, part)) for part in report["rows"]}
    assert report["positives"]["test"] == sum(row["churned"] for row in read(folder, "test")) > 0
    for part in ("train", "validation", "test"):
        days = [(row["as_of"], row["customer_id"]) for row in read(folder, part)]
        assert days == sorted(days)
        assert {day for day, _ in days} == set(report["cutoffs"][part])
    assert report["cutoffs"]["purged"] == []  # a horizon of a week ends just at the next as-of day


def test_the_same_snapshots_give_the_same_bytes(trained: Shop) -> None:
    _, first = dataset(trained, "first")
    # Rows that are written later, here by hand, are not in this run's snapshot.
    trained.spark.sql(
        f"INSERT INTO lake.{trained.database}.features SELECT customer_id, event_time, orders + 1, spent, "
        "channel, write_time + INTERVAL 1 DAY, api_invocation_time, is_deleted "
        f"FROM lake.{trained.database}.features"
    )
    _, second = dataset(trained, "second")
    for part in ("train", "validation", "test"):
        (one,), (other,) = ((folder / part).glob("*.parquet") for folder in (first, second))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"label_sql": "SELECT as_of, customer_id, 1 AS churned FROM outcomes GROUP BY ALL"},
            SqlError,
            r"label.sql: \d+ of \d+ rows of entities are absent from its result, such as customer_id",
        ),
        (
            {"label_sql": "SELECT as_of, customer_id, 2 AS churned FROM entities"},
            SqlError,
            "have a churned that is neither 0 nor 1",
        ),
        (
            {"label_sql": "SELECT as_of, customer_id, explode(array(0, 1)) AS churned FROM entities"},
            SqlError,
            "entities have more than one row",
        ),
        (
            {"label_sql": "SELECT as_of, customer_id, 1 AS churned FROM entities"},
            TrainingSetError,
            r"the train part has one class only: (\d+) of its \1 rows have churned = 1",
        ),
        (
            {"label_sql": LABEL_SQL.replace("THEN 1", "AND e.as_of < '1998-03-01' THEN 1")},
            TrainingSetError,
            "the test part has one class only: 0 of its",
        ),
        ({"plan": {"label_cutoffs": DAYS[:2]}}, TrainingSetError, "needs about 7 more days of events"),
        ({"plan": {"label_cutoffs": []}}, TrainingSetError, "no as-of day has a known label yet"),
        (
            {
                "training": {
                    "cutoff_every_days": 7,
                    "validation_share": 0.2,
                    "test_share": 0.25,
                    "min_rows": 5000,
                }
            },
            TrainingSetError,
            r"\d+ labelled rows, but training.min_rows is 5000",
        ),
    ],
)
def test_unusable_training_data_is_reported_with_the_reason(
    trained: Shop,
    request: pytest.FixtureRequest,
    changes: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        dataset(trained, f"refused-{abs(hash(request.node.name))}", **changes)
