"""The local cloud's account ID and region. TypeScript reads the same file."""

import json
from pathlib import Path

_FACTS = json.loads(Path(__file__).with_name("account.json").read_text())

ACCOUNT_ID: str = _FACTS["accountId"]
REGION: str = _FACTS["region"]
