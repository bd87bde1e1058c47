"""SageMaker hosting entry point: model_fn once a worker, then input_fn → predict_fn → output_fn a request.

The container turns an exception of these functions into HTTP 500, so what is the caller's fault is not raised
but handed on as a value, and output_fn answers it with its 4xx status and a message.
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
    """A loaded model, and what every answer repeats."""

    model: Model
    encoder: RequestEncoder
    identity: dict[str, Any]


@dataclass(frozen=True)
class Prediction:
    """Scores, and the model that gave them."""

    scores: np.ndarray
    identity: dict[str, Any]


def model_fn(model_dir: str) -> Endpoint:
    """Load the model and score a row of missing values: one that cannot answer must not go into service."""
    model = load(Path(model_dir))
    encoder = RequestEncoder.of(model.features)
    model.score_matrix(np.full((1, len(model.features)), np.nan, dtype=np.float32))
    identity = {
        "run_id": str(model.metadata.get("run_id", "")),
        "version": os.environ.get("DAYBREAK_MODEL_VERSION", ""),
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
    """`{"predictions": [{"score": …}], "model": {…}}`; always JSON, whatever `accept` prefers."""
    if isinstance(prediction, RequestError):
        return Response(json.dumps({"error": str(prediction)}), status=prediction.status, mimetype=JSON_TYPE)
    answer = {
        "predictions": [{"score": score} for score in as_served(prediction.scores)],
        "model": prediction.identity,
    }
    return json.dumps(answer), JSON_TYPE
