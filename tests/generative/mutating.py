"""Damaged inputs: a good one with some of its bytes, or of its parts, changed."""

import copy
import io
import zipfile
from typing import Any

from hypothesis import strategies as st

_TOKENS = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r", b"\n", b"\t", b'"', b"'", b",",
    b";", b":", b"- ", b"? ", b"|\n", b"{", b"[" * 300, b"{a: " * 200, b"]", b"}", b"&a ", b"*a",
    b"!!python/object/apply:os.system ", b"!!binary ", b"<<: ", b"---\n", b"...\n", b"%YAML 9\n",
    b"null", b"~", b"true", b"-1", b"0", b"1e999999", b"1E-400", b"NaN", b".inf", b"9" * 5000,
    b"0x1F", b"1_000", b"10*9999999/L", b"10*-31/L", b"mm[Hg]", b"[degF]", b"%", b"<", b">=",
    b"<<5", b"2020-02-30", b"0000-00-00", b"9999-12-31T23:59:60+99:99",
    b"2020-03-21T09:00:00.1234567Z", "\u202e".encode(), "\uff1d1+1".encode(), "é".encode("latin-1"),
    "患者".encode(), b"=1+1",
    b"\x1b[2J", b"../../../x", b"/dev/zero", b"\\ud800", b"\\u0000",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"&#0;",
)  # fmt: skip

_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**70, 1.5, -0.0, "", " ", "x" * 3000, "\x00", "\ud800", "\u202e",
    "=1+1", "sha256:", "2020-02-30", [], {}, [[]], {"": None}, "../..", "/dev/zero", "NaN",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes after one to four changes: something cut out, put in, doubled, or moved."""
    data = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 0, 1, 2, 7, 40, 400])))
        span = data[start:end]
        match draw(st.sampled_from(["cut", "put", "over", "double", "move", "end", "flip"])):
            case "cut":
                data = data[:start] + data[end:]
            case "put":
                data = data[:start] + draw(st.sampled_from(_TOKENS)) + data[start:]
            case "over":
                data = data[:start] + draw(st.sampled_from(_TOKENS)) + data[end:]
            case "double":
                data = data[:end] + span + data[end:]
            case "move":
                at = draw(st.integers(0, len(data)))
                rest = data[:start] + data[end:]
                data = rest[:at] + span + rest[at:]
            case "end":
                data = data[:start]
            case "flip":
                bit = 1 << draw(st.integers(0, 7))
                data = (
                    data[:start] + bytes([data[start] ^ bit] if span else b"") + data[start + 1 :]
                )
            case other:
                raise ValueError(other)
    return data


@st.composite
def bent(draw: st.DrawFn, tree: Any) -> Any:
    """A JSON value after one or two changes: a part left out, replaced, renamed or doubled."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 2))):
        places = list(_places(tree))
        if not places:
            return draw(st.sampled_from(_ODD_VALUES))
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["out", "other", "same", "deep", "name"])):
            case "out":
                del holder[key]
            case "other":
                holder[key] = draw(st.sampled_from(_ODD_VALUES))
            case "same":
                holder[key] = copy.deepcopy(draw(st.sampled_from(places)))[0]
            case "deep":
                for _ in range(draw(st.sampled_from([1, 40, 600]))):
                    holder[key] = {"not": holder[key]}
            case "name" if isinstance(holder, dict):
                holder[f"{key}x"] = holder.pop(key)
    return tree


def _places(tree: Any) -> Any:
    keys = range(len(tree)) if isinstance(tree, list) else tree if isinstance(tree, dict) else ()
    for key in list(keys):
        yield tree, key
        yield from _places(tree[key])


@st.composite
def damaged_zip(draw: st.DrawFn, whole: bytes) -> bytes:
    """A ZIP file in which one of the files is damaged; now and then the ZIP file itself."""
    if draw(st.integers(0, 5)) == 0:
        return draw(damaged(whole))
    with zipfile.ZipFile(io.BytesIO(whole)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    members[name] = draw(damaged(members[name]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member, data in members.items():
            new.writestr(member, data)
    return out.getvalue()
