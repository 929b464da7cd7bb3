"""The vocabulary that comes with the program, as tables for people who write cases and rules."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from docs.pages.markdown import LINE, code, plain, table
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.concept import Concept, Kind, ValueTree, Vocabulary
from screen.units.number import decimal_text


@cache
def _vocabulary() -> Vocabulary:
    return load_vocabulary(default_rules_dir())


def quantities() -> str:
    """What is measured: the unit that it is compared in, and the other units that are read."""
    return table(
        ("name", "meaning", "unit", "also read", "plausible", "measured in"),
        (
            (
                code(one.name),
                _meaning(one),
                code(one.unit or ""),
                " ".join(code(unit) for unit in one.scales if unit != one.unit),
                _range(one),
                ", ".join(_word(specimen) for specimen in one.specimens),
            )
            for one in _of(Kind.QUANTITY)
        ),
    )


def findings() -> str:
    """What is found: its values, kinds of a value behind it."""
    return table(("name", "meaning", "values"), _stated(Kind.FINDING))


def attestations() -> str:
    """What only a person can say."""
    return table(("name", "meaning", "values"), _stated(Kind.ATTESTATION))


def derived() -> str:
    """What is worked out, from what, and who says so."""
    vocabulary = _vocabulary()
    declared = [one.derivation for one in vocabulary.concepts.values() if one.derivation]
    declared += [vocabulary.room_air] if vocabulary.room_air else []
    return table(
        ("name", "how", "from", "source"),
        (
            (
                code(one.name),
                plain(one.text),
                " ".join(code(name) for name in one.inputs),
                plain(one.source),
            )
            for one in sorted(declared, key=lambda one: one.name)
        ),
    )


def implications() -> str:
    """What a record of one concept says of another."""
    return table(
        ("a record of", "says of", "that it is"),
        (
            (code(_said(one, rule.value, rule.on)), code(rule.concept), code(rule.then))
            for one in _vocabulary().concepts.values()
            for rule in one.implies
        ),
    )


def contexts() -> str:
    """Under what circumstances a value was taken: the values of each context, and aliases."""
    return "\n".join(
        f"### {code(name)}\n\n{_values(tree).replace(LINE, ' · ')}\n\n"
        f"Also read: {', '.join(f'{code(a)} = {code(v)}' for a, v in sorted(tree.aliases.items()))}"
        f"{'' if tree.aliases else 'nothing else'}.\n"
        for name, tree in _vocabulary().contexts.items()
    )


def _of(kind: Kind) -> Iterator[Concept]:
    concepts = _vocabulary().concepts
    yield from (concepts[name] for name in sorted(concepts) if concepts[name].kind is kind)


def _stated(kind: Kind) -> Iterator[tuple[str, str, str]]:
    for one in _of(kind):
        assert one.tree is not None
        yield code(one.name), _meaning(one), _values(one.tree)


def _meaning(one: Concept) -> str:
    called = f"{LINE}also: {plain(', '.join(one.synonyms))}" if one.synonyms else ""
    return f"{plain(one.label)}{called}"


def _values(tree: ValueTree) -> str:
    """`present` (`active`, `latent`); a value that decides nothing says so."""
    told = []
    for value, parent in tree.parents.items():
        if parent is None:
            kinds = [code(child) for child, above in tree.parents.items() if above == value]
            behind = f" ({', '.join(kinds)})" if kinds else ""
            told.append(f"{code(value)}{behind}{_undecided(value, tree)}")
    return LINE.join(told)


def _undecided(value: str, tree: ValueTree) -> str:
    return ", decides nothing else" if value in tree.inconclusive else ""


def _range(one: Concept) -> str:
    low, high = _number(one.plausible_low), _number(one.plausible_high)
    if not low and not high:
        return ""
    least = f", nothing between 0 and {_number(one.least)}" if one.least is not None else ""
    return f"{low or 'any'} to {high or 'any'}{least}"


def _number(number: Fraction | None) -> str:
    return "" if number is None else decimal_text(number)


def _said(one: Concept, value: str | None, on: str | None) -> str:
    return " ".join(filter(None, (one.name, value, f"on {on}" if on else "")))


def _word(name: str) -> str:
    return name.replace("_", " ")
