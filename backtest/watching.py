"""What a backtest asks about a version: the gate's verdict, drift, and whether it keeps its promise."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from baseline import drift_baseline
from contest import Version as Registered
from drift import Limits
from drift_report import drift_report
from explanation import shap_summary
from history import History
from performance import Outcomes, Shortfall, onset
from scoring import as_served
from splits import AS_OF
from versions import Version


def _silent(reason: str) -> dict[str, Any]:
    return {"alarm": False, "reason": reason, "onset": None}


class Watch:
    """The questions, with the functions of the evaluation job and of the monitor."""

    def __init__(self, history: History) -> None:
        self.history, self.pipeline = history, history.pipeline
        self._baselines: dict[str, dict[str, Any]] = {}
        self._rules = history.spec["monitoring"]["quality"]

    def gate(self, version: Version, before: Mapping[str, Version]) -> dict[str, Any]:
        """The gate's verdict about a new version, given the champion and the floor by role."""
        history = self.history
        # Like with like: what serves has learnt from all labels, most of the new test rows included. What was
        # evaluated of it has not seen them, nor has the challenger.
        known = dict(enumerate(before.items(), start=1))
        test = history.labelled(list(version.test_days))
        rivals = [
            version.challenge.rival(
                Registered(role, one.evaluated, number, self._last_label_day(one.validation_days)),
                test,
                self.pipeline,
            )
            for number, (role, one) in known.items()
        ]
        judgement = version.challenge.judge(rivals, self.pipeline, version.day)
        verdict, floor = judgement.verdict, judgement.floor_version
        best = version if floor is None else known[floor][1]
        return {"passed": all(rule["passed"] for rule in verdict), "verdict": verdict, "best": best.day}

    def drift(self, version: Version, day: str) -> dict[str, Any]:
        """Whether the rows of a day have drifted from a version's evaluation rows."""
        rows = self.history.of([day])
        # As in the score stage: the baseline's scores are those of the evaluated model.
        scores = np.array(as_served(version.evaluated.score(rows)))
        limits = Limits(**self.history.spec["monitoring"]["drift"])
        report = drift_report(self._baseline(version), rows, scores, limits)
        return {
            "alarm": report["status"] == "drift",
            "reason": report.get("reason", report["status"]),
            "onset": None,
        }

    def _baseline(self, version: Version) -> dict[str, Any]:
        if version.day not in self._baselines:
            history, model = self.history, version.evaluated
            evaluation = history.labelled(list(version.test_days))
            explained = shap_summary(model, evaluation, history.seed)
            self._baselines[version.day] = drift_baseline(
                history.labelled(list(version.fitted_days)),
                evaluation,
                history.description.entity,
                model.features,
                {one["name"]: one["mean_abs_shap"] for one in explained["features"]},
                np.array(as_served(model.score(evaluation))),
            )
        return self._baselines[version.day]

    def quality(self, version: Version, day: str, served: Sequence[dict[str, str]]) -> dict[str, Any]:
        """Whether the newest known labels of a version's scores are worse than it promised."""
        history = self.history
        days = self._matured(version, day, served)
        if not days:
            return _silent("no score of this version has a known label")
        rows = history.labelled(days)
        observed = self._outcomes(rows, version.serving.score(rows))
        if observed.too_few is not None:
            return _silent(observed.too_few)
        test = history.labelled(list(version.test_days))
        promised = self._outcomes(test, version.evaluated.score(test))
        metric, threshold = history.metric, history.threshold(version.serving)
        promise = promised.estimate(metric, threshold, history.seed)
        shortfall = Shortfall(promise, observed.estimate(metric, threshold, history.seed))
        broken = shortfall.is_broken(self._rules["alpha"])
        as_of = rows[AS_OF].to_numpy(dtype=str)
        return {
            "alarm": broken,
            "reason": f"{metric} {shortfall.observed.value:.3f} on {len(rows)} rows with known labels; "
            f"promised {shortfall.promised.value:.3f}",
            "onset": onset(as_of, observed, promise, metric, threshold, history.seed) if broken else None,
        }

    def _matured(self, version: Version, day: str, served: Sequence[dict[str, str]]) -> list[str]:
        """The newest of the days that a version scored whose labels are known on `day`."""
        wait = self.pipeline.horizon_days + self.pipeline.lateness_days
        known = date.fromisoformat(day) - timedelta(days=wait)
        days = [one["as_of"] for one in served if one["version"] == version.day]
        oldest = known - timedelta(days=self._rules["window_days"])
        return [one for one in days if oldest < date.fromisoformat(one) <= known]

    def _last_label_day(self, days: Sequence[str]) -> str:
        last = date.fromisoformat(days[-1])
        return (last + timedelta(days=self.pipeline.horizon_days - 1)).isoformat()

    def _outcomes(self, rows: Any, scores: Any) -> Outcomes:
        return Outcomes(self.history.labels(rows), scores, self.history.entities(rows))
