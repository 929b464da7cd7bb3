# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""Derived values over rows of evidence, one query for each method, as in `facts.derive`.

A pool is a query that gives rows of `COLUMNS`: evidence, or a reason why a record does not
count (`is_evidence` false). Each function takes the names of such queries and gives SQL.
"""

from collections.abc import Callable, Sequence

from screen.engine.columns.arithmetic import Computed, Ends, portion, quotient
from screen.engine.columns.dialect import Dialect, both, either, first_set, union
from screen.engine.columns.grid import Grid
from screen.engine.columns.layers import Layers
from screen.engine.columns.reasons import bit
from screen.model.concept import Derivation
from screen.model.truth import Reason

COLUMNS = (
    "case", "is_evidence", "reasons", "start", "end", "low", "high", "state", "upper", "lower",
    "sample", "odd",
)  # fmt: skip


def listed(table: str = "", **instead: str) -> str:
    """All columns in their order, from `table`, some replaced by SQL."""
    prefix = f"{table}." if table else ""
    return ", ".join(
        f'{instead[name]} AS "{name}"' if name in instead else f'{prefix}"{name}"'
        for name in COLUMNS
    )


def blank(dialect: Dialect, **given: str) -> str:
    """A row of `COLUMNS` of which only some are `given`."""
    big = dialect.big
    types = dict.fromkeys(("start", "end", "state"), "BIGINT")
    types |= dict.fromkeys(("low", "high", "upper", "lower"), big) | {"sample": "STRING"}
    base = {name: f"CAST(NULL AS {kind})" for name, kind in types.items()}
    base |= {"is_evidence": "TRUE", "reasons": "CAST(0 AS BIGINT)", "odd": "FALSE"}
    return ", ".join(f'{(base | given)[name]} AS "{name}"' for name in COLUMNS)


def age(recorded: str, grid: Grid, dialect: Dialect) -> str:
    step = dialect.number(2 * grid.steps)
    whole = f"r.low - ((r.low % {step}) + {step}) % {step}"
    low, high = (
        f"CASE WHEN r.low = r.high THEN {whole} ELSE r.{end} END" for end in ("low", "high")
    )
    rows = (
        f"SELECT {listed('r', low=low, high=high)}, "
        f"CAST(p.years AS {dialect.big}) * {step} AS years FROM {recorded} AS r "
        'JOIN persons AS p ON p."case" = r."case"'
    )
    apart = (
        'SELECT "case", bool_or(is_evidence AND NOT (coalesce(high >= years, TRUE) AND '
        f'coalesce(low <= years, TRUE))) AS apart FROM ({rows}) AS a GROUP BY "case"'
    )
    born = blank(
        dialect,
        case='p."case"',
        is_evidence="NOT coalesce(x.apart, FALSE)",
        reasons=f"CAST(CASE WHEN x.apart THEN {bit(Reason.CONFLICTING)} ELSE 0 END AS BIGINT)",
        start="p.screened",
        end="p.screened",
        low=f"CAST(p.years AS {dialect.big}) * {step}",
        high=f"CAST(p.years AS {dialect.big}) * {step}",
    )
    return (
        f"SELECT {listed('a')} FROM ({rows}) AS a LEFT JOIN ({apart}) AS x "
        'ON x."case" = a."case" WHERE a.years IS NULL OR (NOT a.is_evidence AND x.apart) '
        f"UNION ALL SELECT {born} FROM persons AS p LEFT JOIN ({apart}) AS x "
        'ON x."case" = p."case" WHERE p.years IS NOT NULL'
    )


def absent_for_male(recorded: str, absent: int, dialect: Dialect) -> str:
    against = (
        f'SELECT "case", bool_or(is_evidence AND state <> {absent}) AS against '
        f'FROM {recorded} AS r GROUP BY "case"'
    )
    computed = blank(
        dialect,
        case='p."case"',
        is_evidence="NOT coalesce(x.against, FALSE)",
        reasons=f"CAST(CASE WHEN x.against THEN {bit(Reason.CONFLICTING)} ELSE 0 END AS BIGINT)",
        start="p.screened",
        end="p.screened",
        state=f"CAST({absent} AS BIGINT)",
    )
    return (
        f'SELECT {listed("r")} FROM {recorded} AS r JOIN persons AS p ON p."case" = r."case" '
        f'LEFT JOIN ({against}) AS x ON x."case" = r."case" '
        "WHERE NOT p.male OR (NOT r.is_evidence AND x.against) "
        f"UNION ALL SELECT {computed} FROM persons AS p LEFT JOIN ({against}) AS x "
        'ON x."case" = p."case" WHERE p.male'
    )


def first_of(pools: Sequence[str]) -> str:
    """At the same time the earlier pool counts; no time is a time of its own."""
    rows = " UNION ALL ".join(
        f"SELECT {listed()}, {place} AS place FROM {pool} AS r" for place, pool in enumerate(pools)
    )
    same = 'PARTITION BY "case", is_evidence, "start", "end"'
    ranked = f"SELECT {listed()}, place, min(place) OVER ({same}) AS first_place FROM ({rows}) AS a"
    return f"SELECT {listed()} FROM ({ranked}) AS b WHERE NOT is_evidence OR place = first_place"


def ratio(
    derivation: Derivation,
    recorded: str,
    pools: Sequence[str],
    grids: tuple[Grid, Grid, Grid],
    dialect: Dialect,
) -> str:
    """A recorded ratio gives way to one computed for the same time."""

    def formula(anchor: Ends, partners: Sequence[Ends], layers: Layers) -> Computed:
        return quotient(anchor, partners[0], grids, layers, dialect)

    computed = _computed(derivation, pools, formula, dialect)
    same_time = (
        'CASE WHEN r."start" IS NULL THEN c."start" IS NULL ELSE '
        'coalesce(r."start" <= c."end" AND c."start" <= r."end", FALSE) END'
    )
    return (
        f"SELECT {listed('r')} FROM {recorded} AS r WHERE NOT r.is_evidence OR NOT EXISTS "
        f'(SELECT 1 FROM ({computed}) AS c WHERE c."case" = r."case" AND c.is_evidence '
        f"AND {same_time}) UNION ALL SELECT {listed('c')} FROM ({computed}) AS c"
    )


def share(
    derivation: Derivation,
    recorded: str,
    pools: Sequence[str],
    grids: tuple[Grid, Grid, Grid],
    dialect: Dialect,
) -> str:
    """Computed only where nothing is recorded."""

    def formula(anchor: Ends, partners: Sequence[Ends], layers: Layers) -> Computed:
        return portion(anchor, partners, grids, layers, dialect)

    computed = _computed(derivation, pools, formula, dialect)
    return (
        f"SELECT {listed('r')} FROM {recorded} AS r UNION ALL "
        f"SELECT {listed('c')} FROM ({computed}) AS c WHERE NOT EXISTS (SELECT 1 FROM "
        f'{recorded} AS r WHERE r."case" = c."case" AND r.is_evidence)'
    )


_ANCHOR = ("case", "start", "end", "low", "high", "sample")
_PARTNER = ("found", "start", "end", "low", "high", "reason", "odd")


def _computed(
    derivation: Derivation,
    pools: Sequence[str],
    formula: Callable[[Ends, Sequence[Ends], Layers], Computed],
    dialect: Dialect,
) -> str:
    anchors, *others = pools
    carried = [f'"{name}"' for name in _ANCHOR]
    relation = f"(SELECT DISTINCT {', '.join(carried)} FROM {anchors} AS r WHERE is_evidence) AS s0"
    for number, pool in enumerate(others, start=1):
        relation = f"({_closest(relation, carried, pool, number, derivation)}) AS s{number}"
        carried += [f'"{part}{number}"' for part in _PARTNER]
    layers = Layers([name.strip('"') for name in carried])
    numbers = range(1, len(others) + 1)
    found = layers.column(both(f'"found{n}"' for n in numbers))
    amount = formula(
        Ends('"low"', '"high"'), [Ends(f'"low{n}"', f'"high{n}"') for n in numbers], layers
    )
    odd = either([f"({found} AND {layers.column(amount.unsure)})", *(f'"odd{n}"' for n in numbers)])
    outputs = {
        "case": '"case"',
        "is_evidence": found,
        "reasons": union(f'"reason{n}"' for n in numbers),
        "start": first_set(['"start"', *(f'"start{n}"' for n in numbers)]),
        "end": first_set(['"end"', *(f'"end{n}"' for n in numbers)]),
        "low": f"CASE WHEN {found} THEN {amount.low} END",
        "high": f"CASE WHEN {found} THEN {amount.high} END",
        "state": "CAST(NULL AS BIGINT)",
        "upper": f"CAST(NULL AS {dialect.big})",
        "lower": f"CAST(NULL AS {dialect.big})",
        "sample": "CAST(NULL AS STRING)",
        "odd": f"coalesce({odd}, FALSE)",
    }
    values = layers.select(outputs, relation)
    passed_on = " UNION ALL ".join(
        f"SELECT {listed()} FROM {pool} AS r WHERE NOT is_evidence" for pool in pools
    )
    parts = " UNION ALL ".join(
        f'SELECT DISTINCT "case", {n} AS part FROM {pool} AS r' for n, pool in enumerate(pools)
    )
    lacking = blank(
        dialect,
        case='"case"',
        is_evidence="FALSE",
        reasons=f"CAST({bit(Reason.NOT_COMPUTABLE)} AS BIGINT)",
    )
    return (
        f"SELECT {listed()} FROM ({values}) AS v WHERE is_evidence OR reasons <> 0 OR odd "
        f"UNION ALL {passed_on} UNION ALL SELECT {lacking} FROM ({parts}) AS n "
        f'GROUP BY "case" HAVING count(*) < {len(pools)}'
    )


def _closest(
    relation: str, carried: Sequence[str], pool: str, number: int, derivation: Derivation
) -> str:
    """`relation` with what `facts.pairing.closest` finds for each row in `pool`."""
    limit = derivation.at_most_apart or 0
    together = "TRUE" if derivation.undated_together else "FALSE"
    own = ", ".join(f"a.{name}" for name in carried)
    a, b = 'a."start"', 'b."start"'
    instants = f'({a} = a."end" AND {b} = b."end")'
    same_day = f'({a} = {b} AND a."end" = b."end")'
    gap = (
        'CASE WHEN b.is_evidence IS NULL THEN NULL WHEN a."sample" = b."sample" THEN 0 '
        f"WHEN {a} IS NULL OR {b} IS NULL THEN "
        f"CASE WHEN {a} IS NULL AND {b} IS NULL AND {together} THEN 0 END "
        f"WHEN {instants} THEN CASE WHEN abs({a} - {b}) <= {limit} THEN abs({a} - {b}) END "
        f"WHEN {same_day} AND {together} THEN 0 END"
    )
    least = f'greatest({a} - b."end", {b} - a."end", 0)'
    cannot_tell = (
        f"CASE WHEN b.is_evidence IS NULL THEN FALSE WHEN {a} IS NULL OR {b} IS NULL THEN TRUE "
        f"WHEN {instants} THEN FALSE ELSE {least} <= {limit} END"
    )
    pairs = (
        f"SELECT {own}, CAST({gap} AS BIGINT) AS gap, {cannot_tell} AS cannot_tell, "
        f"CASE WHEN {b} > {a} THEN 1 ELSE 0 END AS is_after, b.is_evidence IS NOT NULL AS there, "
        'b."start" AS b_start, b."end" AS b_end, b.low AS b_low, b.high AS b_high '
        f"FROM {relation.rsplit(' AS ', 1)[0]} AS a LEFT JOIN (SELECT * FROM {pool} AS r "
        'WHERE is_evidence) AS b ON b."case" = a."case"'
    )
    names = ", ".join(carried)
    ranked = (
        f"SELECT *, min(gap * 2 + is_after) OVER (PARTITION BY {names}) AS best FROM ({pairs}) AS p"
    )
    tied = "FILTER (WHERE gap * 2 + is_after = best)"
    agree = (
        f"(max(best) IS NOT NULL AND count(b_low) {tied} IN (0, count(*) {tied}) "
        f"AND count(b_high) {tied} IN (0, count(*) {tied}) "
        f"AND coalesce(min(b_low) {tied} = max(b_low) {tied}, TRUE) "
        f"AND coalesce(min(b_high) {tied} = max(b_high) {tied}, TRUE))"
    )
    reason = (
        f"CASE WHEN max(best) IS NOT NULL THEN CASE WHEN {agree} THEN 0 "
        f"ELSE {bit(Reason.CONFLICTING)} END WHEN bool_or(cannot_tell) THEN {bit(Reason.UNDATED)} "
        f"WHEN bool_or(there) THEN {bit(Reason.NOT_COMPUTABLE)} ELSE 0 END"
    )
    n = number
    return (
        f'SELECT {names}, {agree} AS "found{n}", min(b_start) {tied} AS "start{n}", '
        f'min(b_end) {tied} AS "end{n}", min(b_low) {tied} AS "low{n}", '
        f'min(b_high) {tied} AS "high{n}", CAST({reason} AS BIGINT) AS "reason{n}", '
        # Of tied partners the first in time gives its time to an anchor that has none.
        f'coalesce("start" IS NULL AND (min(b_start) {tied} <> max(b_start) {tied} OR '
        f'count(b_start) {tied} NOT IN (0, count(*) {tied})), FALSE) AS "odd{n}" '
        f"FROM ({ranked}) AS q GROUP BY {names}"
    )
