"""What durable-rules really does: a test for each thing that engine/chaining.py uses or avoids.

A failure here after an upgrade is news about the library, to be weighed before the pin moves.
Whatever may hang, crash or leak runs in a process of its own.
"""

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import durable_rules_engine
import pytest
from durable.engine import Host, MessageNotHandledException, MessageObservedException, Ruleset

Fact = dict[str, Any]
Pattern = dict[str, Any]


class Rig:
    """A ruleset without a Host (so without its threads), whose actions note the rules that fire."""

    def __init__(self, rules: "dict[str, Any]", *, derive: "dict[str, Any] | None" = None) -> None:
        self.fired: list[str] = []
        self.derive = derive or {}
        definition = {name: {**rule, "run": self.action(name)} for name, rule in rules.items()}
        self.ruleset = Ruleset("rig", None, definition)

    def action(self, name: str) -> "Callable[[Any], None]":
        def run(closure: "Any") -> None:
            self.fired.append(name)
            for fact in self.derive.get(name, []):
                closure.assert_fact(dict(fact))

        return run

    def put(self, *facts: "Fact", sid: str = "1", how: str = "assert_fact") -> "list[str]":
        """Assert facts one by one, run what fires each time, and return the rules fired by them."""
        before = len(self.fired)
        for fact in facts:
            state = getattr(self.ruleset, how)({**fact, "sid": sid})
            errors: list[Any] = []
            self.ruleset.do_actions(state, lambda error, _, seen=errors: seen.append(error))
            assert errors == [None]
        return self.fired[before:]


def when(*tests: Pattern) -> dict[str, Any]:
    """A rule over one fact that passes all the tests."""
    return {"all": [{"m": {"$and": [*tests]} if len(tests) > 1 else tests[0]}]}


def two_sided(limit: Any) -> Rig:
    return Rig({"holds": when({"$lte": {"v": limit}}), "fails": when({"$gt": {"v": limit}})})


