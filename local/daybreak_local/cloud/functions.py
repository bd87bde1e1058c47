"""Lambda functions' processes as on AWS: their own variables, their role's session, their errors by name.

ministack hands a function the emulator's whole environment, and keys that anyone can compute from the
function's name. It reports every failure, also a process that ended, as Runtime.HandlerError.
"""

import json
import os
import re
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from daybreak_local.cloud import hooks
from daybreak_local.cloud.credentials import assume_role
from daybreak_local.cloud.scope import endpoint_url
from daybreak_local.isolation import clean_environment

# What ministack reports about a process that ended before it answered.
_ENDED = re.compile(r"Worker process (died|exited)|.*Broken pipe")

# What the Node.js runtime on AWS answers for an error that a handler throws.
_PAYLOAD_OF_ERROR = """
function _payloadOf(error) {
  const payload = require("util").types.isNativeError(error)
    ? { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
  return JSON.stringify(payload);
}
"""
# Where ministack reports one: rejected or passed to the callback, and thrown at once.
_REPORTED_ERRORS = {
    "error: String(err.message || err), trace": "error: _payloadOf(err), trace",
    "error: e.message, trace": "error: _payloadOf(e), trace",
}


def install() -> None:
    """Replaces what a function's process inherits, its credentials, and how it reports errors."""
    hooks.require(lambda_runtime, "os")
    hooks.edit(lambda_runtime, "_NODEJS_WORKER_SCRIPT", _REPORTED_ERRORS)
    lambda_runtime._NODEJS_WORKER_SCRIPT = _PAYLOAD_OF_ERROR + lambda_runtime._NODEJS_WORKER_SCRIPT
    hooks.require(lambda_svc, "_runtime_env_vars", "_RESERVED_RUNTIME_ENV_VARS")
    hooks.replace(lambda_runtime, "execution_credentials", execution_credentials)
    hooks.replace(lambda_svc, "execution_credentials", execution_credentials)
    hooks.wrap(lambda_svc, "_provided_worker_env", _without_the_emulator_s)
    hooks.wrap(lambda_svc, "_execute_function_warm", _with_own_error)
    # The module copies os.environ for each Node.js or Python process that it starts.
    lambda_runtime.os = SimpleNamespace(**{**vars(os), "environ": _inherited()})


def _inherited() -> dict[str, str]:
    return clean_environment({"AWS_ENDPOINT_URL": endpoint_url()})


def execution_credentials(config: dict) -> dict[str, str]:
    """A session of the function's role."""
    return assume_role(config["Role"], config["FunctionName"], "lambda.amazonaws.com")


def _without_the_emulator_s(original: Any, config: dict, code_dir: str, port: int) -> dict:
    """The environment of custom runtimes."""
    own = lambda_svc._runtime_env_vars(config).keys() | lambda_svc._RESERVED_RUNTIME_ENV_VARS
    given = original(config, code_dir, port)
    return _inherited() | {name: given[name] for name in given if name in own or name not in os.environ}


def _with_own_error(original: Any, func: dict, event: dict, request_id: str) -> dict:
    result = original(func, event, request_id)
    if result.get("error"):
        message = result["body"]["errorMessage"]
        if message.startswith('{"errorType":'):
            result["body"] = json.loads(message)
        elif _ENDED.match(message):
            result["body"] = {
                "errorType": "Runtime.ExitError",
                "errorMessage": f"RequestId: {request_id} Error: Runtime exited without providing a reason",
            }
    return result
