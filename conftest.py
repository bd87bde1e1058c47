"""Three workers share the tests, as CI runs them (`pytest -n 3 --dist loadgroup`): two with Spark, and one
with the local cloud. Spark's mostly plan on one processor, the cloud's mostly waits. No cloud starts twice.
"""

import pytest
from hypothesis import settings

# Timings belong into the benchmarks: on a busy machine an example takes long although nothing is wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


# About half of the Spark tests' time.
PUBLISHING = {"test_publish", "test_quarantine", "test_isolate", "test_maintenance"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    if not {"etl", "pipelines"} & set(item.path.parts):
        return "cloud"
    return "spark, publishing" if item.path.stem in PUBLISHING else "spark"
