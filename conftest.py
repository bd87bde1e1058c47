"""Two workers share the tests, as CI runs them (`pytest -n 2 --dist loadgroup`): Spark's on one, the cloud's
on the other. The first mostly computes, the second mostly waits; neither a session nor a cloud starts twice.
"""

import pytest
from hypothesis import settings

# Timings belong into the benchmarks: on a busy machine an example takes long although nothing is wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        group = "spark" if {"etl", "pipelines"} & set(item.path.parts) else "cloud"
        item.add_marker(pytest.mark.xdist_group(group))
