"""The resolved pipeline.yaml (see spec/pipeline.ts) and a run's plan, as the jobs use them. Both were
validated where they were written; here they only get names and types.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from etl.shared.errors import JobError
from etl.shared.session import SETTINGS

FieldType = Literal["string", "integer", "double", "boolean", "timestamp"]
ColumnType = Literal["double", "integer", "string"]

# The one mapping from the pipeline's words for types to Spark's.
SPARK_TYPES: dict[str, str] = {
    "string": "string",
    "integer": "bigint",
    "double": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
}


@dataclass(frozen=True)
class Field:
    """A field of an event."""

    name: str
    type: FieldType
    required: bool


@dataclass(frozen=True)
class Spec:
    """A pipeline: its resolved pipeline.yaml and its SQL."""

    name: str
    entity: str
    event_id: str
    event_time: str
    fields: tuple[Field, ...]
    allowed_lateness_days: int
    max_bytes: int
    row_rules: tuple[dict[str, Any], ...]
    dataset_rules: tuple[dict[str, Any], ...]
    window_days: int
    feature_columns: dict[str, ColumnType]
    features_sql: str
    label: str
    horizon_days: int
    label_sql: str
    cutoff_every_days: int
    incomplete_windows: Literal["drop", "keep"]
    known_at: Literal["event", "write"]
    dawn: str
    time_zone: str
    validation_share: float
    test_share: float
    min_rows: int
    # The metric of the gate, which the check of the quality judges, too.
    judged_metric: Literal["auc", "f1"]
    quality_alpha: float
    quality_window_days: int
    max_feature_age_days: int
    serving_skew: float

    @staticmethod
    def parse(value: dict[str, Any]) -> "Spec":
        """From the JSON that the deployment uploads."""
        try:
            events, features, label = value["events"], value["features"], value["label"]
            training, quality = value["training"], value["quality"]
            watched = value["monitoring"]["quality"]
            always_required = {events["id"], events["time"], value["entity"]}
            return Spec(
                name=value["name"],
                entity=value["entity"],
                event_id=events["id"],
                event_time=events["time"],
                fields=tuple(
                    Field(name, field["type"], field["required"] or name in always_required)
                    for name, field in events["fields"].items()
                ),
                allowed_lateness_days=events["allowed_lateness_days"],
                max_bytes=events["max_bytes"],
                row_rules=tuple(quality["rows"]),
                dataset_rules=tuple(quality["dataset"]),
                window_days=features["window_days"],
                feature_columns={name: column["type"] for name, column in features["columns"].items()},
                features_sql=value["features_sql"],
                label=label["name"],
                horizon_days=label["horizon_days"],
                label_sql=value["label_sql"],
                cutoff_every_days=training["cutoff_every_days"],
                incomplete_windows=training["incomplete_windows"],
                known_at=training["known_at"],
                dawn=value["schedule"]["time"],
                time_zone=value["schedule"]["time_zone"],
                validation_share=training["validation_share"],
                test_share=training["test_share"],
                min_rows=training["min_rows"],
                judged_metric=value["gates"]["champion"]["metric"],
                quality_alpha=watched["alpha"],
                quality_window_days=watched["window_days"],
                max_feature_age_days=value["serving"]["max_feature_age_days"],
                serving_skew=value["monitoring"]["serving_skew"],
            )
        except (KeyError, TypeError) as error:
            raise JobError(
                f"the pipeline's spec has no {error}: expected the JSON that spec/load.ts resolves"
            ) from error

    @property
    def field_types(self) -> dict[str, str]:
        """Spark's type of every field of an event, in the order of the pipeline.yaml."""
        return {field.name: SPARK_TYPES[field.type] for field in self.fields}

    @property
    def remembered_days(self) -> int:
        """For how many days after its arrival an event's id is known, so that no copy is published: a month
        beyond the lateness that is allowed, as producers that send once more do so within hours or days.
        """
        return self.allowed_lateness_days + 31

    @property
    def features_definition(self) -> str:
        """A fingerprint of what a feature row depends on besides the events; when it changes, every row is
        computed again.
        """
        parts = [
            *(self.features_sql, self.feature_columns, self.window_days, self.entity, self.event_time),
            SETTINGS,
        ]
        if self.known_at == "write":
            parts += [self.dawn, self.time_zone]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Release:
    """A person's decision to publish the batch of a halted run although a rule failed."""

    run_id: str
    by: str
    reason: str


@dataclass(frozen=True)
class Replay:
    """The quarantined lines to process once more: of one reason, of one run, or of any."""

    reason: str | None
    run_id: str | None


@dataclass(frozen=True)
class Plan:
    """What a run has to do: the plan.json that the run's first state writes."""

    run_id: str
    mode: Literal["features", "train"]
    as_of: date
    started_at: datetime
    cutoffs: tuple[date, ...]
    label_cutoffs: tuple[date, ...]
    least_history_days: int
    dataset_uri: str
    # The version that scores the day's rows; None while none is serving.
    champion: int | None
    scoring_set_uri: str
    score_report_uri: str
    release: Release | None
    replay: Replay | None

    @staticmethod
    def parse(value: dict[str, Any]) -> "Plan":
        """From plan.json."""
        try:
            trigger, release, replay = value["trigger"], value["release"], value["replay"]
            return Plan(
                run_id=value["run_id"],
                mode=value["mode"],
                as_of=date.fromisoformat(value["as_of"]),
                started_at=datetime.fromisoformat(value["started_at"]),
                cutoffs=_dates(value["cutoffs"]),
                label_cutoffs=_dates(value["label_cutoffs"]),
                least_history_days=value["least_history_days"],
                dataset_uri=value["dataset_uri"].rstrip("/"),
                champion=value["champion"] and value["champion"]["version"],
                scoring_set_uri=value["scoring_set_uri"],
                score_report_uri=value["score_report_uri"],
                release=release and Release(release["run_id"], trigger["actor"], trigger["reason"]),
                replay=replay and Replay(replay["reason"], replay["run_id"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise JobError(f"the run's plan.json is not what run-plan writes: {error!r}") from error


def _dates(values: list[str]) -> tuple[date, ...]:
    return tuple(sorted({date.fromisoformat(value) for value in values}))
