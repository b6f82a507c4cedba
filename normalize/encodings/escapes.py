"""HZ and ISO-2022: text spelled in seven bits, whose meaning escapes change.

A bad byte among them is found as in any other codec, because each is another one's bytes without the eighth bit: HZ is
GB2312, ISO-2022-JP is EUC-JP and ISO-2022-KR is EUC-KR. So the bytes are lifted to those, each with the place that it
comes from, and read as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from taoxi.normalize.encodings.codec import UTF8
from taoxi.normalize.encodings.damage import Places, decode_damaged
from taoxi.normalize.encodings.measure import measure

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
_HZ_INSIDE = re.compile(rb"~[{}]|[\n\r\v\f]")
_JP = re.compile(rb"\x1b(?:\$[@B]|\$\([DOPQ]|\([BJI])|[\n\r\v\f]")
_KR = re.compile(rb"\x1b\$\)C|[\x0e\x0f\n\r\v\f]")
_HIGH = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))
_CLOSING = (b"~}", b"\x0f", b"\x1b(B", b"\x1b(J")

TRIES = 400
"""Places where a missing escape is looked for."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """Bytes with the eighth bit set where escapes say so; ``places`` (int64) tells where each comes from.

    ``irregular`` says that an escape was missing.
    """

    data: bytes
    places: Places
    encoding: str
    escapes: int
    irregular: bool


def may_have_escapes(data: bytes) -> list[str]:
    """Return the codecs whose escapes are among ``data``."""
    found = []
    if b"~{" in data or b"~}" in data:
        found.append("hz")
    if b"\x0e" in data or b"\x1b$)C" in data:
        found.append("iso2022_kr")
    elif b"\x1b$" in data:
        found.append("iso2022_jp_2004" if b"\x1b$(O" in data or b"\x1b$(Q" in data else "iso2022_jp_ext")
    return found


def lift(data: bytes, encoding: str) -> Lifted:
    r"""Return ``data`` in the codec of eight bits that has the same characters.

    Where an escape is missing, because it was cut or damaged, the place where it must have been is guessed.

    >>> lift("政府 ok".encode("hz"), "hz").data.decode("gb2312")
    '政府 ok'
    """
    pattern = _HZ if encoding == "hz" else _KR if encoding == "iso2022_kr" else _JP
    inside = _HZ_INSIDE if encoding == "hz" else pattern
    lifting = _Lifting(data, LIFTED[encoding])
    at = 0
    state = b""
    while match := (inside if state else pattern).search(data, at):
        token = match[0]
        line_end = token in {b"\n", b"\r", b"\v", b"\f"}
        closes = token in _CLOSING
        if closes and not state:
            lifting.repair(at, match.start(), opening=True)
        elif state and (line_end or token == b"~{") and encoding != "iso2022_kr":
            lifting.repair(at, match.start(), opening=False)
        else:
            lifting.add(at, match.start(), state)
        if line_end:
            state = state if encoding == "iso2022_kr" and token != b"\n" else b""
            lifting.add(match.start(), match.end(), b"")
        elif token == b"~~":
            lifting.add(match.start(), match.start() + 1, b"")
        else:
            state = b"" if closes or token in {b"~", b"\x1b$)C"} else token
            lifting.escapes += 1
        at = match.end()
    if state and encoding != "iso2022_kr":
        lifting.repair(at, len(data), opening=False)
    else:
        lifting.add(at, len(data), state)
    return lifting.done()


class _Lifting:
    """What was lifted so far."""

    def __init__(self, data: bytes, encoding: str) -> None:
        self.escapes = 0
        self.irregular = False
        self._data = data
        self._encoding = encoding
        self._parts: list[bytes] = []
        self._places: list[Places] = [np.zeros(0, np.int64)]

    def add(self, start: int, end: int, state: bytes) -> None:
        """Take the bytes between two escapes, of which ``state`` is the first, empty in ASCII."""
        if start < end:
            _add(self._data, start, end, state, self._parts, self._places)

    def repair(self, start: int, end: int, *, opening: bool) -> None:
        """Take bytes in which the text changes to ASCII or from it without an escape, at the likeliest place."""
        self.irregular = True
        high = [start, end]
        least = None
        step = max(1, (end - start) // TRIES)
        for place in range(start, end + 1, step):
            low, up = ((start, place), (place, end)) if opening else ((place, end), (start, place))
            bits = measured(self._data[slice(*low)]) + measured(self._data[slice(*up)].translate(_HIGH), self._encoding)
            if least is None or bits < least:
                least, high = bits, [place, end] if opening else [start, place]
        self.add(start, high[0], b"")
        self.add(high[0], high[1], b"~{")
        self.add(high[1], end, b"")

    def done(self) -> Lifted:
        """Return all that was taken."""
        places = np.concatenate(self._places)
        return Lifted(b"".join(self._parts), places, self._encoding, self.escapes, self.irregular)


def measured(data: bytes, encoding: str = UTF8) -> int:
    """Return the bits, in eighths, of some bytes."""
    return measure(np.frombuffer(data, np.uint8), 0, len(data), encoding, np.zeros(len(data), np.uint8)) if data else 0


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
    return text, lifted.places[bad]
