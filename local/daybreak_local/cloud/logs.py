"""CloudWatch Logs, written in-process by a service."""

import time

from ministack.services import cloudwatch_logs

from daybreak_local.cloud import hooks
from daybreak_local.cloud.scope import on_loop

hooks.require(cloudwatch_logs, "_log_groups", "_create_log_group", "_create_log_stream", "_put_log_events")

# The maximum event size of PutLogEvents in bytes, less 26 of overhead.
LARGEST_EVENT = 262_144 - 26


def write_log(group: str, stream: str, lines: list[str]) -> None:
    """Appends lines to a log stream; creates the log group and stream if missing."""
    if lines:
        on_loop(_write, group, stream, lines)


def _write(group: str, stream: str, lines: list[str]) -> None:
    if group not in cloudwatch_logs._log_groups:
        cloudwatch_logs._create_log_group({"logGroupName": group})
    if stream not in cloudwatch_logs._log_groups[group]["streams"]:
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line[:LARGEST_EVENT]} for line in lines]
    cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": events})