def apart(code: str, seconds: float = 20) -> subprocess.CompletedProcess[str]:
    """Run code, which may use Rig and when, in a process of its own."""
    preamble = (
        "import os\nimport durable_rules_engine\nfrom durable.engine import Ruleset\n"
        "from typing import Any\nPattern = dict\n"
    )
    source = preamble + inspect.getsource(Rig) + inspect.getsource(when) + code
    return subprocess.run(
        [sys.executable, "-c", source],
        env={**os.environ, "MALLOC_PERTURB_": "165"},  # glibc: fresh memory is garbage, not zeros
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def hangs(code: str, seconds: float = 1.5) -> bool:
    try:
        apart(code, seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


# --- forward chaining over two-sided facts ---

SIDES = {1: "$lte", 0: "$gt"}
BOTH = {f"{n}:{s}": when({"leaf": n}, {op: {"v": 93}}) for n in "ab" for s, op in SIDES.items()}
BOTH["all:1"] = {"all": [{n: {"$and": [{"node": n}, {"side": 1}]}} for n in "ab"]}
BOTH |= {f"all:0:{n}": when({"node": n}, {"side": 0}) for n in "ab"}
DERIVE = {f"{n}:{s}": [{"node": n, "side": s}] for n in "ab" for s in SIDES}


@pytest.mark.parametrize(
    ("facts", "concluded"),
    [
        ({"a": 93, "b": 92}, ["all:1"]),
        ({"a": 93, "b": 94}, ["all:0:b"]),
        ({"a": 94}, ["all:0:a"]),
        ({"a": 93}, []),
        ({}, []),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_two_sided_facts_chain_to_kleene_truth(
    facts: dict[str, int], concluded: list[str], backwards: bool
) -> None:
    rig = Rig(BOTH, derive=DERIVE)
    asserted = [{"leaf": leaf, "v": value} for leaf, value in facts.items()]
    rig.put(*(reversed(asserted) if backwards else asserted))
    assert [name for name in rig.fired if name.startswith("all")] == concluded


def test_one_rule_joins_each_fact_to_the_next_by_index() -> None:
    following = {"i": {"$add": {"$l": {"first": "i"}, "$r": 1}}}
    pair = [
        {"first": {"kind": "prefix"}},
        {"second": {"$and": [{"kind": "value"}, {"g": {"first": "g"}}, following]}},
    ]
    rig = Rig({"pair": {"all": pair}})
    rig.put({"kind": "value", "g": "x", "i": 4}, {"kind": "value", "g": "y", "i": 4})
    assert rig.put({"kind": "prefix", "g": "x", "i": 3}) == ["pair"]
    assert rig.put({"kind": "prefix", "g": "x", "i": 4}) == []


def test_definition_order_then_lower_priority_number_decides_what_fires_first() -> None:
    assert Rig({n: when({"x": 1}) for n in "cab"}).put({"x": 1}) == ["c", "a", "b"]
    ranked = {n: {**when({"x": 1}), "pri": pri} for n, pri in (("c", 3), ("a", 1), ("b", 2))}
    assert Rig(ranked).put({"x": 1}) == ["a", "b", "c"]


# --- numbers and types ---


@pytest.mark.parametrize("limit", [-9 * 10**12, -1, 0, 93 * 10**6, 9 * 10**12])
def test_integers_within_nine_trillion_compare_exactly(limit: int) -> None:
    rig = two_sided(limit)
    assert rig.put({"v": limit - 1}, {"v": limit}) == ["holds", "holds"]
    assert rig.put({"v": limit + 1}) == ["fails"]


@pytest.mark.parametrize("value", [1e-07, 1e16, float("inf"), float("-inf")])
def test_numbers_that_json_writes_with_an_exponent_or_a_word_do_not_parse(value: float) -> None:
    with pytest.raises(durable_rules_engine.error, match=r"error code: 20[24]"):
        two_sided(93).put({"v": value})
    with pytest.raises(durable_rules_engine.error, match="Could not create ruleset"):
        two_sided(value)


def test_nan_is_taken_for_null_and_silently_matches_nothing() -> None:
    with pytest.raises(MessageNotHandledException):
        two_sided(93).put({"v": float("nan")})


@pytest.mark.parametrize("value", ["92", True, False])
def test_strings_and_booleans_are_coerced_to_numbers(value: Any) -> None:
    assert two_sided(93).put({"v": value}) == ["holds"]


def test_property_names_are_told_apart_by_a_32_bit_hash_alone() -> None:
    # These two collide under FNV-1a. Values are compared in full.
    assert Rig({"r": when({"costarring": 1})}).put({"liquid": 1}) == ["r"]
    assert Rig({"r": when({"x": "costarring"}), "s": when({"x": 1})}).put({"x": 1}) == ["s"]
    with pytest.raises(MessageNotHandledException):
        Rig({"r": when({"x": "costarring"})}).put({"x": "liquid"})


def test_a_pattern_of_two_keys_without_and_loses_one() -> None:
    assert Rig({"r": {"all": [{"m": {"x": 1, "y": 1}}]}}).put({"x": 1, "y": 2}) == ["r"]


# --- sizes ---


def test_more_than_64_tests_passed_by_one_fact_give_303() -> None:
    def limits(count: int) -> Rig:
        return Rig({f"r{i}": when({"c": "x"}, {"$lte": {"v": 1000 + i}}) for i in range(count)})

    assert len(limits(64).put({"c": "x", "v": 5})) == 64
    with pytest.raises(durable_rules_engine.error, match="error code: 303"):
        limits(65).put({"c": "x", "v": 5})


def test_rules_with_an_equal_test_share_it_but_at_most_255_of_them() -> None:
    assert len(Rig({f"r{i}": when({"x": 1}) for i in range(255)}).put({"x": 1})) == 255
    # 256 and more write out of bounds: error 108, a crash or wrong firings, so it is not tried.


def test_at_most_511_different_first_tests_beyond_which_compiling_never_ends() -> None:
    many = "Rig({f'r{i}': when({'c': f'k{i}'}) for i in range(%d)}).put({'c': 'k3'})"
    assert not hangs(many % 511, 10)
    assert hangs(many % 700)


def test_one_rule_joins_at_most_16_facts() -> None:
    def joined(count: int) -> list[str]:
        parts = [{f"m{i}": {"n": f"y{i}"}} for i in range(count)]
        return Rig({"r": {"all": parts}}).put(*({"n": f"y{i}"} for i in range(count)))

    assert joined(16) == ["r"]
    with pytest.raises(durable_rules_engine.error, match="error code: 304"):
        joined(17)


# --- memory ---

GROWTH = """
def rss_mb():
    pages = int(open('/proc/self/statm').read().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20
rules = {f'r{i}': when({'c': f'k{i}'}) for i in range(60)}
def case(rig, sid):
    rig.put(*({'c': f'k{i}'} for i in range(20)), sid=str(sid))
rig = Rig(rules)
for sid in range(10):
    case(rig, sid); rig.ruleset.delete_state(str(sid))
start = rss_mb()
for sid in range(10, 210):
"""


def growth_mb(each_case: str) -> float:
    done = apart(f"{GROWTH}    {each_case}\nprint(rss_mb() - start)")
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def test_a_fresh_sid_with_delete_state_keeps_memory_flat() -> None:
    assert growth_mb("case(rig, sid); rig.ruleset.delete_state(str(sid))") < 8


def test_without_delete_state_memory_grows_with_every_case() -> None:
    assert growth_mb("case(rig, sid)") > 60


def test_a_new_ruleset_per_case_leaks_unless_it_is_deleted() -> None:
    each = "rig = Rig(rules); case(rig, sid); rig.ruleset.delete_state(str(sid))"
    assert growth_mb(each) > 60
    assert growth_mb(f"{each}; durable_rules_engine.delete_ruleset(rig.ruleset._handle)") < 16


OPENED = {
    "open": when({"open": 1}),
    "both": {"all": [{"a": {"x": 1}}, {"b": {"y": 1}}]},
}


def test_a_sid_starts_anew_after_delete_state_and_sees_no_other_sid() -> None:
    rig = Rig(OPENED)
    assert rig.put({"open": 1}, {"x": 1}, sid="p") == ["open"]
    assert rig.put({"y": 1}, sid="q") == []
    with pytest.raises(MessageObservedException):  # an equal fact is refused, not counted twice
        rig.put({"x": 1}, sid="p")
    rig.ruleset.delete_state("p")
    assert rig.put({"open": 1}, {"y": 1}, sid="p") == ["open"]
    assert rig.put({"x": 1}, sid="p") == ["both"]


def test_delete_state_crashes_unless_a_rule_has_fired_for_that_sid() -> None:
    # It frees a pointer that only the first firing sets, so a case needs a rule that always fires.
    code = f"rig = Rig({OPENED!r})\nrig.put(*FACTS, sid='p')\nrig.ruleset.delete_state('p')"
    assert apart(code.replace("FACTS", "[{'x': 1}]")).returncode < 0
    assert apart(code.replace("FACTS", "[{'open': 1}, {'x': 1}]")).returncode == 0


def test_delete_state_of_a_sid_without_facts_is_refused() -> None:
    with pytest.raises(durable_rules_engine.error, match="error code: 309"):
        Rig(OPENED).ruleset.delete_state("never seen")


def test_one_ruleset_holds_1024_sids_at_once() -> None:
    code = "rig = Rig({'a': when({'x': 1})})\nfor sid in range(%d): rig.put({'x': 1}, sid=str(sid))"
    assert apart(code % 1024).returncode == 0
    assert apart(code % 1025).stderr.endswith("MemoryError\n")


# --- facts, events, absence ---


def test_a_fact_serves_every_rule_and_an_event_only_one() -> None:
    rules = {"a": when({"x": 1}), "b": when({"x": 1})}
    assert Rig(rules).put({"x": 1}) == ["a", "b"]
    assert Rig(rules).put({"x": 1}, how="assert_event") == ["a"]


def test_a_fact_that_no_rule_wants_is_refused_and_not_kept() -> None:
    rig = Rig({"a": when({"x": 1})})
    with pytest.raises(MessageNotHandledException):
        rig.put({"y": 1})
    assert rig.ruleset.get_facts("1") == []


def test_not_exists_on_an_absent_property_fires_for_ever() -> None:
    assert hangs("Rig({'a': when({'$nex': {'x': 1}})}).put({'y': 1})")


def test_none_is_decided_at_once_and_not_taken_back() -> None:
    rig = Rig({"no x": {"all": [{"a": {"y": 1}}, {"b$not": {"x": 1}}]}})
    assert rig.put({"y": 1}, {"x": 1}) == ["no x"]


def test_or_inside_one_match_fires_once_per_true_side() -> None:
    assert Rig({"a": when({"$or": [{"x": 1}, {"y": 1}]})}).put({"x": 1, "y": 1}) == ["a", "a"]


# --- actions ---


def test_an_exception_in_an_action_is_only_noted_in_the_state() -> None:
    def fail(closure: Any) -> None:
        raise ValueError("kaput")

    rules = Ruleset("rig", None, {"a": {**when({"x": 1}), "run": fail}})
    seen: list[Any] = []
    state = rules.assert_fact({"x": 1, "sid": "1"})
    rules.do_actions(state, lambda error, _: seen.append(error))
    assert seen == [None]
    assert "kaput" in rules.get_state("1")["exception"]


def test_a_derived_fact_that_no_rule_wants_is_such_an_exception() -> None:
    rig = Rig({"a": when({"x": 1})}, derive={"a": [{"unasked": 1}]})
    rig.put({"x": 1})
    assert "exception" in rig.ruleset.get_state("1")


def test_an_action_with_two_parameters_is_taken_for_asynchronous() -> None:
    given: list[Any] = []

    def run(closure: Any, name: Any = "mine") -> None:
        given.append(name)

    rules = {"a": {**when({"x": 1}), "run": run}, "b": {**when({"x": 1}), "run": run}}
    ruleset = Ruleset("rig", None, rules)
    done: list[Any] = []
    ruleset.do_actions(ruleset.assert_fact({"x": 1, "sid": "1"}), lambda *end: done.append(end))
    assert len(given) == 1  # the second rule waits for ever ...
    assert callable(given[0])  # ... for this callback, which took the default's place
    assert done == []


# --- hosts ---


def test_several_rulesets_in_one_process_are_independent() -> None:
    rigs = [Rig({f"r{n}": when({"x": n})}) for n in range(7)]  # even under one name
    assert [rig.put({"x": n}) for n, rig in enumerate(rigs)] == [[f"r{n}"] for n in range(7)]
    with pytest.raises(MessageNotHandledException):
        rigs[0].put({"x": 1})


def test_a_host_refuses_a_name_twice_and_starts_threads() -> None:
    code = (
        "import threading; from durable.engine import Host; Host(); print(threading.active_count())"
    )
    assert apart(code).stdout == "3\n"
    host = Host({"p": {"a": {**when({"x": 1}), "run": lambda closure: None}}})
    host._d_timer.cancel()
    host._t_timer.cancel()
    with pytest.raises(Exception, match="already registered"):
        host.set_rulesets({"p": {"a": {**when({"x": 1}), "run": lambda closure: None}}})
