"""HZ and ISO-2022: text spelled in seven bits, whose meaning escapes change.

A bad byte among them is found as in any other codec, because each is another one's bytes without the eighth bit: HZ is
GB2312, ISO-2022-JP is EUC-JP and ISO-2022-KR is EUC-KR. So the bytes are lifted to those, each with the place that it
comes from. Where an escape is damaged or missing, ``shifts`` finds out what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.encodings import likelihood, shortest
from taoxi.normalize.encodings.damage import DOUBT_BITS, Places, joined
from taoxi.normalize.encodings.likelihood import BAD_BITS, UNIT
from taoxi.normalize.encodings.shifts import (
    ANY,
    BAD_STEP,
    DAMAGED,
    ESCAPE,
    FLIP,
    HALF,
    PAIRED,
    PLAIN,
    SECOND,
    lift_shifted,
    read_shifted,
)

LIFTED = {
    "hz": "gb18030",
    "iso2022_jp_2": "euc_jis_2004",
    "iso2022_jp_2004": "euc_jis_2004",
    "iso2022_jp_ext": "euc_jis_2004",
    "iso2022_kr": "cp949",
}
"""The codec that reads the lifted bytes of each codec with escapes."""

ESCAPE_BITS = 12
"""Bits of an escape: fewer than its ASCII characters would cost, more than a letter."""

MORE = 6
"""Bits of a damaged or missing escape beyond those of a bad byte."""

FAULT = 0xFF
"""Stands in lifted bytes for one that could not be read; no codec has it."""

_KR_HEAD = b"\x1b$)C"

_TOKENS = {
    "hz": {b"~{": PAIRED, b"~}": PLAIN},
    "iso2022_kr": {b"\x0e": PAIRED, b"\x0f": PLAIN, _KR_HEAD: PLAIN},
    "iso2022_jp": {
        **dict.fromkeys((b"\x1b$B", b"\x1b$@", b"\x1b$(O", b"\x1b$(Q"), PAIRED),
        **dict.fromkeys((b"\x1b(B", b"\x1b(J"), PLAIN),
        **dict.fromkeys((b"\x1b$(D", b"\x1b$(P"), SECOND),
        b"\x1b(I": HALF,
    },
}
"""The escapes of each codec, and the state that they lead to."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """Bytes with the eighth bit set where they are pairs; ``places`` (int64) tells where each comes from.

    ``bad`` (int64) are the offsets in ``data`` of each ``FAULT``. ``bits`` is what
    all of it takes. ``irregular`` says that something was damaged or missing.
    """

    data: bytes
    places: Places
    bad: Places
    encoding: str
    bits: int
    irregular: bool


def may_have_escapes(data: bytes) -> list[str]:
    """Return the codecs whose escapes are among ``data``."""
    found = []
    if b"~{" in data or b"~}" in data:
        found.append("hz")
    if b"\x0e" in data or b"\x1b$)C" in data:
        found.append("iso2022_kr")
    if b"\x1b$" in data or b"\x1b(" in data:
        found.append("iso2022_jp_2004" if b"\x1b$(O" in data or b"\x1b$(Q" in data else "iso2022_jp_ext")
    return found


def lift(data: bytes, encoding: str, *, whole: bool = False) -> Lifted:
    r"""Return ``data`` in the codec of eight bits that has the same characters.

    Args:
        data: bytes of seven bits, but for bad ones.
        encoding: a codec of ``LIFTED``.
        whole: whether the bytes decode as they are, so that only strong evidence says that an escape is missing.

    >>> lift("政府 ok".encode("hz"), "hz").data.decode("gb2312")
    '政府 ok'
    """
    if not data:
        return Lifted(b"", np.zeros(0, np.int64), np.zeros(0, np.int64), LIFTED[encoding], 0, irregular=False)
    array = np.frombuffer(data, np.uint8)
    form = likelihood.form(LIFTED[encoding])
    bad = (DOUBT_BITS if whole else BAD_BITS) * UNIT
    hz = int(encoding == "hz")
    longer = form.longer if encoding.startswith("iso2022_jp") else np.full(1, likelihood.INVALID, np.uint8)
    back = np.zeros(4 * (len(data) + 1), np.uint8)
    tokens = _found(data, encoding, bad + MORE * UNIT)
    single = likelihood.form("gb18030").singles
    edge = bad // shortest.CUT
    flip = bad + MORE * UNIT
    bits, state = read_shifted(array, *tokens, bad, edge, flip, single, form.pairs, longer, hz, back)
    lifted, places, counts = lift_shifted(array, back, state, hz)
    irregular = bool(counts[[BAD_STEP, DAMAGED, FLIP]].any())
    if encoding == "iso2022_kr" and counts[ESCAPE] and _KR_HEAD not in data:
        irregular = True
    bad_at = np.flatnonzero(lifted == FAULT)
    return Lifted(lifted.tobytes(), places, bad_at, LIFTED[encoding], int(bits), irregular=irregular)


def _found(
    data: bytes, encoding: str, damaged: int
) -> tuple[Places, NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the escapes and what may be damaged ones, by their ends, as ``read_shifted`` takes them."""
    rows = [np.zeros((5, 0), np.int64)]
    tokens = _TOKENS["iso2022_jp" if encoding.startswith("iso2022_jp") else encoding]

    def add(starts: Places, size: int, target: int, kind: int, cost: int) -> None:
        values = [np.full(len(starts), value) for value in (size, target, kind, cost)]
        rows.append(np.array([starts + size, *values], np.int64))

    for token, target in tokens.items():
        add(_places(re.escape(token), data), len(token), target, ESCAPE, ESCAPE_BITS * UNIT)
        if len(token) > 1:
            for pattern, size in _variants(token):
                add(_places(pattern, data), size, target, DAMAGED, damaged)
    if encoding == "hz":  # at the end of a line, the line goes on
        add(_places(rb"~(?=\r?\n|\Z)", data), 1, PLAIN, ESCAPE, 0)
    elif encoding == "iso2022_kr":  # its escapes have one byte, which may have become any other
        add(_places(rb"[^\n\r\v\f]", data), 1, ANY, DAMAGED, damaged)
    found = np.concatenate(rows, axis=1)
    found = found[:, np.argsort(found[0], kind="stable")]
    sizes, targets, kinds, costs = found[1:].astype(np.uint8)
    return found[0], sizes, targets, kinds, costs


