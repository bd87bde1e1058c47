"""What all jobs share: the arguments, the spec, the run's plan, and the report."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from etl.shared.errors import JobError
from etl.shared.session import configure
from etl.shared.spec import Plan, Spec
from etl.shared.storage import Storage, open_storage, read_json, write_json

ARGUMENTS = ["run", "spec", "datasets"]


@dataclass(frozen=True)
class Dataset:
    """A dataset that the job may use: its URI without a trailing slash and, of a table, `database.table`.

    The job that writes a table is given its retention: for how many days old snapshots can be read, and
    rows are kept if not for ever.
    """

    uri: str
    table: str | None
    snapshot_days: int | None = None
    row_days: int | None = None


@dataclass(kw_only=True)
class Workspace:
    """What a job works with: the pipeline's spec and datasets."""

    spark: SparkSession
    spec: Spec
    storage: Storage
    datasets: dict[str, Dataset]
    _kept: list[DataFrame] = field(default_factory=list)

    def table(self, name: str) -> str:
        """Spark's name of a dataset that is a table."""
        table = self._dataset(name).table
        if table is None:
            raise JobError(f"the dataset {name} is a folder, not a table")
        return f"lake.{table}"

    def uri(self, name: str) -> str:
        """The URI of a dataset's folder."""
        return self._dataset(name).uri

    def _dataset(self, name: str) -> Dataset:
        if name not in self.datasets:
            raise JobError(
                f"this job was not given the dataset {name}; its argument --datasets names "
                f"{', '.join(self.datasets)}"
            )
        return self.datasets[name]

    def keep(self, frame: DataFrame) -> DataFrame:
        """Persist a result that several actions use, until the job ends."""
        self._kept.append(frame.persist())
        return frame

    def release(self) -> None:
        """Unpersists everything, because a warm session outlives the job."""
        for frame in self._kept:
            frame.unpersist()
        self._kept.clear()


@dataclass(kw_only=True)
class Job(Workspace):
    """One run of one step."""

    plan: Plan
    reports: str
    # Only for the features step, which writes to the online store.
    feature_group: str | None = None

    def report(self, name: str, run_id: str | None = None) -> str:
        """The URI of a report of this run, or of another run."""
        folder = self.reports if run_id is None else f"{self.reports.rpartition('/')[0]}/{run_id}"
        return f"{folder}/{name}.json"

    def read_report(self, name: str) -> dict[str, Any]:
        """A report that an earlier step of this run wrote."""
        return read_json(self.storage, self.report(name))


def open_workspace(spark: SparkSession, arguments: dict[str, str]) -> Workspace:
    """Read the spec that the arguments name."""
    return Workspace(spark=spark, **_opened(spark, arguments))


def open_job(spark: SparkSession, arguments: dict[str, str]) -> Job:
    """Read the spec and the plan that the arguments name."""
    opened = _opened(spark, arguments)
    return Job(
        spark=spark,
        **opened,
        plan=Plan.parse(read_json(opened["storage"], arguments["run"])),
        reports=arguments["run"].rpartition("/")[0],
        feature_group=arguments.get("feature_group"),
    )


def _opened(spark: SparkSession, arguments: dict[str, str]) -> dict[str, Any]:
    configure(spark)
    storage = open_storage(arguments["spec"])
    datasets = json.loads(arguments["datasets"])
    return {
        "spec": Spec.parse(read_json(storage, arguments["spec"])),
        "storage": storage,
        "datasets": {name: Dataset(**{"table": None, **at}) for name, at in datasets.items()},
    }


@contextmanager
def running(
    step: str, spark: SparkSession, arguments: dict[str, str]
) -> Iterator[tuple[Job, dict[str, Any]]]:
    """A job and the report to fill, which is written when the block ends, even if a rule halted the run."""
    started = datetime.now(UTC)
    job = open_job(spark, arguments)
    report: dict[str, Any] = {"step": step, "run_id": job.plan.run_id, "started_at": iso(started)}
    try:
        yield job, report
    finally:
        finished = datetime.now(UTC)
        job.release()
        if len(report) > 3:
            report["finished_at"] = iso(finished)
            report["seconds"] = round((finished - started).total_seconds(), 3)
            write_json(job.storage, job.report(step), report)


def iso(moment: datetime) -> str:
    """An instant in UTC as reports carry it, with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
