"""Every change to a ledger is found, and nothing damaged is added to."""

import io
import random
from collections.abc import Iterator

import pytest

from screen.audit.check.verify import verify
from screen.audit.ledger.line import Entry, sealed
from screen.audit.ledger.read import Fault, Found, Fragment, read_entries
from screen.audit.people.notes import add_note, add_signature
from screen.audit.people.signing import make_keys, read_public_key
from screen.problems import ProblemsFound
from tests.unit.audit.site import Site


def faults(data: bytes) -> list[Found]:
    items = read_entries(io.BufferedReader(io.BytesIO(data)), len(data))
    return [item for item in items if isinstance(item, Found)]


def small_ledger(site: Site) -> bytes:
    site.record(site.case("A-1"), site.case("A-2", "150"))
    add_note(site.ledger, 1, "P-1", "sick", "not_met", "no dyspnea at the bedside", "kim")
    data = site.ledger.read_bytes()
    assert faults(data) == []
    return data


def test_every_single_bit_of_every_byte(site: Site) -> None:
    data = small_ledger(site)
    changed = bytearray(data)
    missed = []
    for place in range(len(data)):
        for bit in range(8):
            changed[place] ^= 1 << bit
            if not faults(bytes(changed)):
                missed.append((place, bit))
            changed[place] ^= 1 << bit
    assert missed == []
    assert bytes(changed) == data


def test_every_truncation_but_that_of_whole_entries(site: Site) -> None:
    data = small_ledger(site)
    ends = {0, *(place + 1 for place, byte in enumerate(data) if byte == ord("\n"))}
    unseen = {length for length in range(len(data)) if not faults(data[:length])}
    assert unseen == ends - {len(data)}


