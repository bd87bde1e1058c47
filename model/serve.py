"""SageMaker hosting entry point: model_fn once per worker, then input_fn → predict_fn → output_fn per
request.

The container turns an exception in these functions into HTTP 500. The error of an invalid request is
therefore passed on as a value, to which output_fn responds with a 4xx status and a message.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from artifact import Model, load
from flask import Response
from scoring import RequestEncoder, RequestError, as_served, parse_instances

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Endpoint:
    """A loaded model, and the part of the response that is always the same."""

    model: Model
    encoder: RequestEncoder
    identity: dict[str, Any]


@dataclass(frozen=True)
class Prediction:
    """Scores, and the model that computed them."""

    scores: np.ndarray
    identity: dict[str, Any]


def model_fn(model_dir: str) -> Endpoint:
    """Load the model and score a row of missing values, so that a broken model never goes into service."""
    model = load(Path(model_dir))
    encoder = RequestEncoder.of(model.features)
    model.score_matrix(np.full((1, len(model.features)), np.nan, dtype=np.float32))
    identity = {
        "run_id": str(model.metadata.get("run_id", "")),
        "version": os.environ.get("DAYBREAK_MODEL_VERSION", ""),
        "threshold": model.threshold,
    }
    return Endpoint(model, encoder, identity)


def input_fn(body: str | bytes, content_type: str) -> list[Any] | RequestError:
    """The request's instances, or the error in it."""
    try:
        return parse_instances(body, content_type)
    except RequestError as error:
        return error


def predict_fn(data: list[Any] | RequestError, model: Endpoint) -> Prediction | RequestError:
    """Scores of the instances, or the error in them."""
    if isinstance(data, RequestError):
        return data
    try:
        matrix = model.encoder.encode(data)
    except RequestError as error:
        return error
    return Prediction(model.model.score_matrix(matrix), model.identity)


def output_fn(prediction: Prediction | RequestError, accept: str) -> tuple[str, str] | Response:
    """`{"predictions": [{"score": …}], "model": {…}}`; always JSON, whatever `accept` says."""
    if isinstance(prediction, RequestError):
        return Response(json.dumps({"error": str(prediction)}), status=prediction.status, mimetype=JSON_TYPE)
    answer = {
        "predictions": [{"score": score} for score in as_served(prediction.scores)],
        "model": prediction.identity,
    }
    return json.dumps(answer), JSON_TYPE
