"""What people add to a ledger: keys, signatures and findings of their own."""

from pathlib import Path
from typing import Annotated

import typer

from screen.cli import output
from screen.cli.audit_options import Finding, Ledger, Meaning, Number
from screen.cli.shared_options import By


def keygen(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the new key goes.")],
    case: Annotated[
        bool, typer.Option("--case-key", help="Make a site's key for case identifiers instead.")
    ] = False,
) -> int:
    """Make a signing key: FILE, which only you can read, and FILE.pub to give away."""
    from screen.audit.people.signing import fingerprint, make_case_key, make_keys, read_public_key

    if case:
        make_case_key(out)
        done = f"{out}: a new site key; keep it, nothing else maps the identifiers"
        return output.told("", done, said=done)
    public = make_keys(out)
    done = f"{out}: a new private key; {public}: its public key"
    return output.told(f"{fingerprint(read_public_key(public))}\n", done, said=done)


def continue_(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The ledger so far; it stays.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The new ledger.")],
    by: By = None,
) -> int:
    """Begin the ledger NEW with the head of OLD, which takes no further entry."""
    from screen.audit.ledger.continuing import continue_ledger

    entry = continue_ledger(old, new, by)
    number = entry.body["continues"]["number"]
    text = f"{new} goes on from entry {number} of {old}\nhead  {entry.hash}\n"
    return output.told(text, f"recorded as entry {entry.number} ({new})")


def sign(
    ledger: Ledger,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Your private key.")],
    name: Annotated[str, typer.Option("--name", help="Your name, as it is printed.")],
    meaning: Annotated[Meaning, typer.Option("--meaning", help="What the signature means.")],
    number: Annotated[
        int | None,
        typer.Option(
            "--entry", metavar="N", help="The entry; else the last.", show_default=False, min=1
        ),
    ] = None,
    by: By = None,
) -> int:
    """Sign an entry, and with it everything before it."""
    from screen.audit.people.notes import add_signature
    from screen.audit.people.receipt import receipt_of

    entry = add_signature(ledger, key, name, meaning.value, number, by)
    signed = entry.body["signs"]["number"]
    printed = entry.body["name"]
    text = (
        f"entry {entry.number}: {printed} {meaning.value} entry {signed}\n"
        f"head  {entry.hash}\nreceipt  {receipt_of(entry)}\n"
    )
    return output.told(text, f"recorded as entry {entry.number} ({ledger}); head {entry.hash}")


def note(
    number: Number,
    ledger: Ledger,
    protocol: Annotated[str, typer.Option("-p", "--protocol", metavar="ID", help="The protocol.")],
    criterion: Annotated[str, typer.Option("--criterion", metavar="ID", help="The criterion.")],
    finding: Annotated[Finding, typer.Option("--finding", help="What you find.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    by: By = None,
) -> int:
    """Add your own finding on one criterion; the program's stays as it is."""
    from screen.audit.people.notes import add_note

    added = add_note(ledger, number, protocol, criterion, finding.value, reason, by)
    text = f"entry {added}: note on entry {number}\n"
    return output.told(text, f"recorded as entry {added} ({ledger})")
