"""One launched local cloud for all integration tests of this folder."""

import json
import signal
from collections.abc import Iterator

import pytest
from cloud_support import Cloud, free_port, launch


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The local cloud of this test session."""
    home = tmp_path_factory.mktemp("cloud")
    port = free_port()
    process = launch(port, home, "--lazy-spark")
    line = process.stdout.readline()
    ready = json.loads(line) if line else {"ready": False, "error": process.stderr.read()}
    assert ready["ready"], ready
    yield Cloud(ready["endpoint"], home, process)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
