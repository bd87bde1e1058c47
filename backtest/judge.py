"""Trains, compares and watches the models of a backtest: `judge.py <spec.json> <rows folder>`.

Reads questions from standard input, a JSON object with an id on each line, and works on them on all
processors. Writes one line for each answer: {"id": …, "answer": …}, or {"id": …, "error": message}. Answers
come in the order in which they are ready.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# The jobs' modules are found as in their containers.
sys.path[:0] = [str(ROOT / "model"), str(ROOT / "glue-scripts")]

from comparison import compare  # noqa: E402
from contest import ROLES  # noqa: E402
from history import History  # noqa: E402
from versions import NotEnoughHistory, Version, train_version  # noqa: E402
from watching import Watch  # noqa: E402

Answer = dict[str, Any]
Served = list[dict[str, str]]


class Judge:
    """Answers the questions; remembers every model."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool
        self.versions: dict[str, Version | NotEnoughHistory] = {}

    def train(self, day: str, cutoffs: list[str]) -> Future[Answer]:
        """Train a model as of a day."""
        trained = self.pool.submit(_train, day, cutoffs)

        def answer(version: Version | NotEnoughHistory) -> Answer:
            self.versions[day] = version
            if isinstance(version, NotEnoughHistory):
                return {"outcome": "not_enough_history", "detail": str(version)}
            days = len(version.fitted_days)
            return {"outcome": "trained", "detail": f"{version.trees} trees, fitted on {days} as-of days"}

        return _then(trained, answer)

    def gate(self, day: str, champion: str | None, floor: str | None) -> Future[Answer]:
        """The gate's verdict about the model of a day, against the serving version and the best so far."""
        before = {role: self._version(one) for role, one in zip(ROLES, (champion, floor), strict=True) if one}
        return self.pool.submit(_gate, self._version(day), before)

    def drift(self, version: str, day: str) -> Future[Answer]:
        """Whether the rows of a day have drifted from a version's."""
        return self.pool.submit(_drift, self._version(version), day)

    def quality(self, day: str, served: Served) -> Future[Answer]:
        """Whether the serving version keeps its promise, as far as labels are known on a day."""
        return self.pool.submit(_quality, self._version(served[-1]["version"]), day, served)

    def compare(self, policies: dict[str, Served]) -> Future[Answer]:
        """The quality of policies on the same rows."""
        served = {name: [(one["as_of"], one["version"]) for one in days] for name, days in policies.items()}
        used = {version for days in served.values() for _, version in days}
        return self.pool.submit(_compare, {day: self._version(day) for day in used}, served)

    def _version(self, day: str) -> Version:
        version = self.versions[day]
        if isinstance(version, NotEnoughHistory):
            raise version
        return version


def _then(first: Future[Any], answer: Callable[[Any], Answer]) -> Future[Answer]:
    """A future of what is made of another's result."""
    made: Future[Answer] = Future()

    def on_done(done: Future[Any]) -> None:
        try:
            made.set_result(answer(done.result()))
        except Exception as error:
            made.set_exception(error)

    first.add_done_callback(on_done)
    return made


# In each worker.
_watch: Watch


def _begin_worker(spec_file: str, folder: str) -> None:
    global _watch
    spec = json.loads(Path(spec_file).read_text("utf-8"))
    _watch = Watch(History.read(spec, Path(folder)))


def _train(day: str, cutoffs: list[str]) -> Version | NotEnoughHistory:
    try:
        return train_version(_watch.history, day, cutoffs)
    except NotEnoughHistory as error:
        return error


def _gate(version: Version, before: Mapping[str, Version]) -> Answer:
    return _watch.gate(version, before)


def _drift(version: Version, day: str) -> Answer:
    return _watch.drift(version, day)


def _quality(version: Version, day: str, served: Served) -> Answer:
    return _watch.quality(version, day, served)


def _compare(versions: Mapping[str, Version], served: Mapping[str, list[tuple[str, str]]]) -> Answer:
    models = {day: version.serving for day, version in versions.items()}
    return {"policies": compare(_watch.history, models, served)}


def _end_with_workers() -> None:
    """Let SIGTERM end the workers, too: a pool's processes outlive a parent that dies of a signal."""
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(os.getpgrp(), signal.SIGKILL))


def main(spec_file: str, folder: str) -> None:
    # Only as the leader of its own process group: the signal must reach nobody else.
    if os.getpgrp() == os.getpid():
        _end_with_workers()
    writing = Lock()

    def write(line: Mapping[str, Any]) -> None:
        with writing:
            print(json.dumps(line, allow_nan=False), flush=True)

    context = get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, _begin_worker, (spec_file, folder)) as pool:
        judge = Judge(pool)
        questions: dict[str, Callable[..., Future[Answer]]] = {
            name: getattr(judge, name) for name in ("train", "gate", "drift", "quality", "compare")
        }
        for line in sys.stdin:
            asked = json.loads(line)
            number = asked.pop("id")

            def answer(done: Future[Answer], number: int = number) -> None:
                error = done.exception()
                if error is None:
                    write({"id": number, "answer": done.result()})
                else:
                    write({"id": number, "error": f"{type(error).__name__}: {error}"})

            questions[asked.pop("question")](**asked).add_done_callback(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
