"""What model/ needs to know of the pipeline: the resolved pipeline.yaml, as JSON."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from gate import Gates
from segments import Segments
from threshold import ThresholdRule
from user_error import UserError


@dataclass(frozen=True)
class Pipeline:
    """The settings of an evaluation."""

    gates: Gates
    threshold: ThresholdRule
    segments: tuple[Segments, ...]
    horizon_days: int
    cutoff_every_days: int
    lateness_days: int
    history_days: int
    test_share: float

    def run_with_slices_after(self, last_label_day: str, slices: int) -> str:
        """The first as-of day of a run that has so many labelled as-of days after a day.

        The newest as-of day with a label lies a whole number of steps before the run.
        """
        days = 1 + (self._steps_to_label + slices - 1) * self.cutoff_every_days
        return (date.fromisoformat(last_label_day) + timedelta(days=days)).isoformat()

    def run_with_test_slices(self, as_of: str, slices: int, needed: int) -> str | None:
        """About when a run has so many test days if one as of `as_of` has `slices`: the history of a young
        pipeline still grows. None if training.history_days has no room for them.
        """
        labelled = round(slices / self.test_share)
        wanted = max(labelled, math.ceil((needed - 0.5) / self.test_share))
        if (
            needed > slices
            and wanted > self.history_days // self.cutoff_every_days + 1 - self._steps_to_label
        ):
            return None
        steps = wanted - labelled if needed > slices else 0
        return (date.fromisoformat(as_of) + timedelta(days=steps * self.cutoff_every_days)).isoformat()

    @property
    def _steps_to_label(self) -> int:
        return math.ceil((self.horizon_days + self.lateness_days) / self.cutoff_every_days)

    @staticmethod
    def parse(spec: Mapping[str, Any]) -> "Pipeline":
        """From the resolved pipeline.yaml."""
        return Pipeline(
            gates=Gates.parse(spec["gates"]),
            threshold=ThresholdRule.parse(spec["serving"]["threshold"], spec["serving"].get("costs")),
            segments=Segments.parse(spec["segments"]),
            horizon_days=int(spec["label"]["horizon_days"]),
            cutoff_every_days=int(spec["training"]["cutoff_every_days"]),
            lateness_days=int(spec["events"]["allowed_lateness_days"]),
            history_days=int(spec["training"]["history_days"]),
            test_share=float(spec["training"]["test_share"]),
        )


def read_json(folder: Path, what: str) -> Any:
    """The one JSON file of an input's folder, whatever it is called."""
    files = sorted(folder.glob("*.json")) if folder.exists() else []
    if len(files) != 1:
        raise UserError(f"Expected {what} as one JSON file in {folder}; it has {len(files)}.")
    return json.loads(files[0].read_text(encoding="utf-8"))
