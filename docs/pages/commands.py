"""Every command with its arguments and options, as the program itself explains them."""

from collections.abc import Iterator

import typer
from typer.core import TyperGroup

from screen.cli.main import app

WIDTH = 80
HELP = ["-h", "--help"]


def markdown() -> str:
    """The help of every command, a heading for each."""
    return "\n".join(
        f"## trialscreen {name}\n\n```text\n{text.rstrip()}\n```\n" for name, text in helped()
    )


def helped() -> Iterator[tuple[str, str]]:
    """The name of each command, those of a group behind it, with its help."""
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    yield from _of(program, "")


def _of(group: TyperGroup, before: str) -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        full = f"{before} {name}".strip()
        if isinstance(command, TyperGroup):
            yield from _of(command, full)
            continue
        context = command.context_class(
            command,
            info_name=f"trialscreen {full}",
            max_content_width=WIDTH,
            terminal_width=WIDTH,
            help_option_names=HELP,
        )
        yield full, command.get_help(context)
