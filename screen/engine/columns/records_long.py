# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""A long table of records to evidence: the cells read, step 1 of the semantics applied.

Here a row is one record, so what differs between concepts (units, values, plausible ranges)
stands in small tables that are joined by the concept.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from screen.engine.columns import cells, times
from screen.engine.columns.dialect import (
    Dialect,
    both,
    either,
    negated,
    quoted,
    when,
)
from screen.engine.columns.layers import Layers
from screen.engine.columns.reasons import bit
from screen.engine.columns.slots import CONTEXTS
from screen.model.truth import Reason

if TYPE_CHECKING:
    from screen.model.concept import Vocabulary

OBSERVATIONS = (
    "case", "concept", "value", "unit", "at", "on", "assay", "specimen", "upper_limit",
    "lower_limit", "status", "source", "sample",
)  # fmt: skip
PATIENTS = ("case", "screened_at", "sex", "birth_date", "age")

_SIGN = "(<=|>=|<|>|≤|≥|)"
_NUMBER = "-?[0-9]{1,12}([.][0-9]{1,6})?"
_PLAIN = f"^{_SIGN} ?{_NUMBER}( .*|[^-0-9.eE ].*|)$"
_AMOUNT = f"^{_SIGN} ?({_NUMBER})"
_REST = f"^{_SIGN} ?{_NUMBER} ?(.*)$"
_LONGEST_ID, _LONGEST_NOTE = 64, 200


def unit_text(cell: str) -> str:
    """What follows the number in a cell."""
    return f"regexp_extract({cell}, {quoted(_REST)}, 3)"


def source(observations: Iterable[str], patients: Iterable[str]) -> str:
    """All records: those of the table, and an age that stands with the patient."""

    def column(name: str, there: Iterable[str]) -> str:
        found = f"nullif(\"{name}\", '')" if name in there else "CAST(NULL AS STRING)"
        return f'{found} AS "{name}"'

    there, of_patient = frozenset(observations), frozenset(patients)
    records = ", ".join(column(name, there) for name in OBSERVATIONS)
    sql = f"SELECT {records} FROM observations"
    if "age" not in of_patient:
        return sql
    blanks = ", ".join(f'CAST(NULL AS STRING) AS "{name}"' for name in OBSERVATIONS[3:])
    return (
        f"{sql} UNION ALL SELECT nullif(\"case\", ''), 'age', \"age\", {blanks} FROM patients "
        "WHERE \"age\" <> ''"
    )


def written() -> str:
    """Records with a unit in its own column brought to one text."""
    kept = ", ".join(f'"{name}"' for name in OBSERVATIONS if name not in ("value", "unit"))
    return (
        f'SELECT {kept}, CASE WHEN "unit" IS NULL THEN "value" ELSE "value" || \' \' || '
        '"unit" END AS "value", "unit" IS NOT NULL AS has_unit FROM records'
    )


def persons(patients: Sequence[str], dialect: Dialect) -> str:
    """One row per patient: the time of the screening, sex, completed years, and `clean`."""
    text = {
        name: f"nullif(\"{name}\", '')" if name in patients else "CAST(NULL AS STRING)"
        for name in PATIENTS
    }
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in text.items())
    relation = (
        f'(SELECT {columns}, count(*) OVER (PARTITION BY "case") AS "same" FROM patients) AS p'
    )
    layers = Layers([*PATIENTS, "same"])
    screening = times.screened('"screened_at"', layers, dialect)
    years, clean = times.completed_years('"birth_date"', screening, layers, dialect)
    sexes = "\"sex\" IS NULL OR \"sex\" IN ('male', 'female', 'other', 'unknown')"
    whole = both(
        [
            '("same" = 1)',
            '("case" IS NOT NULL)',
            cells.short_text('"case"', _LONGEST_ID, layers, dialect),
            f"({sexes})",
            screening.clean,
            clean,
        ]
    )
    return layers.select(
        {
            "case": '"case"',
            "screened": screening.at,
            "zone": screening.offset,
            "zoned": screening.has_offset,
            "male": "coalesce(\"sex\" = 'male', FALSE)",
            "years": years,
            "clean": f"coalesce({whole}, FALSE)",
        },
        relation,
    )


