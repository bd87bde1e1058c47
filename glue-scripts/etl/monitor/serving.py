"""Is serving faithful? Captured requests against the stored rows and scores of the same entity and day."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from etl.monitor.captures import Position, read_captures, sample
from etl.monitor.plan import ServingPlan
from etl.shared.feature_table import is_same
from etl.shared.job import Workspace, iso
from etl.shared.spec import Spec
from etl.shared.storage import read_optional_json, write_json

# The features job writes the feature table and the online store at the same time, but not in one transaction:
# the first records may be online before the table's write begins, and the last ones long after. Captures have
# whole seconds, too.
STARTING = "INTERVAL 1 MINUTE"
WRITING = "INTERVAL 1 HOUR"
# The last digit of a served score.
SCORE_DIGITS = 6
EXAMPLES = 3


def run(work: Workspace, plan: ServingPlan, send: Callable[[dict[str, float]], None]) -> dict[str, Any]:
    """Check the captured requests that no check has read; returns the report.

    `send` takes metrics to CloudWatch.
    """
    latest = read_optional_json(work.storage, f"{work.uri('serving_reports')}/latest.json")
    report = check(work, plan, latest, datetime.now(UTC))
    folder = work.uri("serving_reports")
    # Written before the metric is sent, because the alarm that it raises names it. The position moves only
    # afterwards: otherwise what a check finds would be lost if it is interrupted in between.
    before = Position.parse(latest and latest["position"]).as_json()
    write_json(work.storage, f"{folder}/latest.json", report | {"position": before})
    if report["status"] != "skipped":
        send({"ServingSkew": report["skew"]})
    name = report["checked_at"].replace(":", "").replace(".", "")
    write_json(work.storage, f"{folder}/checks/{name}.json", report)
    write_json(work.storage, f"{folder}/latest.json", report)
    return report


def check(work: Workspace, plan: ServingPlan, latest: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    """The report on the captured requests that no check has read, given the report of the last one."""
    position = Position.parse(latest and latest["position"])
    found = position.unread(work.storage.list_objects(plan.captures_uri, position.hour))
    files = sample(found)
    requests = work.keep(read_captures(work, plan.captures_uri, files).withColumn("_request", _number()))
    facts = summarize(work, requests)
    status = "skipped" if facts["requests"] == 0 else "skewed" if facts["unfaithful"] else "faithful"
    return {
        "status": status,
        **({"reason": _nothing_to_judge(facts)} if status == "skipped" else {}),
        "checked_at": iso(now),
        "checked_before": latest and latest["checked_at"],
        "files": len(found),
        "files_read": len(files),
        **facts,
        "limit": work.spec.serving_skew,
        "cloudwatch": _references(plan),
        "position": position.after(found, now).as_json(),
    }


def _nothing_to_judge(facts: dict[str, Any]) -> str:
    unreadable, unidentified = facts["unreadable"], facts["unidentified"]
    if not unreadable + unidentified:
        return "no request was captured since the last check"
    return (
        f"no captured request can be judged: {unreadable} cannot be read, and {unidentified} name no "
        "entity or no as-of day, as requests past the Lambda predict do"
    )


def summarize(work: Workspace, requests: DataFrame) -> dict[str, Any]:
    """The figures of a report, from requests as `read_captures` returns them with a number in `_request`."""
    spec = work.spec
    event_times = [row[0] for row in requests.select("event_time").distinct().collect() if row[0]]
    stored = work.spark.table(work.table("features")).where(F.col("event_time").isin(event_times))
    compared = work.keep(compare(requests, stored, _scores(work, event_times), spec))
    counts = compared.agg(*_counts(spec)).collect()[0].asDict()
    ages = compared.where("identified").groupBy("age_days").count().collect()
    versions = compared.where("identified").groupBy("version").count().collect()
    known = counts["requests"]
    return {
        "unreadable": counts["unreadable"],
        "unidentified": counts["unidentified"],
        "requests": known,
        "first_request": counts["first"],
        "last_request": counts["last"],
        "versions": {str(row["version"]): row["count"] for row in versions if row["version"] is not None},
        "not_stored": counts["not_stored"],
        "skewed": counts["skewed"],
        "features": {
            name: {"skewed": counts[f"differs.{name}"], "examples": _feature_examples(compared, spec, name)}
            for name in spec.feature_columns
            if counts[f"differs.{name}"]
        },
        "scores": {
            "compared": counts["scores_compared"],
            "skewed": counts["scores_skewed"],
            "largest_difference": counts["largest"] or 0.0,
            "examples": _score_examples(compared) if counts["scores_skewed"] else [],
        },
        "stale": counts["stale"],
        "ages": {str(row["age_days"]): row["count"] for row in ages if row["age_days"] is not None},
        "unfaithful": counts["unfaithful"],
        "skew": counts["unfaithful"] / known if known else 0.0,
    }


def compare(requests: DataFrame, stored: DataFrame, scores: DataFrame, spec: Spec) -> DataFrame:
    """Each request with what was stored when it was answered, and the verdict on it: `identified`,
    `is_stored`, `_differs_<feature>`, `differences`, `score_compared`, `score_differs`, `stale` and
    `unfaithful`.

    A stored row may have been corrected: a request is compared with the writes that were the newest one at
    some time from an hour before it to a minute after it, and the one that it is most like counts.
    """
    writes = _writes(stored, spec)
    is_candidate = (
        (F.col("entity") == F.col("_entity"))
        & (F.col("event_time") == F.col("_event_time"))
        & (F.col("_from") <= F.col("at") + F.expr(STARTING))
        & (F.col("_to").isNull() | (F.col("_to") > F.col("at") - F.expr(WRITING)))
    )
    joined = requests.join(writes, is_candidate, how="left")
    is_stored = F.col("_entity").isNotNull()
    differs = {
        name: is_stored & ~is_same(F.col(f"`{name}`"), F.col(f"`_stored_{name}`"), kind)
        for name, kind in spec.feature_columns.items()
    }
    judged = joined.select("*", *[value.alias(f"_differs_{name}") for name, value in differs.items()])
    flags = [F.col(f"`_differs_{name}`").cast("int") for name in spec.feature_columns]
    judged = judged.withColumn("differences", reduce(add, flags))
    likest = Window.partitionBy("_request").orderBy("differences", F.desc("_from"))
    judged = judged.withColumn("_rank", F.row_number().over(likest)).where("_rank = 1").drop("_rank")
    scored = judged.join(scores, _same_score(), how="left")
    identified = F.col("at").isNotNull() & F.col("entity").isNotNull() & F.col("event_time").isNotNull()
    # A score of the table is of the day's last run: it is that of the request only if the row is, too.
    comparable = is_stored & F.col("_to").isNull() & (F.col("differences") == 0) & F.col("_score").isNotNull()
    difference = F.round(F.abs(F.col("score") - F.col("_score")), SCORE_DIGITS)
    score_differs = comparable & (difference > 10**-SCORE_DIGITS)
    stale = F.coalesce(F.col("age_days") > spec.max_feature_age_days, F.lit(False))
    return (
        scored.withColumn("identified", identified)
        .withColumn("is_stored", is_stored)
        .withColumn("score_compared", comparable)
        .withColumn("score_difference", F.when(comparable, difference))
        .withColumn("score_differs", score_differs)
        .withColumn("stale", stale)
        .withColumn(
            "unfaithful",
            F.col("identified") & (~is_stored | (F.col("differences") > 0) | score_differs | stale),
        )
    )


def _writes(stored: DataFrame, spec: Spec) -> DataFrame:
    """Every write of a row with the time until which it was the newest one."""
    in_order = Window.partitionBy(spec.entity, "event_time").orderBy(
        "write_time", "api_invocation_time", "is_deleted"
    )
    return (
        stored.withColumn("_to", F.lead("write_time").over(in_order))
        .where(~F.col("is_deleted"))
        .select(
            F.col(spec.entity).alias("_entity"),
            F.col("event_time").alias("_event_time"),
            F.col("write_time").alias("_from"),
            "_to",
            *[F.col(name).alias(f"_stored_{name}") for name in spec.feature_columns],
        )
    )


def _scores(work: Workspace, event_times: list[str]) -> DataFrame:
    """The scores of the requests' as-of days; none before the first day was scored."""
    if not work.spark.catalog.tableExists(work.table("scores")):
        return work.spark.createDataFrame([], "_day string, _scored string, _version bigint, _score double")
    days = sorted({time[:10] for time in event_times})
    return (
        work.spark.table(work.table("scores"))
        .where(F.col("as_of").isin(days))
        .select(
            F.col("as_of").alias("_day"),
            F.col("entity").alias("_scored"),
            F.col("model_version").alias("_version"),
            F.col("score").alias("_score"),
        )
    )


