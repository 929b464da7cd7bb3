"""Text that cannot steer a terminal, and keeps to its width."""

from hypothesis import given
from hypothesis import strategies as st

from screen.explain.words.plain_text import cells, counted, fitting, listed, shortened, wrapped


def test_wrapped_indents_what_follows() -> None:
    assert wrapped("one two three four", 12, "- ") == ["- one two", "  three four"]
    assert wrapped("one two three", 9, "- ", "") == ["- one two", "three"]
    assert wrapped("", 12, "- ") == ["-"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert wrapped("abcdefghij kl", 6, "- ") == ["- abcd", "  efgh", "  ij", "  kl"]


@given(st.text(), st.integers(10, 80))
def test_no_line_is_wider_than_asked(text: str, width: int) -> None:
    assert all(cells(line) <= width for line in wrapped(text, width, "  - "))


def test_wide_characters_take_two_columns() -> None:
    assert cells("漢字") == 4
    assert cells("e\u0301") == 1
    assert wrapped("漢字漢字", 4) == ["漢字", "漢字"]


def test_fitting_names_as_many_as_there_is_room_for() -> None:
    assert fitting(["aa", "bb", "cc"], 20, "x: ") == "x: aa, bb, cc"
    assert fitting(["aa", "bb", "cc"], 13, "x: ") == "x: aa +2 more"
    assert fitting(["aa", "bb", "cc", "dd"], 17, "x: ") == "x: aa, bb +2 more"
    assert fitting([], 20, "none") == "none"
    assert fitting(["abcdefghij"], 8) == "1 in all"


@given(st.lists(st.text("abc-", min_size=1, max_size=40), max_size=120), st.integers(25, 60))
def test_fitting_never_takes_more_than_one_line(names: list[str], width: int) -> None:
    assert cells(fitting(names, width, "unknown: ")) <= width


def test_a_first_name_too_long_is_cut_between_its_words() -> None:
    assert fitting(["ab-cdefghij", "bb"], 17, "x: ") == "x: ab-... +1 more"
    assert fitting(["ab-cd-efghij"], 12, "x: ") == "x: ab-cd-..."
    assert fitting(["abcdefghij", "bb"], 17, "x: ") == "x: 2 in all"


def test_a_text_is_cut_between_its_words() -> None:
    assert shortened("anti-IL-6 antibody", 12) == "anti-IL-6..."
    assert shortened("nothing fails here", 16) == "nothing fails..."
    assert shortened("abcdefghij", 8) == "abcde..."


def test_small_words() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert (listed([]), listed(["a"]), listed(["a", "b"])) == ("", "a", "a and b")
    assert counted(1, "criterion", "criteria") == "1 criterion"
    assert counted(2, "file") == "2 files"
