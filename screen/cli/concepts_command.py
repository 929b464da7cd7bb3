"""`trialscreen concepts`: the words that a case file can use."""

from typing import Annotated

import typer

from screen.cli import output
from screen.cli.shared_options import Listed, Listing, Rules


def concepts(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Everything about this concept.")
    ] = None,
    rules: Rules = None,
    format: Listed = Listing.TABLE,  # noqa: A002
) -> int:
    """List what a case file can record, or show one entry."""
    from screen.explain.show.concept_list import concept_entry, concept_list, concept_text
    from screen.explain.show.json_result import json_text
    from screen.language.loading.own_folder import default_rules_dir
    from screen.language.loading.rules_folder import load_vocabulary
    from screen.language.vocabulary.concept_lookup import concept_called

    vocabulary = load_vocabulary(rules or default_rules_dir())
    known = vocabulary.concepts
    name = None if name is None else concept_called(name, vocabulary)
    paint, width = output.painter(), output.width()
    match name, format:
        case None, Listing.JSON:
            entries = [concept_entry(known[each]) for each in sorted(known)]
            output.result(json_text(entries), as_utf8=True)
        case None, _:
            output.result(concept_list(known.values(), paint, width))
        case str(), Listing.JSON:
            output.result(json_text(concept_entry(known[name])), as_utf8=True)
        case str(), _:
            output.result(concept_text(known[name], paint, width))
    return output.DONE