def _same_score() -> Column:
    return (
        (F.substring("event_time", 1, 10) == F.col("_day"))
        & (F.col("entity") == F.col("_scored"))
        & (F.col("version") == F.col("_version"))
    )


def _counts(spec: Spec) -> list[Column]:
    def count(condition: Column) -> Column:
        return F.count(F.when(condition, True))

    known, stored = F.col("identified"), F.col("is_stored")
    return [
        count(F.col("at").isNull()).alias("unreadable"),
        count(F.col("at").isNotNull() & ~known).alias("unidentified"),
        count(known).alias("requests"),
        _instant(F.min(F.when(known, F.col("at")))).alias("first"),
        _instant(F.max(F.when(known, F.col("at")))).alias("last"),
        count(known & ~stored).alias("not_stored"),
        count(known & stored & (F.col("differences") > 0)).alias("skewed"),
        *[count(F.col(f"`_differs_{name}`")).alias(f"differs.{name}") for name in spec.feature_columns],
        count(F.col("score_compared")).alias("scores_compared"),
        count(F.col("score_differs")).alias("scores_skewed"),
        F.max("score_difference").alias("largest"),
        count(known & F.col("stale")).alias("stale"),
        count(F.col("unfaithful")).alias("unfaithful"),
    ]


def _instant(time: Column) -> Column:
    # As text, because a collected timestamp would be in the machine's time zone.
    return F.date_format(time, "yyyy-MM-dd'T'HH:mm:ss'Z'")


