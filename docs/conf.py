"""The documentation site: the Markdown files of the repository, as they lie, under one roof.

`make docs` builds it. Nothing in it is fetched from anywhere: no fonts, no scripts, no images.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs.pages import filled  # noqa: E402  (found by the line above)
from screen.program import PROGRAM  # noqa: E402

project = "trialscreen"
release = PROGRAM.removeprefix("trialscreen ")
copyright = "the trialscreen authors, Apache-2.0"  # noqa: A001  (Sphinx reads this name)
extensions = ["myst_parser"]

# The sources are the repository itself, so that a link works here and in a checkout alike.
include_patterns = ["*.md", "docs/**.md", "rules/*.md", "cases/*.md", "screen/**.md"]
include_patterns += ["tests/benchmarks/*.md"]
exclude_patterns = [".*", "build", "dist", "out", "**/__pycache__", "**/node_modules"]
root_doc = "README"
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"trialscreen {release}"
html_theme_options: dict[str, list[str]] = {"top_of_page_buttons": []}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["index.html"]
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None

# Python's own highlighter knows no diagrams of folders, and says so for what it cannot read.
highlight_language = "text"

CONTENTS = {
    "Use it": ["docs/install", "docs/case", "docs/batch", "docs/audit", "cases/README"],
    "Write rules": ["rules/README", "docs/semantics", "docs/formats"],
    "Look it up": [
        "docs/reference/commands",
        "docs/reference/vocabulary",
        "docs/reference/protocol-file",
        "docs/reference/language",
        "docs/glossary",
    ],
    "Change it": [
        "CONTRIBUTING",
        "docs/architecture",
        "screen/engine/columns/README",
        "screen/audit/README",
        "tests/benchmarks/README",
        "CHANGELOG",
    ],
}


def _complete(app: object, docname: str, source: list[str]) -> None:  # noqa: ARG001
    """Before a page is read: what is made by a machine, and on the first page the contents."""
    source[0] = filled(source[0])
    if docname == root_doc:
        for caption, pages in CONTENTS.items():
            lines = "\n".join(f"/{page}" for page in pages)
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n{lines}\n```\n"


def setup(app: object) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("source-read", _complete)  # type: ignore[attr-defined]
    return {"parallel_read_safe": True}
