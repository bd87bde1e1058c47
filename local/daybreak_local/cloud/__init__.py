"""The local cloud: ministack, hosted in-process, plus what the loop needs and ministack lacks.

`python -m daybreak_local --port N --home DIR` starts it. Each gap has its own small module; all of them
reach ministack through `cloud.hooks`, which fails at start when an upgrade has moved what is patched.
"""
