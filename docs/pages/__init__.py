"""Parts of the reference that are made from the tables and code they describe.

A page of `docs/reference/` holds `<!-- made: NAME -->` where a part belongs, and the site is built
with it in that place, so that no page can say something else than its source.
"""

import re
from collections.abc import Callable

from docs.pages import commands, language, protocol_file, vocabulary

PARTS: dict[str, Callable[[], str]] = {
    "language": language.markdown,
    "quantities": vocabulary.quantities,
    "findings": vocabulary.findings,
    "attestations": vocabulary.attestations,
    "derived": vocabulary.derived,
    "implications": vocabulary.implications,
    "contexts": vocabulary.contexts,
    "protocol-file": protocol_file.markdown,
    "commands": commands.markdown,
}
_MARK = re.compile(r"^<!-- made: ([a-z-]+) -->$", re.MULTILINE)


def filled(text: str) -> str:
    """A page with every part in its place. Raises KeyError for a part that nobody makes."""
    return _MARK.sub(lambda mark: PARTS[mark[1]](), text)
