"""An as-of day computed alone must equal its rows in the training set: the proof from the plan is left out
here, and the data alone show what a query has seen.
"""

from typing import Any

import pytest
from etl_shop import LABEL_SQL, Shop, event, spec_json, weekly
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.shared.errors import SqlError
from etl.shared.spec import Spec
from etl.sql import query
from etl.sql.results import features_as_of, labels_after
from etl.train.alone import days_to_check, refuse_differences

DAYS = weekly("1998-01-12", "1998-02-02")
# ann comes every week and pays more each time; bob twice; eve once, late.
TIMES = {
    "ann": ["1998-01-02", "1998-01-09", "1998-01-16", "1998-01-23", "1998-01-30", "1998-02-06"],
    "bob": ["1998-01-05", "1998-01-20"],
    "eve": ["1998-01-28"],
}


@pytest.fixture(scope="module")
def events(spark: SparkSession) -> DataFrame:
    spec = Spec.parse(spec_json())
    rows = [
        (f"{name}{number}", time, name, 1, 10.0 * (number + 1), "web" if number % 2 else "app", None)
        for name, times in TIMES.items()
        for number, time in enumerate(times)
    ]
    columns = ", ".join(
        f"{name} {'string' if kind == 'timestamp' else kind}" for name, kind in spec.field_types.items()
    )
    return spark.createDataFrame(rows, columns).withColumn("event_time", F.to_timestamp("event_time")).cache()


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries run although nothing is proved of them."""
    monkeypatch.setattr(query, "_mistakes", lambda *_: [])
    monkeypatch.setattr(query, "_passed", set())


def compared(spark: SparkSession, events: DataFrame, **changes: Any) -> str:
    """What is said of the first, the last and one day between them; empty where nothing differs."""
    spec = Spec.parse(spec_json(**changes))

    def labelled(days: list[str], features: DataFrame) -> DataFrame:
        labels = labels_after(spark, spec, events, features.select("as_of", "customer_id"), days)
        return features.join(labels, ["as_of", "customer_id"], how="left")

    batch = labelled(DAYS, features_as_of(spark, spec, events, DAYS)).cache()
    days = days_to_check(DAYS, "run-1")
    alone = None
    for day in days:
        one = labelled([day], features_as_of(spark, spec, events, [day]))
        alone = one if alone is None else alone.unionByName(one)
    try:
        refuse_differences(batch.where(F.date_format("as_of", "yyyy-MM-dd").isin(days)), alone, spec)
    except SqlError as error:
        return str(error)
    return ""


def features(
    orders: str = "count(*)", spent: str = "sum(price)", rest: str = "FROM events GROUP BY as_of, customer_id"
) -> str:
    return f"SELECT as_of, customer_id, {orders} AS orders, {spent} AS spent, 'web' AS channel {rest}"


def joined(kind: str, condition: str) -> str:
    return (
        "SELECT e.as_of, e.customer_id, count(DISTINCT l.event_id) AS orders, max(l.price) AS spent, 'web' AS channel "
        f"FROM events e {kind} JOIN events l ON {condition} GROUP BY e.as_of, e.customer_id"
    )


def test_a_query_that_keeps_as_of_days_apart_passes(spark: SparkSession, events: DataFrame) -> None:
    assert compared(spark, events) == ""


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        # A self-join on the customer alone: the later copies show what is bought afterwards.
        (joined("LEFT", "l.customer_id = e.customer_id"), ["orders", "spent"]),
        (joined("LEFT", "l.customer_id = e.customer_id AND l.as_of >= e.as_of"), ["orders", "spent"]),
        # Copies of earlier days are past, but absent when the day is served.
        (joined("LEFT", "l.customer_id = e.customer_id AND l.as_of <= e.as_of"), ["orders"]),
        (features(spent="CAST(first(unix_timestamp(min(as_of))) OVER () AS DOUBLE)"), ["spent"]),
        (features(orders="count(*) OVER (PARTITION BY customer_id)"), ["orders"]),
        (
            features(orders="datediff(lead(as_of) OVER (PARTITION BY customer_id ORDER BY as_of), as_of)"),
            ["orders"],
        ),
        (
            features(orders="datediff(as_of, lag(as_of) OVER (PARTITION BY customer_id ORDER BY as_of))"),
            ["orders"],
        ),
        (features(spent="(SELECT max(price) FROM events)"), ["spent"]),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_a_feature_that_sees_other_as_of_days_is_named(
    spark: SparkSession, events: DataFrame, sql: str, columns: list[str]
) -> None:
    found = compared(spark, events, features_sql=sql)
    assert found.startswith("features.sql: ")
    assert "label.sql" not in found
    for column in ("orders", "spent", "channel"):
        assert (f"the column {column} differs in " in found) == (column in columns), found
    assert "when a day is computed alone, such as customer_id " in found


@pytest.mark.usefixtures("unchecked")
def test_customers_who_appear_because_of_another_day_are_named(
    spark: SparkSession, events: DataFrame
) -> None:
    # Whoever buys on any day is asked about on every day.
    sql = (
        "SELECT d.as_of, c.customer_id, 1L AS orders, 1D AS spent, 'web' AS channel FROM (SELECT DISTINCT as_of FROM events) d "
        "CROSS JOIN (SELECT DISTINCT customer_id FROM events) c"
    )
    found = compared(spark, events, features_sql=sql)
    assert "rows are not computed for that day alone, such as customer_id eve as of 1998-01-12" in found
    fewer = features(
        rest="FROM events e WHERE NOT EXISTS (SELECT 1 FROM events l WHERE l.customer_id = e.customer_id AND l.as_of > e.as_of) GROUP BY as_of, customer_id"
    )
    assert "rows are computed for that day alone only, such as customer_id" in compared(
        spark, events, features_sql=fewer
    )


@pytest.mark.usefixtures("unchecked")
def test_a_label_that_sees_other_as_of_days_is_named(spark: SparkSession, events: DataFrame) -> None:
    found = compared(spark, events, label_sql=LABEL_SQL.replace("o.as_of = e.as_of AND ", ""))
    assert found.startswith("label.sql: the column churned differs in ")
    assert "features.sql" not in found


@pytest.mark.usefixtures("unchecked")
def test_last_digits_are_no_difference_but_a_missing_value_is(spark: SparkSession, events: DataFrame) -> None:
    # What differs from day to day by far less than the values of other rows, as sums do that cancel out.
    noise = "if(customer_id = 'ann', 1e6, 0) + 1e-12 * count(*) OVER ()"
    assert compared(spark, events, features_sql=features(spent=noise)) == ""
    missing = "if(count(*) OVER () > 5, NULL, 1e-12)"
    assert "the column spent differs in" in compared(spark, events, features_sql=features(spent=missing))


@pytest.mark.usefixtures("unchecked")
def test_a_training_set_of_a_self_join_is_refused_and_not_written(shop: Shop) -> None:
    shop.spec["features_sql"] = joined("LEFT", "l.customer_id = e.customer_id")
    orders = [(name, time) for name, times in TIMES.items() for time in times]
    shop.land([event(number, time, customer_id=name) for number, (name, time) in enumerate(orders)])
    plan: dict[str, Any] = {"mode": "train", "cutoffs": [*DAYS, "1998-02-09"], "label_cutoffs": DAYS}
    arguments = shop.arguments("1998-02-09", run_id="leak", **plan)
    shop.transform(arguments)
    shop.quality(arguments)
    shop.features(arguments)
    with pytest.raises(SqlError, match=r"features\.sql: the column orders differs in \d+ of \d+ rows"):
        shop.train_dataset(arguments)
    assert not (shop.home / "datasets").exists()


def test_the_days_to_check_are_the_first_the_last_and_another_one() -> None:
    days = weekly("1998-01-05", "1998-03-30")
    chosen = [days_to_check(days, f"run-{number}") for number in range(40)]
    assert {(found[0], found[-1], len(found)) for found in chosen} == {(days[0], days[-1], 3)}
    assert len({found[1] for found in chosen}) > 5
    assert days_to_check(days, "run-1") == days_to_check(days[::-1], "run-1")
    assert days_to_check(days[:2], "run-1") == days[:2]
    assert days_to_check(days[:1], "run-1") == days[:1]
