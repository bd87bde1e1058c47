"""Hyperparameters as SageMaker passes them: strings, each validated."""

import pytest
from settings import parse_settings
from user_error import UserError


def test_strings_become_numbers() -> None:
    settings = parse_settings(
        {
            "max_depth": "3",
            "learning_rate": "0.1",
            "num_round": "50",
            "threshold": "0.4",
            "seed": 11,
        }
    )

    assert settings.booster["max_depth"] == 3
    assert settings.booster["eta"] == 0.1
    assert (settings.num_round, settings.threshold.fixed, settings.seed) == (50, 0.4, 11)


def test_defaults_have_a_fixed_seed_and_choose_the_threshold() -> None:
    settings = parse_settings({"threshold": "auto"})

    assert settings.threshold.by == "f1"
    assert settings.nthread == 1


@pytest.mark.parametrize(
    ("hyperparameters", "message"),
    [
        ({"max_dept": "3"}, "Unknown hyperparameter max_dept. Did you mean max_depth?"),
        ({"max_depth": "deep"}, "max_depth must be a whole number, not 'deep'"),
        ({"max_depth": "2.5"}, "max_depth must be a whole number, not '2.5'"),
        ({"eta": "true-ish"}, "eta must be a number"),
        ({"eta": "2"}, "eta must lie between 1e-06 and 1, not 2"),
        ({"threshold": "1.5"}, "threshold must lie between 0 and 1, not 1.5"),
        ({"threshold": "max_f1"}, "threshold must be a number or auto, not 'max_f1'"),
        ({"num_round": "0"}, "num_round must lie between 1 and 100000, not 0"),
        ({"seed": "[]"}, "seed must be a whole number"),
        ({"gamma": "NaN"}, "gamma must be a number"),
    ],
)
def test_errors_state_what_is_allowed(hyperparameters: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_settings(hyperparameters)

    assert message in str(caught.value)
