"""Small cases and conditions written as YAML, judged and ready to be put into words."""

from collections.abc import Callable, Mapping

import pytest

from screen.documents.tree import Problems
from screen.documents.yaml_text import read_yaml
from screen.engine.reference import judge
from screen.explain.words.background import Background
from screen.facts.gather import Facts
from screen.intake.document import case_from_tree
from screen.language.protocol.condition import condition_from_node
from screen.model.case import Case
from screen.model.concept import Vocabulary
from screen.model.criterion import Citation, Criterion, CriterionKind
from screen.model.protocol import Drug, Protocol
from screen.model.screening import CriterionResult, ScreenedCase, Screening, verdict_of

Judge = Callable[..., tuple[CriterionResult, Background]]
HEAD = "case: T\nscreened_at: 2020-03-21T09:00:00+01:00\n"


def read_case(text: str, vocabulary: Vocabulary) -> Case:
    problems = Problems("case.yaml")
    tree = read_yaml(HEAD + text, problems)
    assert tree is not None
    return case_from_tree(tree, "case.yaml", vocabulary, None, problems, aside=True)


@pytest.fixture
def judged(vocabulary: Vocabulary) -> Judge:
    """One criterion, judged: `judged(observations, when)`, both as YAML in one line."""

    def run(
        observations: str,
        when: str,
        *,
        patient: str = "{sex: female, birth_date: 1957-08-02}",
        kind: CriterionKind = CriterionKind.INCLUSION,
        policy: Mapping[str, int] | None = None,
        complete: bool = True,
    ) -> tuple[CriterionResult, Background]:
        case = read_case(f"patient: {patient}\nobservations: {observations}\n", vocabulary)
        problems = Problems("protocol.yaml")
        node = read_yaml(when, problems)
        assert node is not None
        condition = condition_from_node(node, vocabulary, problems)
        problems.check()
        assert condition is not None
        citation = Citation("registry", ("inclusion 1",))
        criterion = Criterion("asked", kind, "What is asked", citation, condition)
        facts = Facts(case, vocabulary, policy)
        result = CriterionResult(criterion, judge(condition, facts, vocabulary))
        protocol = Protocol(
            "T1", "A test", "2020", complete, "completed", Drug("drug"), {}, (criterion,)
        )
        screening = Screening(protocol, verdict_of(protocol, (result,)), (result,))
        screened = ScreenedCase(case, (screening,), facts.quality)
        return result, Background(screened, vocabulary, policy or {})

    return run
