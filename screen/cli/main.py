"""The entry of `trialscreen`: the commands, and what becomes of everything that goes wrong.

Exit status: 0 all inputs were screened; 1 finished, but something was refused; 2 nothing could
be done; 130 interrupted; 141 the reader of a pipe went away (`docs/formats.md`).
"""

import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated

import typer

from screen.cli import output
from screen.cli.audit_commands import audit
from screen.cli.batch_command import batch
from screen.cli.case_command import case
from screen.cli.checklist_command import checklist
from screen.cli.concepts_command import concepts
from screen.cli.explain_command import explain
from screen.cli.protocols_commands import protocols
from screen.problems import ProblemsFound

_INTERRUPTED = 130
# They read a few files and end: nothing that they leave behind is worth a search for it.
_SHORT = ("case", "explain", "protocols", "concepts", "checklist")

# What a wrong command line raises; its module differs between releases of Typer.
CommandLineError: type[typer.BadParameter] = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="trialscreen",
    help="Screen patient cases against clinical-trial eligibility rules, and show why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
app.command("case")(case)
app.command("explain")(explain)
app.command("batch")(batch)
app.add_typer(protocols, name="protocols")
app.command("concepts")(concepts)
app.command("checklist")(checklist)
app.add_typer(audit, name="audit")


def _version(wanted: bool) -> None:
    if wanted:
        from screen.program import PROGRAM

        output.result(f"{PROGRAM}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback acts)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Screen patient cases against clinical-trial eligibility rules, and show why."""
    if context.invoked_subcommand not in _SHORT and not gc.isenabled():
        gc.freeze()
        gc.enable()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit status. Never raises for bad input.

    Without `arguments` it is the whole process: a short command then runs and ends without the
    garbage collector, whose searches take 10 to 30 ms of one cold start.
    `TRIALSCREEN_DEBUG=1` lets an unexpected exception through with its traceback.
    """
    if arguments is not None:
        return _run(arguments)
    gc.disable()
    try:
        return _run(None)
    finally:
        if not gc.isenabled():
            gc.freeze()


def _run(arguments: Sequence[str] | None) -> int:
    output.open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(app(args=arguments, prog_name="trialscreen", standalone_mode=False) or 0)
    except CommandLineError as error:
        error.show()
        return output.NOTHING_DONE
    except ProblemsFound as found:
        output.problems(found)
        return output.NOTHING_DONE
    except output.NotShown as error:
        output.not_shown(error)
        return output.SOME_REFUSED
    except BrokenPipeError:
        return output.PIPE_CLOSED
    except (KeyboardInterrupt, typer.Abort):
        output.message("interrupted")
        return _INTERRUPTED
    except Exception as error:
        if os.environ.get("TRIALSCREEN_DEBUG"):
            raise
        output.message(
            f"trialscreen: unexpected {type(error).__name__}; this is a fault of the program, and "
            "no verdict is shown. TRIALSCREEN_DEBUG=1 shows where it happened."
        )
        return output.NOTHING_DONE


if __name__ == "__main__":
    sys.exit(main())
