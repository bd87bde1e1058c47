"""Serving: from a request's body to the response, for valid and invalid requests."""

import json
from collections.abc import Callable
from pathlib import Path

import contract
import numpy as np
import pandas as pd
import pytest
import serve
from artifact import load, save
from flask import Response
from settings import parse_settings
from splits import DatasetDescription
from training import fit
from user_error import UserError

JSON_TYPE = "application/json"


@pytest.fixture
def model_folder(rows: Callable[..., pd.DataFrame], description: DatasetDescription, tmp_path: Path) -> Path:
    model = fit(rows(400, 1), rows(200, 2), description, parse_settings({"num_round": 20}))
    features = [feature.to_json() for feature in model.features]
    save(tmp_path, model.booster, {"features": features, "threshold": 0.5, "run_id": "run-1"})
    return tmp_path


@pytest.fixture
def endpoint(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> serve.Endpoint:
    monkeypatch.setenv("DAYBREAK_MODEL_VERSION", "3")
    return serve.model_fn(str(model_folder))


def ask(
    endpoint: serve.Endpoint, body: str | bytes, content_type: str = JSON_TYPE
) -> tuple[str, str] | Response:
    prediction = serve.predict_fn(serve.input_fn(body, content_type), endpoint)
    return serve.output_fn(prediction, JSON_TYPE)


def test_a_response_has_the_scores_of_training_and_names_the_model(
    endpoint: serve.Endpoint, model_folder: Path, rows: Callable[..., pd.DataFrame]
) -> None:
    frame = rows(40, 6)
    plain = frame[["recency", "visits", "device"]].astype(object)
    instances = plain.where(plain.notna(), None).to_dict("records")

    answer = ask(endpoint, json.dumps(contract.check("endpoint-request", {"instances": instances})))

    assert not isinstance(answer, Response)
    body, content_type = answer
    assert content_type == JSON_TYPE
    content = contract.check("endpoint-answer", json.loads(body))
    assert content["model"] == {"run_id": "run-1", "version": "3", "threshold": 0.5}
    scores = [prediction["score"] for prediction in content["predictions"]]
    np.testing.assert_allclose(scores, load(model_folder).score(frame), atol=1e-6)


def test_bytes_a_charset_unknown_categories_and_extra_features_are_accepted(endpoint: serve.Endpoint) -> None:
    body = json.dumps({"instances": [{"recency": 3, "device": "fridge", "added_since": 1}]}).encode()

    assert not isinstance(ask(endpoint, body, "application/json; charset=utf-8"), Response)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "The body is not JSON"),
        (b"\xff\xfe", "The body is not JSON"),
        ("[]", 'The body must be {"instances"'),
        ('{"instances": []}', "must hold 1 to 10000 entries, not 0"),
        ('{"instances": [1]}', "instances[0] must be an object of features, not a number"),
        ('{"instances": [{}]}', "has none of the model's features: recency, visits, device"),
        ('{"instances": [{"recensy": 1}]}', "has none of the model's features"),
        (
            '{"instances": [{"visits": 1}, {"visits": "1"}]}',
            "instances[1].visits must be a number, not a string",
        ),
        ('{"instances": [{"visits": true}]}', "instances[0].visits must be a number, not a boolean"),
        ('{"instances": [{"device": 7}]}', "instances[0].device must be a string, not a number"),
    ],
)
def test_an_invalid_request_is_answered_with_the_reason(
    endpoint: serve.Endpoint, body: str | bytes, message: str
) -> None:
    answer = ask(endpoint, body)

    assert isinstance(answer, Response)
    assert answer.status_code == 400
    assert message in json.loads(answer.get_data())["error"]


def test_other_content_types_are_rejected(endpoint: serve.Endpoint) -> None:
    answer = ask(endpoint, "1,2,3", "text/csv")

    assert isinstance(answer, Response)
    assert answer.status_code == 415


def test_infinity_is_missing_as_in_training(endpoint: serve.Endpoint) -> None:
    infinite = ask(endpoint, '{"instances": [{"recency": Infinity, "visits": 2}]}')

    assert infinite == ask(endpoint, '{"instances": [{"recency": null, "visits": 2}]}')


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="was it written by another training script"):
        serve.model_fn(str(tmp_path))
