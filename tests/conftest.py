"""What all tests share: the rules that come with the program, and how many examples are drawn.

HYPOTHESIS_PROFILE chooses how many examples each generative test tries: `quick` (the default; the
same ones every time) or `thorough` (20,000; other ones every time).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids
from screen.model.concept import Vocabulary
from screen.model.protocol import Protocol
from tests.unit.audit.site import Site, write_rules

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "quick", max_examples=120, derandomize=True, deadline=None, suppress_health_check=_SLOW
)
settings.register_profile(
    "thorough", max_examples=20_000, deadline=None, suppress_health_check=_SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_EXAMPLES = "examples"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with rules of its own, a ledger beside them."""
    write_rules(tmp_path)
    return Site(tmp_path)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(default_rules_dir())


@pytest.fixture(scope="session")
def protocols(vocabulary: Vocabulary) -> dict[str, Protocol]:
    """The protocols that come with the program, by id."""
    rules = default_rules_dir()
    return {name: load_protocol(rules, name, vocabulary) for name in protocol_ids(rules)}


@pytest.fixture
def count_example(record_property: Callable[[str, object], None]) -> Iterator[Callable[[], None]]:
    """To be called once for each drawn example; the sum is printed at the end of the test run."""
    ran = 0

    def count() -> None:
        nonlocal ran
        ran += 1

    yield count
    record_property(_EXAMPLES, ran)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    # pytest files what happens after a test that passed under no name.
    for report in terminalreporter.getreports(""):
        for name, value in report.user_properties:
            if name == _EXAMPLES:
                terminalreporter.write_line(f"{value} examples: {report.nodeid}")