def _variants(token: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield what is left of an escape with one byte overwritten or lost, as patterns with their sizes."""
    for at in range(len(token)):
        before, after = re.escape(token[:at]), re.escape(token[at + 1 :])
        yield before + b"[^" + re.escape(token[at : at + 1]) + rb"\n\r\v\f]" + after, len(token)
        yield before + after, len(token) - 1


def _places(pattern: bytes, data: bytes) -> Places:
    """Return where matches of a pattern begin, also within each other."""
    return np.fromiter((match.start() for match in re.finditer(b"(?=" + pattern + b")", data, re.DOTALL)), np.int64)


def decode_escaped(data: bytes, encoding: str, *, whole: bool = False) -> tuple[bytes, Places] | None:
    """Return the characters as UTF-8 and the places of bad bytes; breaks of lines are those of ``data``.

    Args:
        data: bytes of seven bits, but for bad ones.
        encoding: a codec of ``LIFTED``.
        whole: whether the bytes decode as they are; then None says that this is how they were meant.
    """
    lifted = lift(data, encoding, whole=whole)
    if whole and not lifted.irregular:
        return None
    text, _ = joined(lifted.data, lifted.bad, lifted.encoding)
    return text.decode().translate(_otherwise(encoding)).encode(), lifted.places[lifted.bad]


_AROUND = {"hz": (b"~{", b"~}"), "iso2022_kr": (_KR_HEAD + b"\x0e", b"\x0f")}


@cache
def _otherwise(encoding: str) -> dict[int, str]:
    """Return the characters that a codec has for the same pair otherwise than the one that its text is lifted to.

    They are a handful, such as dashes; the damaged lines of a file have to have the same as the others.
    """
    before, behind = _AROUND.get(encoding, (b"\x1b$B", b"\x1b(B"))
    found = {}
    for pair in map(bytes, product(range(0x21, 0x7F), repeat=2)):
        try:
            own = (before + pair + behind).decode(encoding)
            lifted = bytes(byte | 0x80 for byte in pair).decode(LIFTED[encoding])
        except UnicodeError:
            continue
        if own != lifted and len(own) == len(lifted) == 1:
            found[ord(lifted)] = own
    return found
