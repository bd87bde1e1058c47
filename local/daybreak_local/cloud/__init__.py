"""The local cloud: ministack, hosted in-process, plus the AWS behaviour that it lacks.

`python -m daybreak_local --port N --home DIR` starts it. Each module fills one gap and patches
ministack through `cloud.hooks`, which fails at startup if an upgrade changed the patched function.
"""
