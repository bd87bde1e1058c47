"""What every job starts from and ends with: its arguments, the spec, the plan, and its report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.shared.spec import Plan, Spec
from etl.shared.storage import Storage, open_storage, read_json, write_json

ARGUMENTS = ["run", "spec", "lake_bucket", "database", "feature_group"]


@dataclass
class Job:
    """One run of one step."""

    spark: SparkSession
    spec: Spec
    plan: Plan
    storage: Storage
    lake: str
    reports: str
    database: str
    feature_group: str
    _kept: list[DataFrame] = field(default_factory=list)

    def table(self, name: str) -> str:
        """A table of the pipeline's database, as Spark names it."""
        return f"lake.{self.database}.{name}"

    def lake_uri(self, path: str) -> str:
        """An address below the lake's root."""
        return f"{self.lake}/{path}"

    def report(self, name: str) -> str:
        """The address of a report of this run."""
        return f"{self.reports}/{name}.json"

    def read_report(self, name: str) -> dict[str, Any]:
        """A report that an earlier step of this run wrote."""
        return read_json(self.storage, self.report(name))

    def keep(self, frame: DataFrame) -> DataFrame:
        """Hold a result that several actions use, until the job ends."""
        self._kept.append(frame.persist())
        return frame

    def release(self) -> None:
        """Free what was kept: a warm session outlives the job."""
        for frame in self._kept:
            frame.unpersist()
        self._kept.clear()


def open_job(spark: SparkSession, arguments: dict[str, str]) -> Job:
    """Read the spec and the plan that the arguments name."""
    # Dates and timestamps mean UTC whatever the machine says; casts give null, not an error (Spark 3's
    # default).
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    storage = open_storage(arguments["run"])
    bucket = arguments["lake_bucket"]
    return Job(
        spark=spark,
        spec=Spec.parse(read_json(storage, arguments["spec"])),
        plan=Plan.parse(read_json(storage, arguments["run"])),
        storage=storage,
        lake=bucket if "://" in bucket else f"s3://{bucket}",
        reports=arguments["run"].rpartition("/")[0],
        database=arguments["database"],
        feature_group=arguments["feature_group"],
    )


@contextmanager
def running(
    step: str, spark: SparkSession, arguments: dict[str, str]
) -> Iterator[tuple[Job, dict[str, Any]]]:
    """A job and the report to fill; the report is written when the block ends, also when a rule has halted
    the run.
    """
    started = datetime.now(UTC)
    job = open_job(spark, arguments)
    report: dict[str, Any] = {"step": step, "run_id": job.plan.run_id, "started_at": _iso(started)}
    try:
        yield job, report
    finally:
        finished = datetime.now(UTC)
        job.release()
        if len(report) > 3:
            report["finished_at"] = _iso(finished)
            report["seconds"] = round((finished - started).total_seconds(), 3)
            write_json(job.storage, job.report(step), report)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
