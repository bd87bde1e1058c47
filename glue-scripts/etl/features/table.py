"""The feature group's offline table, as the features step finds or makes it."""

from etl.shared.errors import JobError
from etl.shared.job import Job
from etl.shared.spec import SPARK_TYPES, Spec
from etl.shared.tables import check_types, create


def features_columns(spec: Spec) -> dict[str, str]:
    """The columns of the feature group's offline table, as SageMaker makes them."""
    return {
        spec.entity: "string",
        "event_time": "string",
        **{name: SPARK_TYPES[type_name] for name, type_name in spec.feature_columns.items()},
        "write_time": "timestamp",
        "api_invocation_time": "timestamp",
        "is_deleted": "boolean",
    }


def ensure_features(job: Job) -> None:
    """Check the feature group's offline table; make it where the feature group was created without one."""
    columns = features_columns(job.spec)
    create(job, "features", columns)
    stored = dict(job.spark.table(job.table("features")).dtypes)
    missing = [name for name in columns if name not in stored]
    if missing:
        raise JobError(
            f"the feature group's table {job.table('features')} has no column {', '.join(missing)}: "
            "features.columns of the pipeline.yaml was extended; deploy the pipeline again so that the "
            "feature group gets it"
        )
    check_types(job.table("features"), stored, columns, "features.columns")
