"""The check of captured requests: what differs from what is stored, and what does not count as that."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import contract
import pytest
from etl_shop import Shop

from etl.monitor.plan import ServingPlan
from etl.monitor.serving import check, run
from etl.score.step import COLUMNS
from etl.shared.storage import write_json

DAY = "1998-01-08"
WRITTEN = datetime(2026, 3, 10, 5, tzinfo=UTC)
NOON = WRITTEN + timedelta(hours=7)
ROW = {"orders": 3, "spent": 10.5, "channel": "web"}


def store(shop: Shop, rows: list[tuple[str, str, dict[str, Any], datetime, bool]]) -> None:
    """Append (entity, as-of day, features, written at, deleted) to the feature table."""
    frame = shop.spark.createDataFrame(
        [
            (
                entity,
                f"{day}T00:00:00Z",
                *[features.get(name) for name in ROW],
                int(at.timestamp() * 1000),
                deleted,
            )
            for entity, day, features, at, deleted in rows
        ],
        "customer_id string, event_time string, orders bigint, spent double, channel string, at bigint, "
        "is_deleted boolean",
    ).selectExpr(
        *("customer_id", "event_time", *ROW),
        "timestamp_millis(at) AS write_time",
        "timestamp_millis(at) AS api_invocation_time",
        "is_deleted",
    )
    table = f"lake.{shop.database}.features"
    if shop.spark.catalog.tableExists(table):
        frame.writeTo(table).append()
    else:
        frame.writeTo(table).create()


def score(shop: Shop, scores: dict[tuple[str, str, int], float]) -> None:
    """Put (entity, as-of day, version) → score into the table of scores."""
    rows = [
        {"as_of": day, "entity": entity, "score": value, "model_version": version}
        for (entity, day, version), value in scores.items()
    ]
    schema = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    shop.spark.createDataFrame([tuple(row.get(name) for name in COLUMNS) for row in rows], schema).writeTo(
        f"lake.{shop.database}.scores"
    ).createOrReplace()


def line(
    entity: str | None, at: datetime = NOON, value: float = 0.25, encoding: str = "JSON", **changes: Any
) -> str:
    """A captured request as SageMaker writes it; `changes` replace parts of the instance."""
    instance = {
        "customer_id": entity,
        "event_time": f"{DAY}T00:00:00Z",
        "feature_age_days": 0,
        **ROW,
        **changes,
    }
    answer = {"predictions": [{"score": value}], "model": {"run_id": "run-1", "version": "3"}}

    def side(mode: str, body: dict[str, Any]) -> dict[str, str]:
        text = json.dumps(body)
        data = base64.b64encode(text.encode()).decode() if encoding == "BASE64" else text
        return {"observedContentType": "application/json", "mode": mode, "data": data, "encoding": encoding}

    return json.dumps(
        {
            "captureData": {
                "endpointInput": side("INPUT", {"instances": [instance]}),
                "endpointOutput": side("OUTPUT", answer),
            },
            "eventMetadata": {
                "eventId": "6c3b",
                "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "inferenceId": f"{entity}-{at:%H%M}",
            },
            "eventVersion": "0",
        }
    )


def capture(shop: Shop, lines: list[str], name: str = "2026/03/10/12/00-00-000-a") -> None:
    file = shop.home / "captures/shop/live" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{text}\n" for text in lines))


def checked(shop: Shop, now: datetime = NOON) -> dict[str, Any]:
    """Check, and write the report as the job does."""
    work = shop.job(DAY)
    latest = reports(shop) / "latest.json"
    before = json.loads(latest.read_text()) if latest.exists() else None
    report = contract.check("serving-report", check(work, plan_of(shop), before, now))
    work.release()
    write_json(work.storage, f"file://{latest}", report)
    return report


def plan_of(shop: Shop) -> ServingPlan:
    return ServingPlan("shop", "live", f"file://{shop.home}/captures/shop/live")


def reports(shop: Shop) -> Path:
    return shop.home / "reports/shop/serving"


@pytest.fixture
def served(shop: Shop) -> Shop:
    """A shop with three stored rows and their scores."""
    store(shop, [(entity, DAY, ROW, WRITTEN, False) for entity in ("a", "b", "c")])
    score(shop, {(entity, DAY, 3): 0.25 for entity in ("a", "b", "c")})
    return shop


def test_requests_answered_from_what_is_stored_are_faithful(served: Shop) -> None:
    # The last digits of a sum may differ, and SageMaker may encode what it takes for binary.
    capture(served, [line("a"), line("b", spent=10.5 + 1e-12), line("c", encoding="BASE64")])
    report = checked(served)
    assert (report["status"], report["requests"], report["unfaithful"], report["skew"]) == (
        "faithful",
        3,
        0,
        0,
    )
    assert report["scores"] == {"compared": 3, "skewed": 0, "largest_difference": 0.0, "examples": []}
    assert report["versions"] == {"3": 3}
    assert report["ages"] == {"0": 3}
    assert report["first_request"] == report["last_request"] == "2026-03-10T12:00:00Z"
    assert {(one["what"], one["metric"]) for one in report["cloudwatch"]} >= {("latency", "ModelLatency")}
    assert report["cloudwatch"][0]["dimensions"] == {"EndpointName": "shop", "VariantName": "live"}


def test_values_that_differ_are_counted_by_feature_with_examples(served: Shop) -> None:
    capture(served, [line("a", spent=11, channel=None), line("b", channel="app"), line("c")])
    report = checked(served)
    assert report["status"] == "skewed"
    assert report["skewed"] == report["unfaithful"] == 2
    assert report["skew"] == pytest.approx(2 / 3)
    assert {name: feature["skewed"] for name, feature in report["features"].items()} == {
        "spent": 1,
        "channel": 2,
    }
    assert report["features"]["spent"]["examples"] == [
        {
            "inference_id": "a-1200",
            "entity": "a",
            "event_time": f"{DAY}T00:00:00Z",
            "served": 11.0,
            "stored": 10.5,
        }
    ]
    assert [(one["entity"], one["served"]) for one in report["features"]["channel"]["examples"]] == [
        ("a", None),
        ("b", "app"),
    ]


def test_the_same_request_of_many_is_shown_a_few_times(served: Shop) -> None:
    capture(served, [line("a", at=NOON + timedelta(minutes=minute), orders=4) for minute in range(20)])
    orders = checked(served)["features"]["orders"]
    assert orders["skewed"] == 20
    assert len(orders["examples"]) == 3


def test_a_score_that_differs_from_the_stored_one_of_the_same_row_and_version_is_skew(served: Shop) -> None:
    score(served, {("a", DAY, 3): 0.25, ("b", DAY, 3): 0.250001, ("c", DAY, 3): 0.3, ("a", DAY, 2): 0.9})
    capture(served, [line("a"), line("b"), line("c")])
    scores = checked(served)["scores"]
    # A difference in the last digit is rounding.
    assert (scores["compared"], scores["skewed"], scores["largest_difference"]) == (3, 1, 0.05)
    assert [(one["entity"], one["served"], one["stored"]) for one in scores["examples"]] == [("c", 0.25, 0.3)]


def test_before_the_first_day_is_scored_only_features_are_compared(shop: Shop) -> None:
    store(shop, [("a", DAY, ROW, WRITTEN, False)])
    capture(shop, [line("a"), line("a", orders=4)])
    report = checked(shop)
    assert (report["skewed"], report["scores"]["compared"]) == (1, 0)


def test_a_request_of_a_row_that_is_not_stored_is_unfaithful(served: Shop) -> None:
    store(
        served, [("gone", DAY, ROW, WRITTEN, False), ("gone", DAY, {}, WRITTEN + timedelta(minutes=5), True)]
    )
    capture(served, [line("a"), line("a", event_time="1998-01-07T00:00:00Z"), line("gone")])
    report = checked(served)
    assert (report["not_stored"], report["skewed"], report["unfaithful"]) == (2, 0, 2)


def test_a_corrected_row_is_compared_as_it_was_when_the_request_was_answered(served: Shop) -> None:
    corrected = NOON + timedelta(minutes=30)
    store(served, [("a", DAY, ROW | {"orders": 4}, corrected, False)])
    before, at_once, soon, late = (corrected + timedelta(minutes=minutes) for minutes in (-10, 1, 59, 61))
    capture(
        served,
        [
            line("a", at=before),
            # The online store may get the correction a little later than the table.
            line("a", at=at_once),
            line("a", at=soon, orders=4),
            line("a", at=late, orders=4),
            # By now it should have it, and before it could not.
            line("a", at=late),
            line("a", at=before, orders=4),
        ],
    )
    report = checked(served)
    assert (report["requests"], report["skewed"], report["not_stored"]) == (6, 2, 0)
    assert report["features"]["orders"]["skewed"] == 2
    # The score in the table is of the corrected row.
    assert report["scores"]["compared"] == 2


def test_a_deleted_row_was_there_until_it_was_deleted(served: Shop) -> None:
    store(served, [("a", DAY, {}, NOON, True)])
    capture(served, [line("a", at=NOON - timedelta(hours=1)), line("a", at=NOON + timedelta(hours=2))])
    assert checked(served)["not_stored"] == 1


def test_answers_from_features_that_are_too_old_are_counted(served: Shop) -> None:
    capture(
        served,
        [line("a", feature_age_days=2), line("b", feature_age_days=3), line("c", feature_age_days=None)],
    )
    report = checked(served)
    assert (report["stale"], report["unfaithful"], report["ages"]) == (1, 1, {"2": 1, "3": 1})


def test_lines_that_cannot_be_judged_are_counted_apart(served: Shop) -> None:
    capture(
        served,
        [
            *(line("a"), "{broken", json.dumps({"captureData": {}}), line(None)),
            line("b", event_time=None),
        ],
    )
    report = checked(served)
    assert (report["requests"], report["unreadable"], report["unidentified"]) == (1, 2, 2)
    assert report["status"] == "faithful"


def test_captures_that_nobody_can_judge_are_not_called_absent(served: Shop) -> None:
    capture(served, ["{broken", line(None)])
    report = checked(served)
    assert (report["status"], report["requests"]) == ("skipped", 0)
    assert "1 cannot be read, and 1 name no entity" in report["reason"]


@pytest.mark.parametrize("later", [timedelta(milliseconds=700), timedelta(seconds=50)])
def test_a_record_that_was_online_before_the_table_had_its_row_is_faithful(
    served: Shop, later: timedelta
) -> None:
    """The writes are not one transaction, and SageMaker records whole seconds."""
    at = WRITTEN + timedelta(hours=5)
    store(served, [("new", DAY, ROW, at + later, False)])
    capture(served, [line("new", at=at)])
    assert checked(served)["not_stored"] == 0


def test_a_request_with_several_instances_counts_each(served: Shop) -> None:
    record = json.loads(line("a"))
    instances = [
        json.loads(json.loads(line(entity))["captureData"]["endpointInput"]["data"]) for entity in "abc"
    ]
    asked = {"instances": [one["instances"][0] for one in instances]}
    answer = {"predictions": [{"score": 0.25}, {"score": 0.25}, {"score": 0.4}], "model": {"version": "3"}}
    record["captureData"]["endpointInput"]["data"] = json.dumps(asked)
    record["captureData"]["endpointOutput"]["data"] = json.dumps(answer)
    capture(served, [json.dumps(record)])
    report = checked(served)
    assert (report["requests"], report["scores"]["skewed"]) == (3, 1)


def test_each_check_continues_where_the_last_one_stopped(served: Shop) -> None:
    capture(served, [line("a"), line("b")])
    first = checked(served)
    assert (first["files"], first["requests"], first["checked_before"]) == (1, 2, None)
    # One more file of the same hour, written late, and one of the next hour.
    capture(served, [line("c")], "2026/03/10/12/59-59-000-b")
    capture(served, [line("c", at=NOON + timedelta(hours=1))], "2026/03/10/13/10-00-000-c")
    second = checked(served, NOON + timedelta(hours=1, minutes=30))
    assert (second["files"], second["requests"]) == (2, 2)
    assert second["checked_before"] == first["checked_at"]
    nothing = checked(served, NOON + timedelta(hours=2))
    assert (nothing["status"], nothing["reason"]) == (
        "skipped",
        "no request was captured since the last check",
    )
    assert (nothing["files"], nothing["skew"], nothing["last_request"]) == (0, 0, None)


def test_a_check_that_is_interrupted_before_its_metric_is_sent_is_made_again(served: Shop) -> None:
    capture(served, [line("a"), line("b", orders=4)])
    sent: list[dict[str, float]] = []

    def interrupted(_: dict[str, float]) -> None:
        # The alarm that a metric raises names this report.
        report = contract.check_file("serving-report", reports(served) / "latest.json")
        assert (report["skewed"], report["position"]) == (1, {"hour": "", "read": []})
        raise ConnectionError("lost")

    work = served.job(DAY)
    with pytest.raises(ConnectionError):
        run(work, plan_of(served), interrupted)
    report = run(work, plan_of(served), sent.append)
    assert sent == [{"ServingSkew": 0.5}]
    assert contract.check_file("serving-report", reports(served) / "latest.json") == report
    (kept,) = (reports(served) / "checks").iterdir()
    assert contract.check_file("serving-report", kept) == report
    # A check that finds nothing new sends no metric: it says nothing about serving.
    assert run(work, plan_of(served), sent.append)["status"] == "skipped"
    assert len(sent) == 1
    work.release()


def test_a_pipeline_without_any_capture_is_skipped(served: Shop) -> None:
    report = checked(served)
    assert report["status"] == "skipped"
    assert report["position"]["read"] == []


def test_too_many_captures_are_sampled_and_the_report_says_so(
    served: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "etl.monitor.serving.sample", lambda files: sorted(files, key=lambda one: one.key)[:1]
    )
    capture(served, [line("a")], "2026/03/10/12/00-00-000-a")
    capture(served, [line("b")], "2026/03/10/12/00-01-000-b")
    report = checked(served)
    assert (report["files"], report["files_read"], report["requests"]) == (2, 1, 1)
    assert checked(served)["files"] == 0
