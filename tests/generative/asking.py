"""Small cases and protocols from text, as a site and an encoder would write them."""

from screen.documents.tree import Problems
from screen.documents.yaml_text import read_yaml
from screen.intake.document import case_from_tree
from screen.language.protocol.condition import condition_from_node
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.criterion import CriterionKind
from screen.model.protocol import Protocol
from tests.generative.drawing_protocols import protocol_of

LOW_PLATELETS = '{platelets: "< 20 10*9/L"}'


def case_of(vocabulary: Vocabulary, observations: str) -> Case:
    problems = Problems("case")
    text = f"case: x\nscreened_at: 2020-03-21T09:00\nobservations: {{{observations}}}\n"
    tree = read_yaml(text, problems)
    problems.check()
    assert tree is not None
    return case_from_tree(tree, "case", vocabulary)


def protocol_asking(vocabulary: Vocabulary, when: str) -> Protocol:
    problems = Problems("protocol")
    tree = read_yaml(when, problems)
    assert tree is not None
    condition = condition_from_node(tree, vocabulary, problems)
    problems.check()
    assert condition is not None
    return protocol_of((CriterionKind.INCLUSION, condition))
