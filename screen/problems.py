"""What can be wrong with input, as data, and the one place where it is put into words.

A problem names the file and the position, the offending token and, where names are at
fault, the nearest known one. It never repeats more of a patient's data than that token.
"""

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct

_LONGEST_VALUE = 60
_LONGEST_LIST = 8


class Kind(Enum):
    """One kind of problem each; the text says it, with the problem's fields filled in.

    `name` in lower case is the stable word for machines (`unknown_concept`).
    """

    # Files
    MISSING_FILE = "there is no such file"
    FOLDER = "is a folder where a file is expected"
    NOT_A_FOLDER = "is not a folder"
    UNREADABLE = "cannot be read: {detail}"
    TOO_LARGE = "is larger than {detail}"
    FHIR = "this is a FHIR {about}, and FHIR is not read; write a case file, or a table"
    NOT_TEXT = "is not UTF-8 text{detail}"
    NAME_NOT_TEXT = "the name is not UTF-8 text; rename it"
    EMPTY = "is empty"
    SYNTAX = "cannot be understood: {detail}"
    TOO_DEEP = "is nested more than {detail} levels deep"
    ALIAS = "anchors and aliases (& and *) are not accepted; write the value out"
    TAG = "the tag {value} is not accepted; write the plain value"
    SEVERAL_DOCUMENTS = "a second document starts here; one file holds one document"
    TOO_MANY = "more problems follow; these are the first {detail}"

    # Shape
    DUPLICATE_KEY = "{value} is given twice (first in line {detail})"
    UNKNOWN_KEY = "unknown key {value}"
    MISSING_KEY = "{about} lacks {value}"
    NO_VALUE = "{about} has no value"
    WRONG_SHAPE = "{about} must be {detail}"
    NOT_ACCEPTED = "{about} must be {detail}, not {value}"
    TOO_LONG = "{about} is longer than {detail} characters"
    CONTROL_CHARACTER = "{about} contains a control character: {value}"

    # Vocabulary
    UNKNOWN_CONCEPT = "unknown concept {value}"
    UNKNOWN_VALUE = "unknown value {value} for {about}"
    UNKNOWN_UNIT = "unknown unit {value}{detail}"
    UNKNOWN_PROTOCOL = "unknown protocol {value}"
    NOT_A_QUANTITY = "{value} is not a quantity: {detail}"
    WRONG_DIMENSION = "the unit {value} does not measure {about} ({detail})"
    ONLY_FOR_QUANTITIES = "{value} is for quantities, and {about} is none"
    AGAINST_ITSELF = "{about} contradicts itself: {detail}"

    TWO_KINDS = "{value} is a concept of another file of the vocabulary already"

    # Times
    NOT_A_TIME = "{value} is not a time: {detail}"
    TIME_SKIPPED = "{value} does not exist in {about}: the clocks were put forward over it"
    TIME_TWICE = "{value} exists twice in {about}: the clocks were put back over it"
    TIME_UNEVEN = (
        "{value} has no offset of whole minutes in {about}, whose clocks showed another time then"
    )
    MIXED_OFFSETS = "{value} {detail}; give every time of a case an offset, or none"
    AFTER_SCREENING = "{about} {value} is after the screening"

    # Protocols
    NO_UNIT = "{value} needs a unit, such as {detail}"
    COMPARISON_ON_FINDING = "{about} has values, not amounts: {value} cannot be compared"
    VALUE_ON_QUANTITY = "{about} is a quantity: compare it, as in {detail}; not {value}"
    NOT_A_COMPARISON = "{value} is not a comparison: {detail}"
    IMPOSSIBLE = "no value can meet {value}"
    NOT_A_DURATION = "{value} is not a duration: {detail}"
    UNRECORDED = "unrecorded can only be absent, and only for a finding: {detail}"
    UNKNOWN_OPERATOR = "unknown operator {value}"
    COUNT_OUT_OF_RANGE = "{about} must count from 1 to {detail}, not {value}"
    NOT_A_NAME = "{value} is not a name: lower-case words joined by {detail}"
    NOT_A_VALUE_NAME = "{value} is not a name of a value: letters and digits joined by _"
    NOT_A_PROTOCOL_NAME = (
        "{value} is not a name of a protocol: letters and digits, joined by -, _ or ."
    )
    DUPLICATE_ID = "criterion {value} is there twice (first in line {detail})"
    UNKNOWN_SOURCE = "unknown source {value}"
    UNKNOWN_LINE = "{about} has no line {value}"
    UNCITED_LINE = "no criterion cites {value} of {about}, and not_screened does not list it"
    CITED_AND_NOT_SCREENED = "{value} of {about} is cited and listed under not_screened"
    LEFT_OUT = (
        "{value} of {about} cannot be left out: ask a person (person: in its when), or say "
        "nothing_to_test: true if the line tests nothing"
    )
    SEVERAL_PERSONS = "{about} asks a person {detail} times; a criterion can hold one answer"
    NO_PERSON = "no person is asked by {value} of {about}"
    WRONG_FOLDER = "protocol {value} is in the folder {about}, not in {detail}"
    NO_CRITERIA = "the protocol has no criteria"

    # Tables
    UNKNOWN_FORMAT = "{value} is no kind of file that is read here; these are: {detail}"
    NO_HEADER = "the first row looks like data; a row with the names of the columns is needed"
    UNNAMED_COLUMN = "column {detail} has no name"
    DUPLICATE_COLUMN = "two columns are called {value} ({detail})"
    MISSING_COLUMN = "there is no column {value}{detail}"
    UNKNOWN_COLUMN = "unknown column {value}: a mapping can name it or ignore it"
    UNKNOWN_PATIENT_COLUMN = (
        "unknown column {value}: the section patients of a mapping can name it or ignore it"
    )
    UNREADABLE_COLUMN = "the column {value} cannot be read: {detail}"
    SEVERAL_SHEETS = "there are several sheets ({detail}); a mapping names one as sheet"
    UNKNOWN_SHEET = "there is no sheet {value}"
    RAGGED_ROW = "the row has {detail} cells"
    QUOTE_NOT_CLOSED = (
        "a quote opens the cell and is not closed, so that all rows below would belong to it"
    )
    QUOTE_OVER_ROWS = "a quote opens the cell and takes rows below into it; close it, or remove it"
    STRAY_QUOTE = (
        "a quote stands in the middle of the cell; a cell with quotes in it is written in quotes,"
        " and each of its own twice"
    )
    LONG_ROW = "the row is longer than 1 MB"
    NO_SUCH_ROW = "there is no row {detail} with the names of the columns"
    HEADER_BELOW = (
        "the names of the columns seem to stand in row {detail}; a mapping says so by"
        " header_row: {detail}"
    )
    NO_HEADER_ROW = "header_row is for CSV and XLSX; a Parquet file names its columns itself"
    NULL_CHARACTER = "the cell holds a null character"
    LOST_CHARACTER = (
        "the cell holds a sign (\ufffd) for a character that an earlier program could not read"
    )
    BAD_TEXT = "the cell is not text in {detail}; a mapping can name the file's encoding"
    FORMULA = "the cell holds a formula; save the sheet with values only"
    SPREADSHEET_ERROR = "the cell holds an error of the spreadsheet"
    BROKEN_CELL = "the cell is damaged in the file: what it holds cannot be told"
    STRUCK_OUT = "the cell is struck out, or part of it is"
    LONG_NUMBER = (
        "a number of more than 15 digits has lost its end in the spreadsheet; store the id as text"
    )
    SCALED_NUMBER = (
        "the cell shows another number than it holds (in thousands, or per cent of per cent)"
    )
    TOO_WIDE = "has more cells than a sheet can hold ({detail})"
    ROWS_OUT_OF_ORDER = "the rows of the sheet are out of order: row {detail} stands too low"
    UNPACKED_TOO_LARGE = "is packed so tightly that it may be made to fill the machine ({detail})"
    NO_CASE_FILES = "holds no case files (.yaml, .yml, .json)"
    NO_CASE = "the row does not say which case it is"
    NO_SUCH_CASE = "there is no case {value}"
    DUPLICATE_CASE = "the case {value} is there {detail} times, and none of them is chosen"
    NO_PATIENT = "the case {value} is not among the patients"
    SEVERAL_VALUES = "{about} differs between the rows of one case: {detail}"
    NO_TIME_IN_CASE = "no row of the case has a time, so there is no last one"

    # Mappings
    ONLY_AT_TOP = "{value} belongs at the top level of the mapping, not under {about}"
    NO_PATIENTS_FILE = "patients describes a second file: give it with --patients FILE"
    NO_ROWS_OF_CASES = "--patients is for a table with several rows to a case{detail}"
    SAME_NAME = "has the name of the file with the observations: rename one, to tell their rows"
    SAME_NAME_TWICE = "has the name of another input: rename one, to tell their rows"
    OTHER_SHAPE = "has other columns than the inputs beside it: give files of one shape"
    SEVERAL_INPUTS = "is no table: several inputs are several tables of one shape"
    TWO_COLUMNS_FOR_A_TIME = (
        "{value} is given by two columns ({detail}); a date and a time apart are {about}_date"
        " and {about}_time"
    )
    TWO_COLUMNS_FOR_ONE = "{value} is given by two columns ({detail})"
    NOT_A_CODE = "{value} is none of the mapping's codes ({detail})"
    NOT_THE_TIME_FORM = "{value} is not in the mapping's time form ({detail})"
    NOT_THE_NUMBER_FORM = "{value} is not a number in the mapping's form ({detail})"

    KEY_MARK = "{value} holds {detail}, which joins the columns of a case's key"

    # Output
    NO_SPARK = "Spark is not part of this installation: pip install 'trialscreen[spark]'"
    SPARK_NOT_STARTED = "Spark does not start (it needs Java 17 or newer): {detail}"
    OUTPUT_EXISTS = "exists already; say --overwrite to replace it, or choose another name"
    NOT_OURS = "exists and was not made by a batch; remove it, or choose another output"
    OUTPUT_ADDED = "was not written by a batch, so its folder is left as it is; move it away"
    OUTPUT_CHANGED = (
        "is not as the batch wrote it ({detail}), so its folder is not replaced; move it away, or "
        "choose another output"
    )
    OUTPUT_LINK = "is a link; name the folder itself"
    NO_OUTPUT = "is no name for a folder of its own; name one that can be made"
    OUTPUT_INSIDE = "the output would lie in {detail}; choose another output"
    OUTPUT_HOLDS = "the output would hold {detail}; choose another output"
    OUTPUT_WAITS = (
        "an earlier output waits here to be put back, and something else has its name; move one"
    )
    OUTPUT_BUSY = "another run is writing it"
    NOT_WRITTEN = "cannot be written: {detail}"
    NOT_UNICODE = "nothing was recorded: {about} is no Unicode text ({value})"
    PROCESS_ENDED = (
        "a process that decides cases was ended from outside, perhaps for want of memory; "
        "--resume goes on with what is finished, and --workers 1 needs least"
    )
    CHECK_FAILED = "the check of case {value} differs in {about}: {detail}"


