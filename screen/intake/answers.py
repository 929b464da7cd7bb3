"""What a person said of criteria that only a person can check.

answers: {NCT04361903: {prophylaxis: confirmed}}
"""

from screen.documents.tree import Node, Pairs, Problems, Text, pairs_of, text_of
from screen.language.protocol.persons import CONFIRMED, DENIED, person_concept
from screen.model.case import Observation, Stated
from screen.model.concept import Vocabulary
from screen.problems import Kind

_ANSWERS = (CONFIRMED, DENIED)


def answers_from_node(
    node: Node | None, vocabulary: Vocabulary, problems: Problems
) -> list[Observation]:
    """The answers to what the protocols that were read ask; others cannot be told apart."""
    found = []
    for protocol, body in (pairs_of(node, "answers", problems) or Pairs((), 1, 1)).pairs:
        name = protocol.value
        if name.lower() not in vocabulary.asked:
            allowed = tuple(sorted(key.upper() for key in vocabulary.asked))
            problems.add(Kind.UNKNOWN_PROTOCOL, protocol, value=name, allowed=allowed)
            continue
        criteria = vocabulary.asked[name.lower()]
        pairs = pairs_of(body, f"answers.{name}", problems)
        for criterion, said in pairs.pairs if pairs and criteria is not None else ():
            if criteria is not None and criterion.value not in criteria:
                problems.add(
                    Kind.NO_PERSON, criterion, value=criterion.value, about=name, allowed=criteria
                )
                continue
            answer = _answer(said, name, problems)
            concept = _concept(name, criterion.value, vocabulary)
            if answer is not None:
                where = f"{problems.file}:{said.line}:{said.column}"
                found.append(Observation(concept, Stated(answer), answer, where=where))
    return found


def _answer(node: Node, protocol: str, problems: Problems) -> str | None:
    text = text_of(node, f"answers.{protocol}", problems)
    if text is None or text in _ANSWERS:
        return text
    about = node.value if isinstance(node, Text) else protocol
    problems.add(Kind.UNKNOWN_VALUE, node, value=text, about=about, allowed=_ANSWERS)
    return None


def _concept(protocol: str, criterion: str, vocabulary: Vocabulary) -> str:
    """The name of the answer's concept, however the protocol's id is written."""
    asked = person_concept(protocol, criterion).lower()
    return next(name for name in vocabulary.concepts if name.lower() == asked)