def cut(vocabulary: "Vocabulary", dialect: Dialect) -> str:
    """Every record with its cells taken apart, as far as that needs no other table."""
    layers = Layers([*OBSERVATIONS, "has_unit"])
    value, at = '"value"', '"at"'
    plain = layers.column(dialect.matches(value, _PLAIN))
    outputs = {
        "case": '"case"',
        "concept": '"concept"',
        "value": value,
        "has_unit": '"has_unit"',
        "sample": '"sample"',
        "sign": f"regexp_extract({value}, {quoted('^' + _SIGN)}, 1)",
        "millionths": _millionths(f"regexp_extract({value}, {quoted(_AMOUNT)}, 2)", plain, dialect),
        "unit": unit_text(value),
        "plain": f"coalesce({plain}, FALSE)",
        "at": at,
    }
    for key in ("upper_limit", "lower_limit"):
        cell = f'"{key}"'
        fine = both([dialect.matches(cell, _PLAIN), dialect.matches(cell, "^[0-9]")])
        number = _millionths(f"regexp_extract({cell}, {quoted(_AMOUNT)}, 2)", fine, dialect)
        outputs[f"{key} given"] = f"({cell} IS NOT NULL)"
        outputs[f"{key} millionths"] = number
        outputs[f"{key} unit"] = unit_text(cell)
    gone, known = cells.gone('"status"', layers)
    tidy = [known]
    tidy += [
        cells.short_text(f'"{key}"', longest, layers, dialect)
        for key, longest in (
            ("case", _LONGEST_ID),
            ("source", _LONGEST_NOTE),
            ("sample", _LONGEST_NOTE),
        )
    ]
    for key in CONTEXTS:
        bits = cells.text_bits(vocabulary.contexts[key])
        context = cells.named(f'"{key}"', bits, layers)
        outputs[key] = context.bit
        tidy.append(context.clean)
    outputs["gone"] = gone
    outputs["tidy"] = f"coalesce({both(tidy)}, FALSE)"
    return layers.select(outputs, "written")


def _millionths(number: str, fine: str, dialect: Dialect) -> str:
    exact = f"TRY_CAST({number} AS DECIMAL(18, 6)) * CAST(1000000 AS DECIMAL(19, 0))"
    return when(fine, f"CAST({exact} AS {dialect.big})")


_CUT = (
    "case", "concept", "value", "has_unit", "sample", "sign", "millionths", "unit", "plain", "at",
    "upper_limit given", "upper_limit millionths", "upper_limit unit", "lower_limit given",
    "lower_limit millionths", "lower_limit unit", *CONTEXTS, "gone", "tidy",
)  # fmt: skip


