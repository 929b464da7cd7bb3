"""A site with rules of its own for every test."""

from pathlib import Path

import pytest

from tests.unit.audit.site import Site, write_rules


@pytest.fixture
def site(tmp_path: Path) -> Site:
    write_rules(tmp_path)
    return Site(tmp_path)
