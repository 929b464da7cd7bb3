"""Several results one after the other: texts as they come, JSON once at the end."""

from typing import Any

from screen.cli import output
from screen.cli.shared_options import Format


class ResultWriter:
    """Shows the results of a command.

    JSON is one object for one case, and a list where `several` files were given or one file
    held several cases. Texts are parted by a line.
    """

    def __init__(self, format: Format, several: bool = False) -> None:  # noqa: A002
        self._format = format
        self._several = several
        self._entries: list[dict[str, Any]] = []
        self._first = True

    def entry(self, entry: dict[str, Any]) -> None:
        """Keep one JSON object for the end."""
        self._entries.append(entry)

    def text(self, text: str) -> None:
        """Write one text now."""
        if not self._first:
            output.result("\n---\n\n" if self._format is Format.MARKDOWN else f"\n{'=' * 80}\n\n")
        self._first = False
        output.result(text, as_utf8=self._format is Format.MARKDOWN)

    def finish(self) -> None:
        """Write the JSON; nothing where nothing was screened."""
        if not self._entries:
            return
        from screen.explain.show.json_result import json_text

        alone = len(self._entries) == 1 and not self._several
        output.result(json_text(self._entries[0] if alone else self._entries), as_utf8=True)
