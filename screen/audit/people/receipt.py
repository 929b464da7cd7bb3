"""The receipt of a signature: what to keep away from the ledger, to hold it to later."""

import re
from pathlib import Path

from screen.audit.entry.canonical_json import Json
from screen.audit.failures import not_accepted
from screen.audit.ledger.line import Entry

_FORM = re.compile(
    r"trialscreen-receipt-1:(\d{1,12}):([0-9a-f]{64}):(\d{1,12}):([0-9a-f]{64})", re.ASCII
)


def receipt_of(entry: Entry) -> str:
    """One line that names a signature and the entry that it signs."""
    signs = entry.body["signs"]
    return "trialscreen-receipt-1:{}:{}:{}:{}".format(
        signs["number"],
        signs["hash"].removeprefix("sha256:"),
        entry.number,
        entry.hash.removeprefix("sha256:"),
    )


def read_receipt(given: str) -> Json:
    """The two entries that a receipt names; `given` is the line itself, or a file that holds it.

    Raises ProblemsFound if it is none.
    """
    from screen.files import read_file

    text = given.strip()
    if not text.startswith("trialscreen-receipt-"):
        try:
            text = read_file(Path(given), 4096).decode("ascii", "replace").strip()
        except OSError:
            text = ""
    found = _FORM.search(text)
    numbers = (0, 0) if found is None else (int(found[1]), int(found[3]))
    if found is None or not 0 < numbers[0] < numbers[1]:
        raise not_accepted("a receipt", given, "the line that audit sign printed, or its file")
    return {
        "signed": {"number": numbers[0], "hash": f"sha256:{found[2]}"},
        "signature": {"number": numbers[1], "hash": f"sha256:{found[4]}"},
    }
