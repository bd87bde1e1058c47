"""The one account of a local cloud, and the keys of its root. The TypeScript side reads the same file."""

import json
from pathlib import Path

_FACTS = json.loads(Path(__file__).with_name("account.json").read_text())

ACCOUNT_ID: str = _FACTS["accountId"]
REGION: str = _FACTS["region"]
ROOT_ACCESS_KEY: str = _FACTS["accessKeyId"]
ROOT_SECRET_KEY: str = _FACTS["secretAccessKey"]
