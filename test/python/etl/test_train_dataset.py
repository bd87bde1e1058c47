"""The training set: labels from later events, a split by time, and the same bytes from the same snapshots."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import contract
import pyarrow.parquet as pq
import pytest
from etl_shop import LABEL_SQL, Shop, event, spec_json, weekly
from pyspark.sql import SparkSession

from etl.shared.errors import SqlError, TrainingSetError
from etl.train.step import digest

DAYS = weekly("1998-01-05", "1998-03-30")
PLAN: dict[str, Any] = {"mode": "train", "cutoffs": DAYS, "label_cutoffs": DAYS[:-1]}
TRAINING: dict[str, Any] = spec_json()["training"]
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
    plan = {"as_of": DAYS[-1]} | PLAN | changes.get("plan", {})
    arguments = shop.arguments(run_id=run_id, **plan)
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
    report, first = dataset(trained, "first")
    # Rows that are written later, here by hand, are not in this run's snapshot.
    trained.spark.sql(
        f"INSERT INTO lake.{trained.database}.features SELECT customer_id, event_time, orders + 1, spent, "
        "channel, write_time + INTERVAL 1 DAY, api_invocation_time, is_deleted "
        f"FROM lake.{trained.database}.features"
    )
    again, second = dataset(trained, "second")
    assert report["digest"] == again["digest"]
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
        (
            {"training": TRAINING | {"min_rows": 5000}},
            TrainingSetError,
            r"\d+ labelled rows of 12 as-of days, but training.min_rows is 5000, and training.history_days "
            "has room for 12 labelled as-of days",
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


def test_the_digest_differs_where_a_row_or_an_as_of_day_does(trained: Shop) -> None:
    whole, _ = dataset(trained, "whole")
    fewer, _ = dataset(trained, "fewer-days", plan={"label_cutoffs": DAYS[:-2]})
    label = LABEL_SQL.replace("THEN 1 ELSE 0", "AND e.customer_id <> 'edge' THEN 1 ELSE 0")
    other, _ = dataset(trained, "other-label", label_sql=label)
    assert len({report["digest"] for report in (whole, fewer, other)}) == 3


def test_the_digest_differs_where_a_value_changes_its_column(trained: Shop) -> None:
    job = trained.job(DAYS[-1], **PLAN)
    spec = replace(job.spec, feature_columns={"first": "double", "second": "double"})
    columns = f"as_of string, {spec.entity} string, first double, second double, {spec.label} int"

    def found(first: float | None, second: float | None) -> str:
        rows = trained.spark.createDataFrame([(DAYS[0], "a", first, second, 1)], columns)
        return digest(rows, spec, {})

    assert found(None, 5.0) != found(5.0, None)


def test_purged_days_are_written_for_the_refit(trained: Shop) -> None:
    report, folder = dataset(trained, "purged", label={"name": "churned", "horizon_days": 14})
    assert report["cutoffs"]["purged"]
    assert {row["as_of"] for row in read(folder, "purged")} == set(report["cutoffs"]["purged"])
    assert report["rows"]["purged"] == len(read(folder, "purged")) > 0


def test_days_whose_window_begins_before_the_first_event_are_left_out(trained: Shop) -> None:
    kept, _ = dataset(trained, "kept")
    # The first order is on 1998-01-01, and a window has 14 days: it is whole from 1998-01-15 on.
    incomplete = ["1998-01-05", "1998-01-12"]
    assert kept["incomplete_windows"] == {"action": "keep", "cutoffs": incomplete}
    dropped, folder = dataset(trained, "dropped", training=TRAINING | {"incomplete_windows": "drop"})
    assert dropped["incomplete_windows"] == {"action": "drop", "cutoffs": incomplete}
    assert dropped["cutoffs"]["train"][0] == "1998-01-19"
    assert {row["as_of"] for row in read(folder, "train")}.isdisjoint(incomplete)
    assert kept["cutoffs"]["train"][0] == "1998-01-05"


@pytest.mark.parametrize(
    ("changes", "reason", "enough_from"),
    [
        # The first order's day, and the 21 days from the first as-of day to the run's that the plan names.
        ({"plan": {"label_cutoffs": []}}, "the events begin on .*, and 0 as-of days have rows", None),
        (
            {"plan": {"label_cutoffs": DAYS[:2], "as_of": "1998-01-19"}},
            "and 2 as-of days have rows",
            "1998-01-22",
        ),
        (
            {
                "training": TRAINING | {"incomplete_windows": "drop"},
                "plan": {"label_cutoffs": DAYS[:4], "as_of": "1998-02-02"},
            },
            r"the events begin on 1998-01-01, and 2 as-of days have rows and a known label \(2 more are "
            "left out, because their window of 14 days begins before\\)",
            "1998-02-05",
        ),
        (
            {"training": TRAINING | {"incomplete_windows": "drop", "min_rows": 18}},
            "16 labelled rows of 10 as-of days, but training.min_rows is 18",
            "1998-04-13",
        ),
    ],
)
def test_too_little_history_is_an_outcome_with_the_day_from_which_there_is_enough(
    trained: Shop,
    request: pytest.FixtureRequest,
    changes: dict[str, Any],
    reason: str,
    enough_from: str | None,
) -> None:
    report, folder = dataset(trained, f"early-{abs(hash(request.node.name))}", **changes)
    assert report["outcome"] == "not_enough_history"
    assert re.search(reason, report["reason"])
    if enough_from:
        assert report["enough_from"] == enough_from
    assert not (folder / "dataset.json").exists()