def rearranged(lines: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    last = len(lines) - 1
    for place in range(last):
        yield f"{place} removed", lines[:place] + lines[place + 1 :]
        other = list(lines)
        other[place], other[place + 1] = other[place + 1], other[place]
        yield f"{place} swapped", other
    for place in range(last + 1):
        yield f"{place} repeated", [*lines[: place + 1], *lines[place:]]
        yield f"{place} at the end again", [*lines, lines[place]]


def test_every_removal_repetition_and_swap(site: Site) -> None:
    small_ledger(site)
    for what, lines in rearranged(site.lines()):
        assert faults(b"".join(lines)), what


def test_a_large_ledger_sampled() -> None:
    chance = random.Random(20200321)
    lines: list[bytes] = []
    previous = None
    for number in range(1, 3_001):
        body = {"kind": "batch", "number": number, "previous": previous, "text": "x" * 40}
        line, previous = sealed(body)
        lines.append(line)
    data = b"".join(lines)
    assert faults(data) == []
    for _ in range(60):
        place = chance.randrange(len(data))
        changed = data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
        assert faults(changed), place
    for _ in range(20):
        first, second = sorted(chance.sample(range(3_000), 2))
        other = list(lines)
        other[first], other[second] = other[second], other[first]
        assert faults(b"".join(other)), (first, second)
        assert faults(b"".join(lines[:first] + lines[second:])), (first, second)


def test_an_entry_that_was_replaced_with_its_hash_breaks_the_chain(site: Site) -> None:
    small_ledger(site)
    lines = site.lines()
    from screen.audit.ledger.line import opened

    entry = opened(lines[1])
    assert entry is not None
    lines[1], _ = sealed({**entry.body, "case": "somebody else"})
    (found,) = faults(b"".join(lines))
    assert (found.fault, found.entry) == (Fault.CHAIN, 3)


def test_the_faults_name_entry_and_line(site: Site) -> None:
    data = small_ledger(site)
    first = data.index(b"\n") + 1
    changed = data[: first + 100] + b"#" + data[first + 101 :]
    (found,) = faults(changed)
    assert found.text == (
        "entry 2 (line 2) is damaged: its bytes are not those that its hash was made from"
    )


def test_a_damaged_end_is_never_added_to(site: Site) -> None:
    data = small_ledger(site)
    damaged = data[:-30] + b"#" + data[-29:]
    site.ledger.write_bytes(damaged)
    with pytest.raises(ProblemsFound, match="its last entry is damaged"):
        site.record(site.case("A-3"))
    assert site.ledger.read_bytes() == damaged


def test_a_changed_line_break_is_damage_and_no_torn_entry(site: Site) -> None:
    data = small_ledger(site)
    site.ledger.write_bytes(data[:-1] + b"\x0b")
    with pytest.raises(ProblemsFound, match="its last entry is damaged"):
        site.record(site.case("A-3"))


def test_some_other_file_is_never_added_to(site: Site) -> None:
    for text in (b"my notes", b"my notes\n", b"\n", b"\x00" * 70_000):
        site.ledger.write_bytes(text)
        with pytest.raises(ProblemsFound):
            site.record(site.case("A-1"))
        assert site.ledger.read_bytes() == text


def test_a_torn_end_is_found_then_kept_and_declared(site: Site) -> None:
    data = small_ledger(site)
    start = data.rindex(b"\n", 0, -1) + 1
    for length in (1, 5, 14, 200, len(data) - start - 2):
        torn = data[: start + length]
        site.ledger.write_bytes(torn)
        (found,) = faults(torn)
        assert (found.fault, found.entry) == (Fault.TORN, 3)
        assert f"{length} bytes" in found.text
        assert site.record(site.case("A-3")) == [3]
        after = site.ledger.read_bytes()
        assert after.startswith(torn)
        report = verify(site.ledger)
        assert report.is_whole
        assert report.entries == 3
        (remark,) = report.remarks
        assert remark.startswith(f"before entry 3: {length} bytes")


def test_a_whole_entry_without_its_line_break_counts(site: Site) -> None:
    data = small_ledger(site)
    site.ledger.write_bytes(data[:-1])
    (found,) = faults(data[:-1])
    assert found.fault is Fault.NO_LINE_END
    assert site.record(site.case("A-3")) == [4]
    assert site.ledger.read_bytes().startswith(data)
    assert verify(site.ledger).is_whole


def test_a_declared_fragment_cannot_be_changed_or_taken_out(site: Site) -> None:
    data = small_ledger(site)
    site.ledger.write_bytes(data[:-50])
    site.record(site.case("A-3"))
    lines = site.lines()
    whole = list(read_entries(io.BufferedReader(io.BytesIO(b"".join(lines))), 1 << 20))
    assert [type(item) for item in whole] == [Entry, Entry, Fragment, Entry]
    without = b"".join(lines[:2] + lines[3:])
    assert [found.fault for found in faults(without)] == [Fault.FRAGMENT]
    changed = b"".join([*lines[:2], lines[2].replace(b"bedside", b"bedsidf"), lines[3]])
    assert {found.fault for found in faults(changed)} >= {Fault.CHANGED, Fault.FRAGMENT}


def test_two_torn_ends_in_a_row(site: Site) -> None:
    data = small_ledger(site)
    site.ledger.write_bytes(data + data[:100] + b"\n" + data[:77])
    (found,) = faults(site.ledger.read_bytes())
    assert found.fault is Fault.TORN
    assert site.record(site.case("A-3")) == [4]
    report = verify(site.ledger)
    assert report.is_whole
    assert report.remarks[0].startswith("before entry 4: 178 bytes")


def test_whole_entries_cut_off_the_end_are_found_by_a_noted_head(site: Site) -> None:
    small_ledger(site)
    head = verify(site.ledger).head
    site.record(site.case("A-3"))
    assert verify(site.ledger, head=head).anchor == 3
    assert verify(site.ledger, head=head[:20]).anchor == 3
    site.ledger.write_bytes(b"".join(site.lines()[:2]))
    assert verify(site.ledger).is_whole, "a chain alone cannot see this, and the README says so"
    report = verify(site.ledger, head=head)
    assert not report.is_whole
    assert "no entry has the hash that was noted" in report.wrong[0]


def test_whole_entries_cut_off_the_end_are_found_by_a_signature(site: Site) -> None:
    small_ledger(site)
    public = read_public_key(make_keys(site.folder / "key"))
    add_signature(site.ledger, site.folder / "key", "Dr Kim", "reviewed")
    assert verify(site.ledger, [public]).signed_up_to == 3
    site.ledger.write_bytes(b"".join(site.lines()[:3]))
    (wrong,) = verify(site.ledger, [public]).wrong
    assert wrong.startswith("1 of the given public keys signed nothing here")


def lines_between(chance: random.Random, entry: bytes) -> bytes:
    """Lines that are no entries, some of which begin or end as one does."""
    seal = entry[entry.rindex(b',"hash":') :]
    kinds = [b"\n", b"x\n", b'{"_ledger":2,\n', b'{"_ledger":1,"a":1}\n', b"y" * 90 + seal, seal,
             b'{"_ledger":2,' + seal, entry.replace(b"kim", b"tim")]  # fmt: skip
    return b"".join(chance.choices(kinds, k=chance.randrange(12)))


@pytest.mark.parametrize("seed", range(40))
def test_garbage_is_told_alike_however_much_is_read_at_once(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    site.record(site.case("A-1"), site.case("A-2", "150"))
    first, second = site.lines()
    parts = [lines_between(chance, first), first, lines_between(chance, second), second]
    data = b"".join([*parts, lines_between(chance, first), chance.choice([b"", b"{", first[:9]])])

    def told(at_once: int) -> list[object]:
        file = io.BufferedReader(io.BytesIO(data), at_once)
        return list(read_entries(file, len(data)))

    assert told(1) == told(chance.randrange(2, 200)) == told(1 << 20)
    assert len([item for item in told(1) if isinstance(item, Entry)]) == 2
