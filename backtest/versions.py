"""Models as of a day, trained and evaluated as the run's jobs do it."""

from dataclasses import dataclass

from artifact import Model
from contest import Challenge, features_alone
from history import History
from training import fit, refit
from user_error import UserError

from etl.train.split import split_cutoffs


@dataclass(frozen=True)
class Version:
    """A trained model: what was evaluated, and what serves."""

    day: str
    evaluated: Model
    challenge: Challenge
    # Trained on all labelled cutoffs, with the evaluated model's number of trees.
    serving: Model
    train_days: tuple[str, ...]
    validation_days: tuple[str, ...]
    test_days: tuple[str, ...]
    fitted_days: tuple[str, ...]
    trees: int


class NotEnoughHistory(Exception):
    """No model can be trained as of this day; the message says what is missing."""


def train_version(history: History, day: str, cutoffs: list[str]) -> Version:
    """Train as of `day` on the cutoffs with a known label. Raises NotEnoughHistory."""
    training = history.spec["training"]
    rows = history.of(cutoffs)
    days = sorted(rows["as_of"].unique())
    if len(rows) < training["min_rows"]:
        raise NotEnoughHistory(f"{len(rows)} labelled rows; training.min_rows is {training['min_rows']}")
    horizon = history.spec["label"]["horizon_days"]
    split = split_cutoffs(days, horizon, training["validation_share"], training["test_share"])
    if split is None:
        raise NotEnoughHistory(f"{len(days)} as-of days with rows and a known label cannot be split")
    parts = {name: history.labelled(list(part)) for name, part in split.parts.items()}
    description, settings = history.description, history.settings
    try:
        trained = fit(parts["train"], parts["validation"], description, settings)
        metadata = {"threshold": trained.threshold}
        evaluated = Model(trained.booster, trained.features, metadata)
        alone = features_alone(evaluated, parts["train"], parts["test"], description)
    except UserError as error:
        raise NotEnoughHistory(str(error)) from error
    rounds = trained.best_iteration + 1
    refitted = refit(history.labelled(days), description, settings, rounds)
    return Version(
        day,
        evaluated=evaluated,
        challenge=Challenge.of(
            evaluated, parts["train"], parts["test"], alone, description, history.pipeline
        ),
        serving=Model(refitted.booster, refitted.features, metadata),
        train_days=split.train,
        validation_days=split.validation,
        test_days=split.test,
        fitted_days=tuple(days),
        trees=rounds,
    )
