"""Runs one Glue job in the warm JVM, isolated from the next one.

A job gets its own SparkSession (settings, temporary views, catalogs), its role's credentials for S3A, Iceberg
and boto3, and its own import path, working folder and output files. All of these, and the modules the job
imported, are removed afterwards.
"""

import contextlib
import importlib
import logging
import os
import runpy
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

from daybreak_local.spark.errors import error_message
from daybreak_local.spark.session import ICEBERG_EXTENSIONS, endpoint_settings

# Static settings, fixed when the JVM starts; a job's --conf may only repeat them.
_STATIC = {
    "spark.sql.extensions": ICEBERG_EXTENSIONS,
    "spark.sql.warehouse.dir": None,
    "spark.serializer": None,
}


class ConfError(Exception):
    """A job's --conf argument is malformed or not supported."""


def run(root: SparkSession, request: dict[str, Any]) -> dict[str, Any]:
    """Runs a job and returns {"ok", "error"}; the script's exceptions do not propagate."""
    folder = Path(request["folder"])
    with (
        open(request["stdout"], "a", buffering=1) as out,
        open(request["stderr"], "a", buffering=1) as err,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _restored_process(folder),
    ):
        try:
            with _job_session(root, request), _job_imports(request["python_path"]):
                sys.argv = [request["script"], *argument_list(request["arguments"])]
                runpy.run_path(request["script"], run_name="__main__")
        except BaseException as error:
            if isinstance(error, SystemExit) and error.code in (None, 0):
                return {"ok": True, "error": None}
            traceback.print_exc()
            return {"ok": False, "error": error_message(error)}
    return {"ok": True, "error": None}


def argument_list(arguments: dict[str, str]) -> list[str]:
    """A job's arguments as command-line arguments."""
    return [part for name, value in arguments.items() for part in (name, str(value))]


@contextlib.contextmanager
def _restored_process(folder: Path) -> Iterator[None]:
    environment, arguments, here = dict(os.environ), list(sys.argv), os.getcwd()
    handlers, level = list(logging.root.handlers), logging.root.level
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        sys.argv = arguments
        os.environ.clear()
        os.environ.update(environment)
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


@contextlib.contextmanager
def _job_imports(paths: list[str]) -> Iterator[None]:
    """Puts the job's modules first on the import path; unloads them afterwards."""
    path, modules = list(sys.path), set(sys.modules)
    sys.path[:0] = paths
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if _comes_from(sys.modules[name], paths):
                del sys.modules[name]
        for entry in [entry for entry in sys.path_importer_cache if _below(entry, paths)]:
            del sys.path_importer_cache[entry]


def _comes_from(module: Any, paths: list[str]) -> bool:
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    return any(_below(str(place), paths) for place in places if place)


def _below(place: str, paths: list[str]) -> bool:
    return any(place == path or place.startswith(f"{path}{os.sep}") for path in paths)


@contextlib.contextmanager
def _job_session(root: SparkSession, request: dict[str, Any]) -> Iterator[None]:
    context = root.sparkContext
    credentials: dict[str, str] = request["credentials"]
    session = root.newSession()
    _configure(session, request)
    with _credentials(context, credentials, request["python_path"]), _kept_alive():
        previous = _activate(session)
        try:
            yield
        finally:
            _activate(previous)
            session.catalog.clearCache()
            # Closes the cached S3 clients, which hold this job's credentials.
            context._jvm.org.apache.hadoop.fs.FileSystem.closeAll()
            _end_python_workers(context)


def _end_python_workers(context: SparkContext) -> None:
    """Ends the job's Python workers. Spark keeps a daemon for each environment, and each job has its own."""
    spark = context._jvm.org.apache.spark.SparkEnv.get()
    field = spark.getClass().getDeclaredField("pythonWorkers")  # private, and without an accessor
    field.setAccessible(True)
    factories = field.get(spark)
    for factory in context._jvm.scala.collection.JavaConverters.mapAsJavaMap(factories).values():
        factory.stop()
    factories.clear()


def _configure(session: SparkSession, request: dict[str, Any]) -> None:
    settings = parse_conf(request["arguments"].get("--conf", ""))
    catalogs = {
        name.split(".")[3]
        for name in settings
        if name.startswith("spark.sql.catalog.") and name.count(".") >= 3
    }
    for name in catalogs:
        settings |= endpoint_settings(name, request["endpoint"])
    for name, value in settings.items():
        if name in _STATIC:
            if _STATIC[name] not in (None, value):
                raise ConfError(
                    f"--conf {name}={value}: the local session was started with {_STATIC[name]} "
                    "and cannot change it."
                )
            continue
        session.conf.set(name, value)


def parse_conf(text: str) -> dict[str, str]:
    """Glue's --conf argument: `a=1 --conf b=2 --conf c=3`."""
    settings = {}
    for part in text.split("--conf"):
        if part.strip():
            name, separator, value = part.strip().partition("=")
            if not separator:
                raise ConfError(f"--conf {part.strip()!r} is not of the form name=value.")
            settings[name.strip()] = value.strip()
    return settings


@contextlib.contextmanager
def _credentials(
    context: SparkContext, credentials: dict[str, str], python_path: list[str]
) -> Iterator[None]:
    """Sets the role's credentials for S3A and Iceberg (system properties of the AWS SDKs for Java 1 and 2),
    boto3 and Python workers.
    """
    os.environ.update(credentials)
    system = context._jvm.java.lang.System
    system_keys = {
        "aws.accessKeyId": credentials["AWS_ACCESS_KEY_ID"],
        "aws.secretKey": credentials["AWS_SECRET_ACCESS_KEY"],
        "aws.secretAccessKey": credentials["AWS_SECRET_ACCESS_KEY"],
        "aws.sessionToken": credentials["AWS_SESSION_TOKEN"],
        "aws.region": credentials["AWS_REGION"],
    }
    worker_environment = dict(context.environment)
    context.environment.update(credentials)
    context.environment["PYTHONPATH"] = os.pathsep.join([*python_path, os.environ.get("PYTHONPATH", "")])
    for key, value in system_keys.items():
        system.setProperty(key, value)
    try:
        yield
    finally:
        for key in system_keys:
            system.clearProperty(key)
        context.environment.clear()
        context.environment.update(worker_environment)


@contextlib.contextmanager
def _kept_alive() -> Iterator[None]:
    """Ignores spark.stop() in a script, which would stop the shared JVM."""
    stop_session, stop_context = SparkSession.stop, SparkContext.stop
    SparkSession.stop = lambda _self: None  # type: ignore[method-assign]
    SparkContext.stop = lambda _self: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        SparkSession.stop, SparkContext.stop = stop_session, stop_context  # type: ignore[method-assign]


def _activate(session: SparkSession) -> SparkSession:
    """Makes getOrCreate() return this session; returns the previously active one."""
    previous = SparkSession._instantiatedSession
    java = session.sparkContext._jvm.SparkSession
    java.setDefaultSession(session._jsparkSession)
    java.setActiveSession(session._jsparkSession)
    SparkSession._instantiatedSession = session
    SparkSession._activeSession = session
    return previous or session
