"""`trialscreen protocols`: what the protocols ask."""

from typing import Annotated

import typer

from screen.cli import output
from screen.cli.shared_options import Listed, Listing, Rules

protocols = typer.Typer(
    help="List and show the protocols.", no_args_is_help=True, rich_markup_mode=None
)


@protocols.command("list")
def list_protocols(
    rules: Rules = None,
    format: Listed = Listing.TABLE,  # noqa: A002
) -> int:
    """List every protocol with its version, its drug and how much of it is known."""
    from screen.explain.show.json_result import json_text
    from screen.explain.show.protocol_list import protocol_list, protocol_summary
    from screen.language.loading.rules import load_rules

    found = load_rules(rules).protocols
    if format is Listing.JSON:
        output.result(json_text([protocol_summary(one) for one in found]), as_utf8=True)
    else:
        output.result(protocol_list(found, output.painter(), output.width()))
    return output.DONE


@protocols.command("show")
def show(
    protocol: Annotated[str, typer.Argument(metavar="ID", help="The protocol.")],
    rules: Rules = None,
    format: Listed = Listing.TABLE,  # noqa: A002
) -> int:
    """Show every criterion of one protocol with its source and what it asks."""
    from screen.explain.show.json_result import json_text
    from screen.explain.show.protocol_list import protocol_entry, protocol_text
    from screen.language.loading.rules import load_rules

    (found,) = load_rules(rules, [protocol]).protocols
    if format is Listing.JSON:
        output.result(json_text(protocol_entry(found)), as_utf8=True)
    else:
        output.result(protocol_text(found, output.painter(), output.width()))
    return output.DONE
