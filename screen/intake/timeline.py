"""The times of one case: all on one time line, with offsets or without."""

from datetime import date, datetime

from screen.documents.tree import Node, Problems, text_of
from screen.intake.times import NotATime, Stamp, read_birth_day, read_stamp
from screen.model.moment import Moment
from screen.problems import Kind

OPTION = "--screened-at"


class Timeline:
    """Reads every time of a case and holds them to one habit of writing offsets.

    The screening decides: if it carries an offset, every time of day must, and the other way
    round. A whole date fits either.
    """

    def __init__(self, problems: Problems, *, every: bool = False) -> None:
        """`every`: tell of every time that does not fit, where each is a record's own affair."""
        self._problems = problems
        self._every = every
        self._like: datetime | None = None
        self._screening: Stamp | None = None
        self._place = ""
        self._told = False
        self.screened_at: Moment | None = None

    @property
    def screened_on(self) -> date | None:
        """The calendar day of the screening, as it is written."""
        return None if self._screening is None else self._screening.day

    def screening(self, node: Node | None, instead: str | None) -> None:
        """Set the time of the screening from the file, or from `instead` of it."""
        if instead is not None:
            try:
                stamp = read_stamp(instead.strip())
            except NotATime as error:
                self._problems.add(Kind.NOT_A_TIME, value=instead, detail=f"{error} (in {OPTION})")
                return
            self._place = OPTION
        else:
            found = self._stamp(node, "screened_at")
            if found is None or node is None:
                return
            stamp = found
            self._place = f"screened_at in line {node.line}"
        self._screening = stamp
        self.screened_at, self._like = stamp.screening()

    def moment(self, node: Node | None, about: str) -> Moment | None:
        """The time at `node`; None if there is none or after noting what is wrong with it."""
        stamp = self._stamp(node, about)
        if stamp is None or node is None or self._like is None or self._screening is None:
            return None
        if stamp.clock is not None and stamp.has_offset != self._screening.has_offset:
            self._note_mixed(stamp, node)
            return None
        return stamp.moment(self._like)

    def _note_mixed(self, stamp: Stamp, node: Node) -> None:
        # Against a time from outside, every time of the file is wrong in the same way.
        if self._told and self._place == OPTION and not self._every:
            return
        self._told = True
        detail = "carries an offset" if stamp.has_offset else "carries no offset"
        other = "does not" if stamp.has_offset else "does"
        self._problems.add(
            Kind.MIXED_OFFSETS,
            node,
            value=stamp.text,
            detail=f"{detail}, {self._place} {other}",
        )

    def birth_date(self, node: Node | None) -> date | None:
        """A full date that is not after the screening."""
        text = text_of(node, "birth_date", self._problems)
        if text is None:
            return None
        try:
            day = read_birth_day(text)
        except NotATime as error:
            self._problems.add(Kind.NOT_A_TIME, node, value=text, detail=str(error))
            return None
        if self.screened_on is not None and day > self.screened_on:
            self._problems.add(Kind.AFTER_SCREENING, node, value=text, about="birth_date")
            return None
        return day

    def _stamp(self, node: Node | None, about: str) -> Stamp | None:
        text = text_of(node, about, self._problems)
        if text is None:
            return None
        try:
            return read_stamp(text)
        except NotATime as error:
            self._problems.add(Kind.NOT_A_TIME, node, value=text, detail=str(error))
            return None
