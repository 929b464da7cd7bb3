"""What clocks showed: every row worked out by hand from the law of the place."""

import re
from datetime import datetime

import duckdb
import pytest

from screen.batch.cells.zone_sql import OFFSET_IN_ZONE, add_zone
from screen.batch.mapping.zones import (
    SKIPPED,
    TWICE,
    UNEVEN,
    clocks_of,
    nearest_zone,
    tzdata_version,
    zone_names,
)

ROWS = [
    # The European Union: forward at 01:00 UTC on the last Sunday of March, back in October.
    ("Europe/Rome", "2020-03-29T01:59:59.999999", "+01:00"),
    ("Europe/Rome", "2020-03-29T02:00:00", SKIPPED),
    ("Europe/Rome", "2020-03-29T02:30:00", SKIPPED),
    ("Europe/Rome", "2020-03-29T02:59:59.999999", SKIPPED),
    ("Europe/Rome", "2020-03-29T03:00:00", "+02:00"),
    ("Europe/Rome", "2020-10-25T01:59:59", "+02:00"),
    ("Europe/Rome", "2020-10-25T02:00:00", TWICE),
    ("Europe/Rome", "2020-10-25T02:30:00", TWICE),
    ("Europe/Rome", "2020-10-25T02:59:59.999999", TWICE),
    ("Europe/Rome", "2020-10-25T03:00:00", "+01:00"),
    # Far beyond what the file of the zone lists, by its rule: March 29 and October 25, 2099.
    ("Europe/Rome", "2099-03-29T02:30:00", SKIPPED),
    ("Europe/Rome", "2099-07-01T12:00:00", "+02:00"),
    ("Europe/Rome", "2099-10-25T02:30:00", TWICE),
    ("Europe/Rome", "2100-12-31T23:59:59", "+01:00"),
    ("Asia/Shanghai", "2020-01-15T12:00:00", "+08:00"),
    ("Asia/Shanghai", "2020-03-29T02:30:00", "+08:00"),
    ("Asia/Shanghai", "2020-07-15T12:00:00", "+08:00"),
    # Lord Howe Island: half an hour, back on April 5 and forward on October 4, at 02:00.
    ("Australia/Lord_Howe", "2020-04-05T01:29:59", "+11:00"),
    ("Australia/Lord_Howe", "2020-04-05T01:30:00", TWICE),
    ("Australia/Lord_Howe", "2020-04-05T02:00:00", "+10:30"),
    ("Australia/Lord_Howe", "2020-10-04T02:29:59", SKIPPED),
    ("Australia/Lord_Howe", "2020-10-04T02:30:00", "+11:00"),
    ("America/St_Johns", "2020-01-15T12:00:00", "-03:30"),
    ("America/St_Johns", "2020-07-15T12:00:00", "-02:30"),
    # Samoa went over the date line: there was no December 30, 2011.
    ("Pacific/Apia", "2011-12-29T23:59:59", "-10:00"),
    ("Pacific/Apia", "2011-12-30T12:00:00", SKIPPED),
    ("Pacific/Apia", "2011-12-31T00:00:00", "+14:00"),
    # Liberia kept its own mean time, -00:44:30, until January 7, 1972.
    ("Africa/Monrovia", "1972-01-06T12:00:00", UNEVEN),
    ("Africa/Monrovia", "1972-01-07T00:44:29", SKIPPED),
    ("Africa/Monrovia", "1972-01-07T00:44:30", "+00:00"),
    ("UTC", "2020-03-29T02:30:00", "+00:00"),
    ("UTC", "1899-12-31T23:59:59", None),
    ("UTC", "2101-01-01T00:00:00", None),
]


@pytest.mark.parametrize(("zone", "shown", "expected"), ROWS)
def test_offset(zone: str, shown: str, expected: str | None) -> None:
    assert clocks_of(zone).offset(datetime.fromisoformat(shown)) == expected


@pytest.mark.parametrize("zone", dict.fromkeys(row[0] for row in ROWS))
def test_the_database_says_the_same(zone: str) -> None:
    connection = duckdb.connect()
    add_zone(connection, zone)
    for name, shown, expected in ROWS:
        if name == zone:
            query = f"SELECT {OFFSET_IN_ZONE}(epoch_us(TIMESTAMP '{shown}'))"
            assert connection.sql(query).fetchall() == [(expected,)], shown
    assert connection.sql(f"SELECT {OFFSET_IN_ZONE}(NULL::BIGINT)").fetchall() == [(None,)]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Rom", "Europe/Rome"),
        ("europe/rome", "Europe/Rome"),
        ("Rome", "Europe/Rome"),
        ("Italy/Rome", "Europe/Rome"),
        ("lord howe", "Australia/Lord_Howe"),
        ("Asia/Shangai", "Asia/Shanghai"),
        ("+01:00", ""),
        ("../../etc/passwd", ""),
    ],
)
def test_the_nearest_zone(text: str, zone: str) -> None:
    assert nearest_zone(text) == zone


def test_every_zone_is_read_from_the_package() -> None:
    """Nothing of the machine is asked: each name has a file of the package, and an offset today."""
    assert len(zone_names()) > 500
    assert "Factory" not in zone_names()
    for name in zone_names()[::20]:
        offset = clocks_of(name).offset(datetime(2020, 1, 15, 12))  # noqa: DTZ001
        assert re.fullmatch(r"[+-][01][0-9]:(00|15|30|45)", offset or ""), name


def test_the_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no zone files of its own, or with others, a machine places times alike."""
    clocks_of.cache_clear()
    monkeypatch.setenv("PYTHONTZPATH", "")
    monkeypatch.setattr("zoneinfo.TZPATH", ())
    assert clocks_of("Europe/Rome").offset(datetime(2020, 7, 1, 12)) == "+02:00"  # noqa: DTZ001
    assert tzdata_version() >= "2020"
