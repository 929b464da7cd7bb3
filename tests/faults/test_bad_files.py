"""Files that are no case at all, from a missing file to a bomb; and random ones."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screen.intake.casefile import read_case_file
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary
from screen.problems import Kind, Problem, ProblemsFound, worded

VOCABULARY = load_vocabulary(default_rules_dir())
P = ParamSpec("P")
T = TypeVar("T")


def kinds_of(path: Path) -> list[Kind]:
    with pytest.raises(ProblemsFound) as caught:
        read_case_file(path, VOCABULARY)
    assert all(worded(problem).startswith(str(path)) for problem in caught.value.problems)
    return [problem.kind for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.yaml", b"", Kind.EMPTY),
        ("x.json", b" \n", Kind.EMPTY),
        ("x.yaml", b"# nothing\n", Kind.EMPTY),
        ("x.yaml", b"[]", Kind.EMPTY),
        ("x.yaml", bytes(range(256)), Kind.NOT_TEXT),
        ("x.yaml", b"case: a\0b\n", Kind.NOT_TEXT),
        ("x.yaml", "case: ä".encode("latin-1"), Kind.NOT_TEXT),
        ("x.yaml", "case: a".encode("utf-16"), Kind.NOT_TEXT),
        ("x.yaml", b"just text", Kind.WRONG_SHAPE),
        ("x.yaml", b"case: [", Kind.SYNTAX),
        ("x.json", b'{"case": ', Kind.SYNTAX),
        ("x.json", b'{"case": NaN}', Kind.SYNTAX),
        ("x.json", b"[" * 1_000_000, Kind.TOO_DEEP),
        ("x.yaml", b"[" * 1_000_000, Kind.TOO_DEEP),
        ("x.yaml", b"- " * 1_000_000, Kind.TOO_DEEP),
    ],
)
def test_content_that_is_no_case(tmp_path: Path, name: str, content: bytes, kind: Kind) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert kinds_of(path) == [kind]


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert kinds_of(tmp_path / "nothing.yaml") == [Kind.MISSING_FILE]
    assert kinds_of(tmp_path) == [Kind.FOLDER]


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert kinds_of(tmp_path / "pipe.yaml") == [Kind.UNREADABLE]
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    assert kinds_of(tmp_path / "loop.yaml") == [Kind.UNREADABLE]


@pytest.mark.parametrize("name", ["x.yaml", "x.json"])
def test_a_huge_file_is_refused_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(1024**3)  # sparse: it takes no room on the disk
    started = time.perf_counter()
    assert kinds_of(path) == [Kind.TOO_LARGE]
    assert time.perf_counter() - started < 1


def test_an_alias_bomb_does_not_go_off(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    path = tmp_path / "x.yaml"
    path.write_text("\n".join(lines))
    assert Kind.ALIAS in kinds_of(path)


def test_an_endless_alias_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("case: &a [*a]\n")
    assert Kind.ALIAS in kinds_of(path)


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system [ls]", "case: !!int 3"])
def test_tags_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert Kind.TAG in kinds_of(path)


def outcome(
    read: Callable[P, T], *given: P.args, **options: P.kwargs
) -> tuple[T | None, tuple[Problem, ...]]:
    """What was read, or the problems; anything else that is raised fails the test."""
    try:
        return read(*given, **options), ()
    except ProblemsFound as found:
        return None, found.problems


PIECES = st.sampled_from(
    [
        *("case: a\n", "screened_at: 2020-03-21\n", "patient: ", "observations:\n", "  spo2: "),
        *(
            "{value: 91 %, ",
            "at: 2020-03-21T08:00Z",
            "}",
            "[",
            "]",
            "\n",
            "  - ",
            ": ",
            "&a ",
            "*a",
        ),
        *("!!x ", "---\n", "> 3 mg/L", '"', "'", "|\n", "# ", "\t", "mm[Hg]", "{score}", "null"),
        *("\ue000", "\u2028", "%", "age: ", "sex: male\n", "dyspnea: present\n", "- ", ","),
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode()),
    ),
    name=st.sampled_from(["x.yaml", "x.json"]),
)
def test_whatever_a_file_holds_it_is_a_case_or_a_list_of_problems(
    tmp_path: Path, content: bytes, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    cases, problems = outcome(read_case_file, path, VOCABULARY)
    assert (cases is None) == bool(problems)
    assert all("\n" not in worded(problem) for problem in problems)
    assert all(case.id for case in cases or [])


VALUES = st.one_of(
    st.text(max_size=30),
    st.from_regex(
        r"[<>=]{0,2} ?-?[0-9]{1,4}[.,e]?[0-9]{0,4} ?[a-zA-Z%/*^\[\]{}0-9]{0,8}", fullmatch=True
    ),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, concept=st.sampled_from(["spo2", "platelets", "dyspnea", "at", "egfr"]))
def test_whatever_a_value_is_it_is_read_or_refused(
    tmp_path: Path, value: str, concept: str
) -> None:
    quoted = "'" + value.replace("'", "''").replace("\n", " ") + "'"
    path = tmp_path / "x.yaml"
    written = f"{{value: present, at: {quoted}}}" if concept == "at" else quoted
    name = "dyspnea" if concept == "at" else concept
    path.write_bytes(
        f"case: a\nscreened_at: 2020-03-21\nobservations:\n  {name}: {written}\n".encode(
            "utf-8", "surrogatepass"
        )
    )
    cases, problems = outcome(read_case_file, path, VOCABULARY)
    assert (cases is None) == bool(problems)
    for case in cases or []:
        (observation,) = case.observations
        assert observation.concept == name


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    position=st.integers(min_value=0, max_value=1500),
    piece=st.one_of(PIECES, st.text(max_size=5)),
    cut=st.integers(min_value=0, max_value=20),
)
def test_a_damaged_protocol_loads_or_is_refused(
    tmp_path: Path, position: int, piece: str, cut: int
) -> None:
    original = (default_rules_dir() / "protocols/nct04361903/protocol.yaml").read_text("utf-8")
    damaged = original[:position] + piece + original[position + cut :]
    path = tmp_path / "protocols" / "nct04361903" / "protocol.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(damaged.encode("utf-8", "surrogatepass"))
    protocol, problems = outcome(load_protocol, tmp_path, "nct04361903", VOCABULARY)
    assert (protocol is None) == bool(problems)
    assert protocol is None or protocol.criteria
