"""HZ and ISO-2022: text spelled in seven bits, whose meaning escapes change.

A bad byte among them is found as in any other codec, because each is another one's bytes without the eighth bit: HZ is
GB2312, ISO-2022-JP is EUC-JP and ISO-2022-KR is EUC-KR. So the bytes are lifted to those, each with the place that it
comes from, and read as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from taoxi.normalize.codec import BREAKS, break_offsets
from taoxi.normalize.damage import Places, decode_damaged

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

_HZ = re.compile(rb"~[{}~]|~(?=\r?\n|\Z)|[\n\r\v\f]")
_JP = re.compile(rb"\x1b(?:\$[@B]|\$\([DOPQ]|\([BJI])|[\n\r\v\f]")
_KR = re.compile(rb"\x1b\$\)C|[\x0e\x0f\n\r\v\f]")
_HIGH = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))
_TRIPLE = 3


@dataclass(frozen=True, slots=True)
class Lifted:
    """Bytes with the eighth bit set where escapes say so; ``places`` (int64) tells where each comes from."""

    data: bytes
    places: Places
    encoding: str
    escapes: int


def may_have_escapes(data: bytes) -> list[str]:
    """Return the codecs whose escapes are among ``data``."""
    found = []
    if b"~{" in data:
        found.append("hz")
    if b"\x1b$)C" in data and b"\x0e" in data:
        found.append("iso2022_kr")
    elif b"\x1b$" in data:
        found.append("iso2022_jp_2004" if b"\x1b$(O" in data or b"\x1b$(Q" in data else "iso2022_jp_ext")
    return found


def lift(data: bytes, encoding: str) -> Lifted:
    r"""Return ``data`` in the codec of eight bits that has the same characters.

    >>> lift("政府 ok".encode("hz"), "hz").data.decode("gb2312")
    '政府 ok'
    """
    pattern = _HZ if encoding == "hz" else _KR if encoding == "iso2022_kr" else _JP
    parts: list[bytes] = []
    places: list[Places] = [np.zeros(0, np.int64)]
    at = escapes = 0
    state = b""
    for match in pattern.finditer(data):
        _add(data, at, match.start(), state, parts, places)
        token = match[0]
        if token in {b"\n", b"\r", b"\v", b"\f"}:
            state = b"" if encoding == "hz" or token == b"\n" else state
            parts.append(token)
            places.append(np.arange(match.start(), match.end()))
        elif token == b"~~":
            parts.append(b"~")
            places.append(np.arange(match.start(), match.start() + 1))
        else:
            state = b"" if token in {b"~}", b"~", b"\x0f", b"\x1b(B", b"\x1b(J"} else token
            state = b"" if token == b"\x1b$)C" else state
            escapes += 1
        at = match.end()
    _add(data, at, len(data), state, parts, places)
    return Lifted(b"".join(parts), np.concatenate(places), LIFTED[encoding], escapes)


def _add(data: bytes, start: int, end: int, state: bytes, parts: list[bytes], places: list[Places]) -> None:
    """Lift the bytes between two escapes."""
    if start == end:
        return
    stretch = data[start:end] if not state else data[start:end].translate(_HIGH)
    index = np.arange(start, end)
    if state in {b"\x1b$(D", b"\x1b$(P"} and len(stretch) % 2 == 0:  # the second plane, which EUC-JP marks by 8F
        stretch = b"".join(b"\x8f" + stretch[at : at + 2] for at in range(0, len(stretch), 2))
        index = np.repeat(index.reshape(-1, 2), [2, 1], axis=1).reshape(-1)
    elif state == b"\x1b(I":
        stretch = b"".join(b"\x8e" + stretch[at : at + 1] for at in range(len(stretch)))
        index = np.repeat(index, 2)
    parts.append(stretch)
    places.append(index)


def decode_escaped(data: bytes, encoding: str) -> tuple[bytes, Places]:
    """Return the characters as UTF-8 and the places of bad bytes; breaks of lines are those of ``data``."""
    lifted = lift(data, encoding)
    text, bad = decode_damaged(lifted.data, lifted.encoding)
    places = lifted.places[bad]
    return text, places


def breaks_agree(text: str, data: bytes, encoding: str) -> bool:
    """Whether a text has as many breaks of lines as the bytes that it was read from."""
    return sum(map(text.count, BREAKS)) == len(break_offsets(data, encoding))
