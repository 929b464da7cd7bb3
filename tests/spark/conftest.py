"""One Spark for all tests here, which run only where they are asked for: `make test-spark`.

Asked for, they fail without pyspark or Java, so that nothing passes by being left out.
"""

import os
from collections.abc import Iterator

import pytest

from screen.engine.columns.backends import SparkBackend

ASKED = "TRIALSCREEN_SPARK"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get(ASKED):
        left_out = pytest.mark.skip(reason=f"Spark is not asked for ({ASKED}): make test-spark")
        for item in items:
            if "spark" in getattr(item, "fixturenames", ()):
                item.add_marker(left_out)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkBackend]:
    backend = SparkBackend()
    yield backend
    backend.close()
