"""What was asked, by digest: the conditions that the entries of a ledger hold."""

from screen.audit.entry.canonical_json import Json
from screen.audit.entry.criteria_json import Conditions, conditions_from
from screen.model.criterion import Condition


class Shelf:
    """Filled while a ledger is read in order: an entry names conditions that one before it holds.

    Equal conditions are one object, whichever protocols ask them.
    """

    def __init__(self) -> None:
        self._conditions: dict[str, Conditions] = {}
        self._known: dict[bytes, Condition] = {}

    def take(self, body: Json) -> None:
        """Keep the conditions that an entry of any kind holds; its form has been checked."""
        for digest, recorded in body.get("conditions", {}).items():
            if digest not in self._conditions:
                self._conditions[digest] = conditions_from(recorded, self._known)

    def of(self, digest: str) -> Conditions | None:
        """The conditions with a digest, if an entry held them."""
        return self._conditions.get(digest)