class Problem(Struct, frozen=True):
    """One thing that is wrong. `line` and `column` start at 1; None where there is none.

    `value` is the offending token as written, `about` what it belongs to, `allowed` the
    accepted names and `nearest` the closest of them ("" if none is close). `either` are names
    that it can stand for, none of them nearer than the others.
    """

    kind: Kind
    file: str = ""
    line: int | None = None
    column: int | None = None
    value: str = ""
    about: str = ""
    allowed: tuple[str, ...] = ()
    nearest: str = ""
    detail: str = ""
    either: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`file:line:column`, as far as it is known."""
        parts = (self.file, self.line, self.column)
        return ":".join(str(part) for part in parts if part not in ("", None))


class ProblemsFound(Exception):
    """Input that cannot be used; every problem that was found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(*(worded(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["ProblemsFound"], tuple[tuple[Problem, ...]]]:
        """As another process gets it: with its data, not with their words."""
        return type(self), (self.problems,)

    def __str__(self) -> str:
        return "\n".join(worded(problem) for problem in self.problems)


def worded(problem: Problem) -> str:
    """One line: the place, what is wrong, and the nearest known name or the accepted ones."""
    reason = message(problem)
    return f"{shown(problem.place, 400)}: {reason}" if problem.place else reason


def message(problem: Problem) -> str:
    """As `worded`, without the place."""
    text = problem.kind.value.format(
        value=f'"{shown(problem.value)}"',
        about=shown(problem.about),
        detail=problem.detail,
    )
    if problem.either:
        return f"{text}; it can be {' or '.join(problem.either)}"
    if problem.nearest:
        return f'{text}; did you mean "{problem.nearest}"?'
    if 0 < len(problem.allowed) <= _LONGEST_LIST:
        return f"{text}; accepted: {', '.join(problem.allowed)}"
    return text


def shown(text: str, longest: int = _LONGEST_VALUE) -> str:
    """`text` cut to `longest` characters, with everything unprintable escaped."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
