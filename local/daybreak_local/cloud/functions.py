"""Lambda functions' processes as on AWS: their own variables, their role's session, the error of a crash.

ministack hands a function the emulator's whole environment, and keys that anyone can compute from the
function's name. It reports a process that ended as an error of the handler.
"""

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


def install() -> None:
    """Replaces what a function's process inherits, its credentials, and the error when it ends."""
    hooks.require(lambda_runtime, "os")
    hooks.require(lambda_svc, "_runtime_env_vars", "_RESERVED_RUNTIME_ENV_VARS")
    hooks.replace(lambda_runtime, "execution_credentials", lambda _original: execution_credentials)
    hooks.replace(lambda_svc, "execution_credentials", lambda _original: execution_credentials)
    hooks.wrap(lambda_svc, "_provided_worker_env", _without_the_emulator_s)
    hooks.wrap(lambda_svc, "_execute_function_warm", _with_exit_error)
    # The module copies os.environ for each Node.js or Python process that it starts.
    lambda_runtime.os = SimpleNamespace(**{**vars(os), "environ": _inherited()})


def _inherited() -> dict[str, str]:
    return clean_environment({"AWS_ENDPOINT_URL": endpoint_url()})


def execution_credentials(config: dict) -> dict[str, str]:
    """A session of the function's role."""
    keys = assume_role(config["Role"], config["FunctionName"], "lambda.amazonaws.com")
    return {
        "AWS_ACCESS_KEY_ID": keys["access_key"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_key"],
        "AWS_SESSION_TOKEN": keys["session_token"],
    }


def _without_the_emulator_s(original: Any, config: dict, code_dir: str, port: int) -> dict:
    """The environment of custom runtimes."""
    own = lambda_svc._runtime_env_vars(config).keys() | lambda_svc._RESERVED_RUNTIME_ENV_VARS
    given = original(config, code_dir, port)
    return _inherited() | {name: given[name] for name in given if name in own or name not in os.environ}


def _with_exit_error(original: Any, func: dict, event: dict, request_id: str) -> dict:
    result = original(func, event, request_id)
    if result.get("error") and _ENDED.match(result["body"]["errorMessage"]):
        result["body"] = {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {request_id} Error: Runtime exited without providing a reason",
        }
    return result
