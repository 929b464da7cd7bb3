"""Reads the spec tables: `*.yaml` beside this file, one for each section of the meaning.

A table has a `section`, what its rows share, and `rows`. A row `says` something, describes a case
(`screened_at`, `patient`, `observations`) and perhaps a `site` with its own file, asks for one
condition (`when`) or for a protocol (`inclusion`, `exclusion`, `complete`), and gives what must
come out:

    truth: unknown               met, not_met or unknown
    reasons: [stale, missing]    all of them, in any order; none if it is left out
    truths: {id: met}            the same for each criterion of a protocol
    verdict: undecided
    leaves: [met, unknown]       the truth of each leaf, from left to right
    uses: [120 U/L]              the records that the value rests on, inputs of a derived value too
    assumed: true                an absence that nobody recorded takes part
    by_policy: true              a staleness limit of the site set something aside
    until: 2020-03-24            until when the verdict holds, with time alone; `never` it ends
    quality: [{concept, reason}] the remarks about records; none if it is left out
    refused: unknown_value       the row is no good input, for this reason

A row with `rows` is a group, whose rows inherit what they do not say themselves and add to its
observations. `values: {platelets: {20 K/uL: met}}` makes a row of each value, for one concept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from screen.documents.form_reader import fitted
from screen.documents.tree import Items, Node, Pairs, Problems, Text
from screen.documents.yaml_text import read_yaml
from screen.intake.document import case_from_tree
from screen.language.durations import duration
from screen.language.protocol.condition import condition_from_node
from screen.language.protocol.protocol_tests import Expected
from screen.language.site.site_file import Site
from screen.language.site.site_form import SiteForm
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.criterion import Citation, Criterion, CriterionKind
from screen.model.protocol import Drug, Protocol
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth, ordered

FOLDER = Path(__file__).parent
THE_CRITERION = "criterion"

_CASE = {"screened_at", "patient", "observations", "site"}
_QUESTION = {"when", "inclusion", "exclusion", "complete"}
_OUTCOME = {"truth", "reasons", "truths", "verdict", "leaves", "refused"}
_DETAILS = {"uses", "assumed", "by_policy", "quality", "until"}
_SHARED = _CASE | _QUESTION | {"truth", "reasons"}
_KEYS = _CASE | _QUESTION | _OUTCOME | _DETAILS | {"says", "rows", "values", "any_order"}

Keys = dict[str, Node]


@dataclass(frozen=True)
class Row:
    """One row; its parts are read when they are asked for, because some rows are bad input."""

    place: str
    says: str
    keys: Keys

    def case(self, vocabulary: Vocabulary) -> Case:
        """The case, read with the unit spellings of the site."""
        parts = {"case": _text("spec")} | {
            key: self.keys[key]
            for key in ("screened_at", "patient", "observations")
            if key in self.keys
        }
        return case_from_tree(_pairs(parts), self.place, self.site.extend(vocabulary))

    def protocol(self, vocabulary: Vocabulary) -> Protocol:
        problems = Problems(self.place)
        criteria = []
        for kind, name, node in self.conditions():
            when = condition_from_node(node, vocabulary, problems)
            if when is not None:
                criteria.append(Criterion(name, kind, name, Citation("spec", ()), when))
        problems.check()
        return Protocol(
            id=self.place,
            title="a row of the spec",
            version="1",
            complete=_scalar(self.keys.get("complete"), "true") == "true",
            status="spec",
            drug=Drug("none"),
            sources=MappingProxyType({}),
            criteria=tuple(criteria),
        )

    def conditions(self) -> Iterator[tuple[CriterionKind, str, Node]]:
        """What is asked, as it is written, by the id of the criterion."""
        if "when" in self.keys:
            yield CriterionKind.INCLUSION, THE_CRITERION, self.keys["when"]
        for kind in CriterionKind:
            for name, condition in _named(self.keys.get(kind.value)):
                yield kind, name, condition

    @property
    def site(self) -> Site:
        """The site's own file, in the shape of which `site` is written."""
        problems = Problems("site")
        form = fitted(SiteForm, _pairs(dict(_named(self.keys.get("site")))), problems)
        problems.check()
        assert form is not None
        aliases = {str(name): str(unit) for name, unit in form.unit_aliases.items()}
        limits = {str(name): duration(age) for name, age in form.staleness.items()}
        return Site(aliases, limits, "", form.no_potential)

    @property
    def expected(self) -> dict[str, Expected]:
        """What is expected of each criterion that the row says something about."""
        if "truth" in self.keys:
            reasons = ordered(Reason(text) for text in _scalars(self.keys.get("reasons")))
            return {THE_CRITERION: Expected(Truth(_scalar(self.keys["truth"])), reasons)}
        truths = _named(self.keys.get("truths"))
        return {name: Expected.of(_scalar(value)) for name, value in truths}

    @property
    def verdict(self) -> Verdict | None:
        return Verdict(_scalar(self.keys["verdict"])) if "verdict" in self.keys else None

    @property
    def leaves(self) -> tuple[Truth, ...] | None:
        if "leaves" not in self.keys:
            return None
        return tuple(Truth(text) for text in _scalars(self.keys["leaves"]))

    @property
    def uses(self) -> tuple[str, ...] | None:
        return tuple(sorted(_scalars(self.keys["uses"]))) if "uses" in self.keys else None

    @property
    def until(self) -> str | None:
        """Until when the verdict holds; "never" where time alone does not change it."""
        return _scalar(self.keys["until"]) if "until" in self.keys else None

    def flag(self, name: str) -> bool:
        return _scalar(self.keys.get(name), "false") == "true"

    @property
    def refused(self) -> str | None:
        """The stable word of the problem for which the row is refused."""
        return _scalar(self.keys["refused"]) if "refused" in self.keys else None

    @property
    def quality(self) -> list[dict[str, str]]:
        """The remarks about records that are expected."""
        node = self.keys.get("quality")
        return [
            {name: _scalar(value) for name, value in _named(item)}
            for item in (node.items if isinstance(node, Items) else ())
        ]