_WHICH = ("inference_id", "entity", "event_time")


def _examples(compared: DataFrame, served: str, stored: str) -> list[dict[str, Any]]:
    rows = compared.select(
        *_WHICH, F.col(f"`{served}`").alias("served"), F.col(f"`{stored}`").alias("stored")
    )
    return [row.asDict() for row in rows.sort(*_WHICH).limit(EXAMPLES).collect()]


def _feature_examples(compared: DataFrame, spec: Spec, name: str) -> list[dict[str, Any]]:
    return _examples(compared.where(F.col(f"`_differs_{name}`")), name, f"_stored_{name}")


def _score_examples(compared: DataFrame) -> list[dict[str, Any]]:
    return _examples(compared.where("score_differs"), "score", "_score")


def _number() -> Column:
    return F.monotonically_increasing_id()


def _references(plan: ServingPlan) -> list[dict[str, Any]]:
    """The metrics that answer for errors, latency and volume, which SageMaker keeps itself."""
    dimensions = {"EndpointName": plan.endpoint, "VariantName": plan.variant}
    wanted = [
        ("volume", "Invocations", "Sum"),
        ("errors", "Invocation5XXErrors", "Sum"),
        ("errors", "Invocation4XXErrors", "Sum"),
        ("latency", "ModelLatency", "p99"),
        ("latency", "OverheadLatency", "p99"),
    ]
    return [
        {
            "what": what,
            "namespace": "AWS/SageMaker",
            "metric": metric,
            "statistic": statistic,
            "dimensions": dimensions,
        }
        for what, metric, statistic in wanted
    ]
