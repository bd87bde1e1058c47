"""The feature group's offline table: its columns, and the check that it has them."""

from etl.shared.errors import JobError
from etl.shared.job import Job
from etl.shared.spec import SPARK_TYPES, Spec
from etl.shared.tables import check_types, create


def features_columns(spec: Spec) -> dict[str, str]:
    """The columns of the feature group's offline table, as SageMaker creates them."""
    return {
        spec.entity: "string",
        "event_time": "string",
        **{name: SPARK_TYPES[type_name] for name, type_name in spec.feature_columns.items()},
        "write_time": "timestamp",
        "api_invocation_time": "timestamp",
        "is_deleted": "boolean",
    }


def ensure_features(job: Job) -> None:
    """Check the feature group's offline table; create it if the feature group has none."""
    columns = features_columns(job.spec)
    create(job, "features", columns)
    stored = dict(job.spark.table(job.table("features")).dtypes)
    missing = [name for name in columns if name not in stored]
    if missing:
        raise JobError(
            f"the feature group's table {job.table('features')} has no column {', '.join(missing)}: "
            "features.columns of pipeline.yaml has more columns than the deployed feature group. "
            "Deploy the pipeline again, then repeat the run"
        )
    check_types(job.table("features"), stored, columns, "features.columns")