def tables() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


def all_rows() -> list[Row]:
    return [row for path in tables() for row in rows_of(path)]


def rows_of(path: Path) -> list[Row]:
    problems = Problems(path.name)
    tree = read_yaml(path.read_text(encoding="utf-8"), problems)
    problems.check()
    assert isinstance(tree, Pairs), f"{path.name} is no table"
    shared = {name.value: node for name, node in tree.pairs}
    assert _scalar(shared.pop("section")), f"{path.name} has no section"
    rows = shared.pop("rows")
    return list(_rows(rows, shared, path.name))


def _rows(node: Node, shared: Keys, file: str) -> Iterator[Row]:
    assert isinstance(node, Items), f"{file}: rows is no list"
    for item in node.items:
        place = f"{file}:{item.line}"
        assert isinstance(item, Pairs), f"{place}: a row has keys"
        own = {name.value: value for name, value in item.pairs}
        assert own.keys() <= _KEYS, f"{place}: unknown {sorted(own.keys() - _KEYS)}"
        keys = shared | own | {"observations": _added(shared, own)}
        if "rows" in own:
            below = {name: keys[name] for name in _SHARED & keys.keys()}
            yield from _rows(own["rows"], below, file)
        elif "values" in own:
            yield from _each_value(keys, place)
        else:
            assert keys.keys() & _OUTCOME, f"{place}: nothing is expected"
            yield Row(place, _scalar(own["says"]), keys)


def _each_value(keys: Keys, place: str) -> Iterator[Row]:
    """One row for each value; the remarks about it are the reasons why it is unknown."""
    values = keys.pop("values")
    assert isinstance(values, Pairs), f"{place}: values has keys"
    for concept, outcomes in values.pairs:
        assert isinstance(outcomes, Pairs), f"{place}: {concept.value} has keys"
        for value, outcome in outcomes.pairs:
            truth, *reasons = _scalar(outcome).split()
            dropped = [r for r in reasons if r in ("no_unit", "wrong_unit", "implausible")]
            quality = [
                _pairs({"concept": _text(concept.value), "reason": _text(r)}) for r in dropped
            ]
            one = keys | {
                "observations": _added(keys, {"observations": _pairs({concept.value: value})}),
                "truth": _text(truth),
                "reasons": Items(tuple(_text(r) for r in reasons), value.line, value.column),
                "quality": Items(tuple(quality), value.line, value.column),
            }
            file = place.partition(":")[0]
            yield Row(f"{file}:{value.line}", f"{_scalar(keys['says'])}: {value.value}", one)


def _added(shared: Keys, own: Keys) -> Node:
    """The observations of a group and of its row, those of the row going first."""
    there = dict(_named(shared.get("observations")))
    return _pairs(there | dict(_named(own.get("observations"))))


def _named(node: Node | None) -> Iterator[tuple[str, Node]]:
    for name, value in node.pairs if isinstance(node, Pairs) else ():
        yield name.value, value


def _pairs(keys: Keys) -> Pairs:
    return Pairs(tuple((_text(name), node) for name, node in keys.items()), 1, 1)


def _text(value: str) -> Text:
    return Text(value, 1, 1)


def _scalar(node: Node | None, otherwise: str = "") -> str:
    if node is None:
        return otherwise
    assert isinstance(node, Text), f"line {node.line}: one value is expected"
    return node.value


def _scalars(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    assert isinstance(node, Items), f"line {node.line}: a list is expected"
    return tuple(_scalar(item) for item in node.items)
