"""The model server in a container: serves /ping and /invocations like SageMaker's inference toolkit.

The user's module (SAGEMAKER_PROGRAM in SAGEMAKER_SUBMIT_DIRECTORY) defines model_fn and, optionally,
input_fn, predict_fn and output_fn, or transform_fn in their place. The model is loaded before the first
ping, so a model that fails to load fails the endpoint's health check.
"""

import importlib
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

logger = logging.getLogger(__name__)
_BOOT_ERROR = 3


class UnsupportedFormat(Exception):
    """The request's Content-Type or Accept type is not supported."""


def create_app(module: ModuleType, model_dir: str) -> Flask:
    """The WSGI app for the module's model. Raises NotImplementedError without a model_fn."""
    model_fn = getattr(module, "model_fn", None)
    if model_fn is None:
        raise NotImplementedError(f"Please provide a model_fn implementation in {module.__name__}.")
    model = model_fn(model_dir)
    transform = getattr(module, "transform_fn", None) or _composed(module)
    app = Flask("serving")

    @app.get("/ping")
    def ping() -> Response:
        return Response(status=200)

    @app.post("/invocations")
    def invocations() -> Response:
        content_type = request.content_type or "application/json"
        accept = request.headers.get("Accept") or "application/json"
        if accept == "*/*":
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")
        return _response(transform(model, _body(content_type), content_type, accept), accept)

    @app.errorhandler(UnsupportedFormat)
    def unsupported(error: UnsupportedFormat) -> Response:
        return _error(415, str(error))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException):
            return error
        traceback.print_exc()
        return _error(500, f"{type(error).__name__}: {error}")

    return app


def _body(content_type: str) -> Any:
    """str for text and JSON, bytes otherwise, as the toolkit decodes it."""
    main = content_type.partition(";")[0].strip().lower()
    textual = main.startswith("text/") or main in ("application/json", "application/jsonlines")
    return request.get_data(as_text=True) if textual else request.get_data()


def _composed(module: ModuleType) -> Callable[[Any, Any, str, str], Any]:
    read = getattr(module, "input_fn", _default_input)
    predict = getattr(module, "predict_fn", _default_predict)
    write = getattr(module, "output_fn", _default_output)

    def transform(model: Any, body: Any, content_type: str, accept: str) -> Any:
        return write(predict(read(body, content_type), model), accept)

    return transform


def _default_input(body: Any, content_type: str) -> Any:
    if content_type.partition(";")[0].strip() != "text/csv":
        raise UnsupportedFormat(f"Content type {content_type} is not supported: provide an input_fn.")
    import numpy
    import xgboost

    rows = [[float(cell) for cell in line.split(",")] for line in body.strip().splitlines()]
    return xgboost.DMatrix(numpy.array(rows))


def _default_predict(data: Any, model: Any) -> Any:
    return model.predict(data)


def _default_output(prediction: Any, accept: str) -> Any:
    values = prediction.tolist() if hasattr(prediction, "tolist") else prediction
    if accept.startswith("text/csv"):
        return "\n".join(str(value) for value in values), "text/csv"
    if accept.startswith("application/json"):
        return json.dumps(values), "application/json"
    raise UnsupportedFormat(f"Accept type {accept} is not supported: provide an output_fn.")


def _response(result: Any, accept: str) -> Response:
    if isinstance(result, Response):
        return result
    body, content_type = result if isinstance(result, tuple) else (result, accept)
    return Response(body, status=200, content_type=content_type)


def _error(status: int, message: str) -> Response:
    return Response(json.dumps({"error": message}), status=status, content_type="application/json")


def load() -> Flask:
    """The app factory for gunicorn; exits the worker if the model cannot be loaded."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    sys.path.insert(0, os.environ["SM_MODULE_DIR"])
    program = os.environ["SAGEMAKER_PROGRAM"]
    try:
        module = importlib.import_module(program.removesuffix(".py").replace("/", "."))
        return create_app(module, os.environ["SM_MODEL_DIR"])
    except Exception:
        # Print the full traceback: gunicorn may shorten it. Exit code 3 keeps it from restarting the worker.
        traceback.print_exc()
        sys.exit(_BOOT_ERROR)
