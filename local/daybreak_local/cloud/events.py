"""AWS service events on the default bus; customers cannot use their `source` prefix "aws."."""

import json
from typing import Any

from ministack.services import eventbridge

from daybreak_local.cloud.scope import on_loop


def put_event(
    source: str, detail_type: str, detail: dict[str, Any], resources: list[str] | None = None
) -> None:
    """Puts one event on the default bus; targets of matching rules run before this returns."""
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail, separators=(",", ":"), default=str),
        "Resources": resources or [],
    }
    on_loop(eventbridge._put_events, {"Entries": [entry]}, allow_aws_source=True)
