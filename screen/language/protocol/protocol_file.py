"""One protocol file to a Protocol; whatever contradicts the vocabulary is refused."""

from types import MappingProxyType

from screen.documents.tree import (
    Node,
    Pairs,
    Problems,
    Text,
    check_keys,
    items_of,
    pairs_of,
    text_of,
)
from screen.language.identifiers import check_criterion, check_protocol
from screen.language.protocol.citations import (
    check_coverage,
    citation_from_node,
    not_screened_from_node,
)
from screen.language.protocol.cited_sources import sources_from_node
from screen.language.protocol.condition import condition_from_node
from screen.language.protocol.persons import person_concept, person_text
from screen.language.vocabulary.derivations import flag
from screen.model.concept import Vocabulary
from screen.model.criterion import Criterion, CriterionKind
from screen.model.protocol import Drug, Protocol, Source
from screen.problems import Kind

REQUIRED = ("protocol", "title", "version", "complete", "status", "drug", "sources")
OPTIONAL = ("inclusion", "exclusion", "not_screened", "note")
CRITERION_REQUIRED = ("id", "text", "source", "when")
CRITERION_OPTIONAL = ("note",)


def protocol_from_tree(
    tree: Node, vocabulary: Vocabulary, problems: Problems, *, folder: str, digest: str, file: str
) -> Protocol:
    """The protocol in `tree`. Raises ProblemsFound with everything that is wrong with it."""
    top = pairs_of(tree, "a protocol file", problems)
    problems.check()
    assert top is not None
    check_keys(top, "the protocol", REQUIRED, OPTIONAL, problems)
    name = text_of(top.get("protocol"), "protocol", problems) or folder
    if isinstance(node := top.get("protocol"), Text):
        check_protocol(node, problems)
    if name.lower() != folder:
        problems.add(
            Kind.WRONG_FOLDER, top.get("protocol"), value=name, about=folder, detail=name.lower()
        )
    sources = sources_from_node(top.get("sources"), problems)
    criteria = tuple(
        criterion
        for kind in CriterionKind
        for criterion in _criteria(top, name, kind, sources, vocabulary, problems)
    )
    _check_ids(top, problems)
    not_screened = not_screened_from_node(top.get("not_screened"), sources, problems)
    check_coverage(top, sources, problems)
    protocol = Protocol(
        id=name,
        title=_text(top, "title", problems),
        version=_text(top, "version", problems),
        complete=flag(top.get("complete"), "complete", problems) or False,
        status=_text(top, "status", problems),
        drug=_drug(top.get("drug"), problems),
        sources=MappingProxyType(sources),
        criteria=criteria,
        not_screened=not_screened,
        note=_text(top, "note", problems),
        digest=digest,
        file=file,
    )
    problems.check()
    return protocol


def _criteria(
    top: Pairs,
    protocol: str,
    kind: CriterionKind,
    sources: dict[str, Source],
    vocabulary: Vocabulary,
    problems: Problems,
) -> list[Criterion]:
    criteria = []
    for item in items_of(top.get(kind.value), kind.value, problems) or ():
        body = pairs_of(item, f"a criterion under {kind.value}", problems)
        if body is None:
            continue
        about = _about(body)
        check_keys(body, about, CRITERION_REQUIRED, CRITERION_OPTIONAL, problems)
        when = body.get("when")
        place = person_concept(protocol, about)
        condition = None if when is None else condition_from_node(when, vocabulary, problems, place)
        person = person_text(when, about, problems)
        citation = citation_from_node(body.get("source"), about, sources, problems)
        text = text_of(body.get("text"), f"{about}.text", problems)
        note = text_of(body.get("note"), f"{about}.note", problems)
        if condition is not None and citation is not None and text is not None:
            criteria.append(
                Criterion(about, kind, text, citation, condition, note or "", body.line, person)
            )
    return criteria


def _about(body: Pairs) -> str:
    node = body.get("id")
    return node.value.strip() if isinstance(node, Text) else "a criterion"


def _check_ids(top: Pairs, problems: Problems) -> None:
    """Every criterion has a name of its own, across inclusion and exclusion."""
    first: dict[str, int] = {}
    number = 0
    for kind in CriterionKind:
        node = top.get(kind.value)
        for body in getattr(node, "items", ()):
            number += 1
            name = body.get("id") if isinstance(body, Pairs) else None
            text = text_of(name, "id", problems)
            if name is None or text is None:
                continue
            assert isinstance(name, Text)
            if check_criterion(name, problems) and text in first:
                problems.add(Kind.DUPLICATE_ID, name, value=text, detail=str(first[text]))
            first.setdefault(text, name.line)
    if not number:
        problems.add(Kind.NO_CRITERIA, top)


def _drug(node: Node | None, problems: Problems) -> Drug:
    body = pairs_of(node, "drug", problems)
    if body is None:
        return Drug("")
    check_keys(body, "drug", ("name",), ("dose",), problems)
    return Drug(
        text_of(body.get("name"), "drug.name", problems) or "",
        text_of(body.get("dose"), "drug.dose", problems) or "",
    )


def _text(top: Pairs, key: str, problems: Problems) -> str:
    return text_of(top.get(key), key, problems) or ""