def seen(dialect: Dialect) -> str:
    """Step 1: every record as evidence (`usable`), a reason, nothing (dropped), or unclean."""
    parts = ", ".join(f'c."{name}"' for name in _CUT)
    lines = "".join(
        f'LEFT JOIN unit_lines AS {table} ON {table}.concept = c."concept" '
        f'AND {table}.unit = c."{key}" '
        for table, key in (
            ("u", "unit"),
            ("h", "upper_limit unit"),
            ("l", "lower_limit unit"),
        )
    )
    joined = (
        f"(SELECT {parts}, p.screened, p.zone, p.zoned, k.measured, k.most, k.least_likely, "
        "k.most_likely, s.state, u.slope, u.start_at, u.wrong, h.slope AS upper_slope, "
        "h.start_at AS upper_start, h.wrong AS upper_wrong, l.slope AS lower_slope, "
        "l.start_at AS lower_start, l.wrong AS lower_wrong, p.clean AS person_clean "
        'FROM cut AS c LEFT JOIN persons AS p ON p."case" = c."case" '
        'LEFT JOIN concepts AS k ON k.concept = c."concept" '
        'LEFT JOIN states AS s ON s.concept = c."concept" AND s.value = c."value" '
        f"{lines}) AS joined"
    )
    layers = Layers(
        [
            *_CUT, "screened", "zone", "zoned", "measured", "most", "least_likely", "most_likely",
            "state", "slope", "start_at", "wrong", "upper_slope", "upper_start", "upper_wrong",
            "lower_slope", "lower_start", "lower_wrong", "person_clean",
        ]
    )  # fmt: skip
    screening = times.Screened('"screened"', '"zone"', '"zoned"', "", "")
    span = times.span('"at"', screening, layers, dialect)
    exact = layers.column(_exact('"millionths"', '"slope"', '"start_at"', dialect))
    low = layers.column(
        f"CASE WHEN \"sign\" IN ('', '>=', '≥') THEN {exact} "
        f"WHEN \"sign\" = '>' THEN {exact} + 1 END"
    )
    high = layers.column(
        f"CASE WHEN \"sign\" IN ('', '<=', '≤') THEN {exact} "
        f"WHEN \"sign\" = '<' THEN {exact} - 1 END"
    )
    likely = layers.column(
        f'(coalesce({high} >= "least_likely", TRUE) AND coalesce({low} <= "most_likely", TRUE))'
    )
    future = layers.column(f'coalesce({span.start} > "screened", FALSE)')
    no_unit = '("plain" AND "unit" = \'\')'
    why = (
        f'CASE WHEN "gone" THEN 0 WHEN {future} THEN {bit(Reason.FUTURE)} '
        f'WHEN NOT "measured" THEN 0 WHEN {no_unit} THEN {bit(Reason.NO_UNIT)} '
        f'WHEN "wrong" THEN {bit(Reason.WRONG_UNIT)} '
        f"WHEN NOT {likely} THEN {bit(Reason.IMPLAUSIBLE)} ELSE 0 END"
    )
    reasons = layers.column(f"CAST({why} AS BIGINT)")
    usable = layers.column(f'coalesce(NOT "gone" AND {reasons} = 0, FALSE)')
    upper, upper_clean = _limit("upper", layers, dialect)
    lower, lower_clean = _limit("lower", layers, dialect)
    order = (
        '(NOT "upper_limit given" OR NOT "lower_limit given" OR '
        f"coalesce({lower} <= {upper}, FALSE))"
    )
    number = both(
        [
            '"plain"',
            either([f"({exact} IS NOT NULL)", "(\"unit\" = '')", 'coalesce("wrong", FALSE)']),
            upper_clean,
            lower_clean,
            order,
        ]
    )
    stated = both(
        [
            '("state" IS NOT NULL)',
            negated('"has_unit"'),
            negated('"upper_limit given"'),
            negated('"lower_limit given"'),
        ]
    )
    clean = both(
        [
            '"tidy"',
            '"person_clean"',
            span.clean,
            f'CASE WHEN "measured" THEN {number} ELSE {stated} END',
        ]
    )
    outputs = {
        "case": '"case"',
        "concept": '"concept"',
        "screened": '"screened"',
        "usable": usable,
        "reasons": reasons,
        "start": span.start,
        "end": span.end,
        "low": low,
        "high": high,
        "state": '"state"',
        "upper": upper,
        "lower": lower,
        **{key: f'"{key}"' for key in CONTEXTS},
        "sample": '"sample"',
        "clean": f"coalesce({clean}, FALSE)",
    }
    return layers.select(outputs, joined)


def _exact(millionths: str, slope: str, start: str, dialect: Dialect) -> str:
    """A position; NULL for a unit that is not known and for a number with too many digits."""
    bound = f'CAST("most" AS {dialect.big}) * 1000000'
    return f"CASE WHEN abs({millionths}) < {bound} THEN {millionths} * {slope} + {start} END"


def _limit(which: str, layers: Layers, dialect: Dialect) -> tuple[str, str]:
    """A reference limit's position (NULL if it cannot be used), and whether it is clean."""
    key = f"{which}_limit"
    number, unit = f'"{key} millionths"', f'"{key} unit"'
    value = layers.column(_exact(number, f'"{which}_slope"', f'"{which}_start"', dialect))
    understood = either(
        [f"({value} IS NOT NULL)", f"({unit} = '')", f'coalesce("{which}_wrong", FALSE)']
    )
    clean = f'(NOT "{key} given" OR coalesce({number} > 0 AND {understood}, FALSE))'
    return layers.column(when(f"{value} > 0", value)), clean
