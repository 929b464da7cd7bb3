"""`trialscreen audit`: read, check, replay, annotate and sign what was recorded."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli import output
from screen.cli.audit_options import Ledger, Number, Out, SheetFormat
from screen.cli.audit_people import continue_, keygen, note, sign
from screen.cli.shared_options import Listed, Listing, Rules

audit = typer.Typer(
    help="Read, check, replay and sign what was recorded.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _kept_rules(rules: Path | None) -> bool:
    """Whether what the program keeps of its rules says what their files say; else it is told."""
    from screen.language.loading.own_folder import default_rules_dir
    from screen.language.loading.snapshot import FILE, differs
    from screen.problems import ProblemsFound

    try:
        if not differs(rules or default_rules_dir()):
            return True
    except ProblemsFound:  # whoever needs the rules says what is wrong with them
        return True
    output.message(f"{FILE.name}: what is kept of the rules is not what their files say; remove it")
    return False


@audit.command("log")
def log(
    ledger: Ledger,
    rules: Rules = None,
    format: Listed = Listing.TABLE,  # noqa: A002
) -> int:
    """List every entry, and the hash of the last one to note down.

    A star marks what rests on files that have changed since.
    """
    from screen.audit.check.changes import Present
    from screen.audit.ledger.find import entries_and_faults
    from screen.audit.ledger.line import Entry
    from screen.audit.show.entry_text import log_json, log_line
    from screen.explain.show.json_result import json_text
    from screen.language.loading.own_folder import default_rules_dir

    as_json = format is Listing.JSON
    kept = _kept_rules(rules)
    present = Present(ledger, rules or default_rules_dir())
    faults, stale, head = 0, 0, ""
    listed = []
    for item in entries_and_faults(ledger):
        if not isinstance(item, Entry):
            faults += 1
            output.message(f"{ledger.name}: {item.text}")
            continue
        head = item.hash
        is_current = not present.changes(item.body)
        if not is_current and not stale and not as_json:
            output.message("entries with a star rest on files that have changed since")
        stale += not is_current
        if as_json:
            listed.append({**log_json(item), "current": is_current})
        else:
            output.result(f"{log_line(item, is_current=is_current)}\n")
    if as_json:
        output.result(json_text({"entries": listed, "head": head or None}), as_utf8=True)
    elif head:
        output.result(f"head  {head}\n")
    else:
        output.message(f"{ledger.name}: no entries")
    return output.DONE if kept and not faults else output.SOME_REFUSED


@audit.command("show")
def show(
    number: Number,
    ledger: Ledger,
    rules: Rules = None,
    format: Listed = Listing.TABLE,  # noqa: A002
) -> int:
    """Show one entry; first of all whether something has changed since."""
    from screen.audit.check.case_check import checked
    from screen.audit.check.changes import Present, announcement
    from screen.audit.entry.shelf import Shelf
    from screen.audit.ledger.find import about, entry_numbered, shelf_for
    from screen.audit.show.entry_text import entry_text
    from screen.explain.show.json_result import json_text
    from screen.language.loading.own_folder import default_rules_dir

    entry = entry_numbered(ledger, number)
    changes = Present(ledger, rules or default_rules_dir()).changes(entry.body)
    added = about(ledger, number)
    is_case = entry.kind == "case"
    if format is Listing.JSON:
        told = {
            "current": not changes,
            "changes": [change.text for change in changes],
            "entry": {**entry.body, "hash": entry.hash},
            "about": [{**one.body, "hash": one.hash} for one in added],
        }
        output.result(json_text(told), as_utf8=True)
    else:
        shelf = shelf_for(ledger, entry.body) if is_case else Shelf()
        stale = announcement(changes)
        text = entry_text(entry, added, shelf)
        output.result(f"{stale}\n{text}" if stale else text)
    found = checked(ledger, number)
    for sentence in [*found.wrong, *([found.unsaid] if found.unsaid else [])]:
        output.message(f"{ledger.name}: entry {number}: {sentence}")
    return output.SOME_REFUSED if found.wrong else output.DONE


@audit.command("verify")
def verify(
    ledger: Ledger,
    pub: Annotated[
        list[Path] | None,
        typer.Option(
            "--pub",
            metavar="FILE",
            help="A public key that must have signed; may be given several times.",
            show_default=False,
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="HASH",
            help="A hash noted earlier, 12 digits at least: that entry must still be there.",
            show_default=False,
        ),
    ] = None,
    signed_up_to: Annotated[
        str | None,
        typer.Option(
            "--signed-up-to",
            metavar="RECEIPT",
            help="What sign printed, or a file with it: all up to there must still be there.",
            show_default=False,
        ),
    ] = None,
    format: Listed = Listing.TABLE,  # noqa: A002
) -> int:
    """Check chain and signatures, and prove every recorded truth again.

    It needs neither the rule files nor the case files.
    """
    from screen.audit.check.verify import verify as check
    from screen.audit.people.receipt import read_receipt
    from screen.audit.people.signing import read_public_key
    from screen.audit.show.check_text import report_json, report_text
    from screen.explain.show.json_result import json_text

    keys = {read_public_key(path): path.name for path in pub or ()}
    receipt = None if signed_up_to is None else read_receipt(signed_up_to)
    kept = _kept_rules(None)
    report = check(ledger, keys, head, receipt)
    if format is Listing.JSON:
        output.result(json_text(report_json(report)), as_utf8=True)
    else:
        output.result(report_text(report))
    for sentence in report.wrong:
        output.message(f"{ledger.name}: {sentence}")
    if report.more_wrong:
        output.message(f"{ledger.name}: and {report.more_wrong} more")
    return output.DONE if report.is_whole and kept else output.SOME_REFUSED


@audit.command("replay")
def replay(
    ledger: Ledger,
    number: Annotated[
        int | None,
        typer.Option("--entry", metavar="N", help="Only this entry.", show_default=False, min=1),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="DIR",
            help="Look for the original files here, by their digests.",
            show_default=False,
        ),
    ] = None,
    case_key: Annotated[
        Path | None,
        typer.Option(
            "--case-key",
            metavar="FILE",
            help="The site's key, where case identifiers were keyed.",
            show_default=False,
        ),
    ] = None,
    rules: Rules = None,
    format: Listed = Listing.TABLE,  # noqa: A002
) -> int:
    """Decide again from the original files, and compare byte by byte."""
    from screen.audit.check.replay import Replayer
    from screen.audit.ledger.find import entry_numbered
    from screen.audit.privacy.case_key import read_case_key
    from screen.audit.show.check_text import replayed_json, replayed_text
    from screen.explain.show.json_result import json_text
    from screen.language.loading.own_folder import default_rules_dir

    if number is not None:
        entry_numbered(ledger, number)
    key = None if case_key is None else read_case_key(case_key)
    replayer = Replayer(ledger, rules or default_rules_dir(), folder, key)
    as_json = format is Listing.JSON
    told, bad, count = [], 0, 0
    for one in replayer.replay(number):
        count += 1
        bad += not one.is_good
        if as_json:
            told.append(replayed_json(one))
        else:
            output.result(replayed_text(one))
    faults = replayer.faults
    for fault in faults:
        output.message(f"{ledger.name}: {fault}")
    if as_json:
        output.result(json_text({"entries": told, "faults": faults}), as_utf8=True)
    else:
        output.result(f"{count} replayed, {count - bad} as recorded, {bad} not\n")
    return output.SOME_REFUSED if bad or faults else output.DONE


@audit.command("screening-log")
def screening_log(
    ledger: Ledger,
    rules: Rules = None,
    format: Annotated[  # noqa: A002
        SheetFormat, typer.Option("--format", help="How to write it.")
    ] = SheetFormat.MARKDOWN,
    out: Out = None,
) -> int:
    """Write the screening log: a row for each case and protocol, with reasons for failure."""
    from screen.audit.sheets.screening_log import screening_log as log_of
    from screen.audit.sheets.sheet import FORMATS
    from screen.cli.checklist_command import written
    from screen.language.loading.own_folder import default_rules_dir

    sheet, faults = log_of(ledger, rules or default_rules_dir())
    for fault in faults:
        output.message(f"{ledger.name}: {fault}")
    written(FORMATS[format.value](sheet), out)
    return output.SOME_REFUSED if faults else output.DONE


audit.command("keygen")(keygen)
audit.command("continue")(continue_)
audit.command("sign")(sign)
audit.command("note")(note)
