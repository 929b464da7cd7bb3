# ruff: noqa: S608 - all names and numbers in these queries are the vocabulary's or our own
"""Steps 2 to 4 of the semantics over rows of evidence, each a query on the one before."""

from screen.engine.columns.derived_long import COLUMNS, listed
from screen.engine.columns.dialect import FALSE, NOTHING, Dialect
from screen.engine.columns.reasons import bit
from screen.engine.columns.slots import CONTEXTS
from screen.model.truth import Reason


def recorded_rows() -> str:
    """Steps 2 and 3: every record in every pool that asks for its concept."""
    inside = (
        '(k.within_micros IS NULL OR coalesce(s."start" >= s.screened - k.within_micros '
        'AND s."end" <= s.screened, FALSE))'
    )
    fits = [
        f'(k.{key}_mask IS NULL OR CASE WHEN s."{key}" IS NOT NULL '
        f'THEN s."{key}" & k.{key}_mask <> 0 ELSE {shown} END)'
        for key, shown in zip(
            CONTEXTS,
            ('k.room_air AND a."case" IS NOT NULL AND s."start" = s."end"', FALSE, FALSE),
            strict=True,
        )
    ]
    fit = f"coalesce({' AND '.join(fits)}, FALSE)"
    reason = (
        f"CASE WHEN NOT s.usable THEN s.reasons WHEN NOT {inside} THEN "
        f'CASE WHEN s."end" < s.screened - k.within_micros THEN {bit(Reason.STALE)} '
        f"ELSE {bit(Reason.UNDATED)} END "
        f"WHEN NOT {fit} THEN {bit(Reason.CONTEXT)} ELSE {NOTHING} END"
    )
    columns = ", ".join(
        f's."{name}"' for name in COLUMNS if name not in ("is_evidence", "reasons", "odd")
    )
    rows = (
        f"SELECT k.pool, s.usable, {columns}, CAST({reason} AS BIGINT) AS why FROM seen AS s "
        "JOIN asked AS k ON k.concept = s.concept "
        'LEFT JOIN air AS a ON a."case" = s."case" AND a."start" = s."start"'
    )
    values = listed("r", is_evidence="(r.usable AND r.why = 0)", reasons="r.why", odd="FALSE")
    return f"SELECT r.pool, {values} FROM ({rows}) AS r WHERE r.why <> 0 OR r.usable"


def ranked_rows() -> str:
    """Every row of every selection; undated evidence only where nothing dated is left."""
    dated = (
        'bool_or(r.is_evidence AND r."start" IS NOT NULL) OVER (PARTITION BY k.selection, r."case")'
    )
    return (
        f"SELECT k.selection, k.pick, {listed('r')}, {dated} AS any_dated FROM pooled AS r "
        "JOIN picks AS k ON k.pool = r.pool"
    )


def chosen_rows() -> str:
    """Step 4: which evidence a selection is about. The extremes are those of all its evidence."""
    evidence = (
        f"SELECT selection, pick, {listed()} FROM ranked AS r "
        'WHERE is_evidence AND ("start" IS NOT NULL OR NOT any_dated)'
    )
    over = 'OVER (PARTITION BY selection, "case")'
    extremes = (
        f'SELECT *, max("start") {over} AS last_start, min("end") {over} AS first_end, '
        f"CASE WHEN pick = 'highest' THEN max(low) {over} "
        f"WHEN bool_or(low IS NULL) {over} THEN NULL ELSE min(low) {over} END AS low_most, "
        f"CASE WHEN pick = 'lowest' THEN min(high) {over} "
        f"WHEN bool_or(high IS NULL) {over} THEN NULL ELSE max(high) {over} END AS high_most "
        f"FROM ({evidence}) AS e"
    )
    touches = (
        "(coalesce(high >= low_most - abs(low_most % 2), TRUE) "
        "AND coalesce(low <= high_most + abs(high_most % 2), TRUE))"
    )
    return (
        f"SELECT * FROM ({extremes}) AS x WHERE CASE pick "
        "WHEN 'latest' THEN last_start IS NULL OR \"end\" >= last_start "
        "WHEN 'earliest' THEN first_end IS NULL OR \"start\" <= first_end "
        f"WHEN 'lowest' THEN {touches} WHEN 'highest' THEN {touches} ELSE TRUE END"
    )


def picked_rows(dialect: Dialect) -> str:
    """One row per case and selection: the agreed value, or the reasons why there is none."""

    def agreed(end: str) -> str:
        return f"(count({end}) IN (0, count(*)) AND coalesce(min({end}) = max({end}), TRUE))"

    by_value = "max(pick) IN ('lowest', 'highest')"
    one_time = "max(pick) IN ('latest', 'earliest')"
    same = f"({agreed('low')} AND {agreed('high')})"
    conflict = f"CASE WHEN {one_time} AND NOT {same} THEN {bit(Reason.CONFLICTING)} ELSE 0 END"
    values = (
        f"CASE WHEN {by_value} THEN max(low_most) WHEN {same} THEN max(low) END AS low, "
        f"CASE WHEN {by_value} THEN max(high_most) WHEN {same} THEN max(high) END AS high, "
        "CASE WHEN min(upper) = max(upper) THEN max(upper) END AS upper, "
        "CASE WHEN min(lower) = max(lower) THEN max(lower) END AS lower, "
        "bit_or(coalesce(state, 0)) AS state"
    )
    picked = (
        f'SELECT selection, "case", {values}, CAST({conflict} AS BIGINT) AS reasons, '
        'TRUE AS has FROM chosen AS c GROUP BY selection, "case"'
    )
    big = f"CAST(NULL AS {dialect.big})"
    left_out = (
        f'SELECT selection, "case", {big} AS low, {big} AS high, {big} AS upper, {big} AS lower, '
        "CAST(NULL AS BIGINT) AS state, bit_or(reasons) AS reasons, FALSE AS has "
        'FROM ranked AS r GROUP BY selection, "case" HAVING NOT bool_or(is_evidence)'
    )
    return f"{picked} UNION ALL {left_out}"
