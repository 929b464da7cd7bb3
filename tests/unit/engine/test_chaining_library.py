"""Two habits of durable-rules on which the chaining engine's use of it rests."""

import os
import subprocess
import sys

import durable_rules_engine as rete
import pytest
from durable.engine import MessageNotHandledException, Ruleset

BOTH = """
import durable_rules_engine as rete
from json import dumps
rules = {
    "case": {"all": [{"c0": {"is": "case"}}]},
    "both": {"all": [{"c0": {"is": "x"}}, {"c1": {"is": "y"}}]},
}
handle = rete.create_ruleset("rules", dumps(rules))
for name in NAMES:
    code, state = rete.assert_fact(handle, dumps({"sid": "1", "is": name}))
    assert code == 0
    if name == "case":
        assert rete.start_action_for_state(handle, state)
        rete.complete_and_start_action(handle, state)
rete.delete_state(handle, "1")
print("deleted")
"""


def run(names: list[str]) -> subprocess.CompletedProcess[str]:
    code = BOTH.replace("NAMES", repr(names))
    return subprocess.run(
        [sys.executable, "-c", code],
        # The library reads memory that it never wrote. With zeros there, nothing happens.
        env={**os.environ, "MALLOC_PERTURB_": "165"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_deleting_a_state_in_which_a_fact_waits_crashes_unless_a_rule_has_fired() -> None:
    assert run(["x"]).returncode < 0  # killed by a signal
    assert run(["case", "x"]).stdout == "deleted\n"
    assert run(["case"]).stdout == "deleted\n"


def test_a_batch_is_refused_if_one_of_its_facts_matches_no_rule() -> None:
    def nothing(closure: object) -> None:
        return None

    rules = Ruleset("batch", None, {"a": {"all": [{"c0": {"is": "x"}}], "run": nothing}})
    wanted, unwanted = {"sid": "1", "is": "x"}, {"sid": "1", "is": "y"}
    with pytest.raises(MessageNotHandledException):
        rules.assert_facts([wanted, unwanted])
    code, _ = rete.assert_fact(rules._handle, '{"sid": "2", "is": "y"}')
    assert code == 1  # refused, which the core says by a number and not by an exception
