"""Decode what does not decode: replace as little as possible, and choose the codec that damages least.

One bad byte makes detectors of encodings give up. So each plausible codec reads a sample, and what counts is how few of
its bytes are bad and how many of its characters are common in the language that the codec was made for.
"""

from __future__ import annotations

import codecs
import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

REPLACEMENT = "\ufffd"

MAX_DAMAGE = 0.05
"""Bad bytes per non-ASCII character that a plausible codec may leave. The wrong one of a family leaves 0.1 and more."""

FEW_BAD = 4
"""Bad bytes that are allowed in UTF-8 of three times as many characters: those of one broken character."""

MIN_COMMON = 0.7
"""Share of common characters that a plausible codec must give. Right codecs give over 0.95, wrong ones about 0.5."""

BAD_COST = 2
"""What one bad byte weighs against one uncommon character."""

GOOD_COST = 0.1
"""Cost per character up to which the codec of the rest of a source needs no second opinion."""

CANDIDATES = ("utf-8", "cp949", "euc_jis_2004", "cp932", "big5hkscs", "gb18030")
"""The codecs that are tried, in a tie the first: Korean and Japanese text is also passable Chinese, not the reverse."""

_MARK = "\udfff"
_HANDLER = "taoxi.mark"


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Mark each bad byte with a lone surrogate, which no codec gives, and go on as close behind it as is safe.

    The codecs of UTF know exactly how far a broken character goes. The others report up to four bytes, the end of
    a line among them, so there only the first counts as bad.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    end = error.end if error.encoding.startswith("utf") else error.start + 1
    return _MARK * (end - error.start), end


codecs.register_error(_HANDLER, _mark)


def decode_damaged(data: bytes, encoding: str) -> tuple[str, int]:
    r"""Decode with U+FFFD for each bad byte, and return the number of these too.

    >>> decode_damaged("工作".encode("gb18030") + b"\xff\n", "gb18030")
    ('工作�\n', 1)
    """
    text = codecs.decode(data, encoding, _HANDLER)
    bad = text.count(_MARK)
    return (text.replace(_MARK, REPLACEMENT) if bad else text), bad


def least_damage(sample: bytes, hint: str | None = None) -> str | None:
    """Return the codec under which ``sample`` is nearly whole and made of common characters, None if there is none.

    Args:
        sample: bytes that begin with a whole character.
        hint: the codec that the rest of the source has, taken in a tie.
    """
    best, best_cost = None, 0.0
    for encoding in dict.fromkeys((hint, *CANDIDATES) if hint in CANDIDATES else CANDIDATES):
        reading = _read(sample, encoding)
        if reading.plausible and (best is None or reading.cost < best_cost):
            best, best_cost = encoding, reading.cost
    return best


def reads_well(sample: bytes, encoding: str) -> bool:
    """Whether ``sample`` is beyond doubt text of this one of the ``CANDIDATES``, damaged here and there."""
    return encoding in CANDIDATES and (reading := _read(sample, encoding)).plausible and reading.cost <= GOOD_COST


def fewest_bad(sample: bytes, encodings: Iterable[str]) -> str:
    """Return the one of ``encodings`` that leaves the fewest bad bytes, the first of them in a tie."""
    return min(encodings, key=lambda encoding: decode_damaged(sample, encoding)[1])


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a codec made of a sample: characters beyond ASCII, common ones among them, bad bytes."""

    encoding: str
    foreign: int
    common: int
    bad: int

    @property
    def plausible(self) -> bool:
        few = self.bad <= (FEW_BAD if self.encoding == "utf-8" else FEW_BAD // 2) and 3 * self.bad <= self.foreign
        return (few or self.bad <= self.foreign * MAX_DAMAGE) and self.common >= max(1, self.foreign * MIN_COMMON)

    @property
    def cost(self) -> float:
        return (BAD_COST * self.bad + self.foreign - self.common) / max(1, self.foreign)


def _read(sample: bytes, encoding: str) -> _Reading:
    if encoding == "utf-8":
        # What is left of UTF-8 becomes the same bytes again, which counts thousands of bad ones at the speed of C.
        text = sample.decode(encoding, "ignore")
        bad = len(sample) - len(text.encode())
    else:
        text, bad = decode_damaged(sample, encoding)
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    foreign = points[(points >= 0x80) & (points != 0xFFFD)]
    common = _common(encoding)[foreign[foreign < 0x10000]]
    return _Reading(encoding, len(foreign), int(common.sum()), bad)


@functools.cache
def _common(encoding: str) -> npt.NDArray[np.bool_]:
    """Return which characters are common in text of an encoding: the first level of the standard it comes from."""
    table = np.zeros(1 << 16, np.bool_)
    if encoding == "utf-8":
        table[0xA0:] = True  # a sequence of bytes that UTF-8 allows is hardly ever chance
        return table
    table[0x2010:0x2027] = table[0x3000:0x3020] = table[0xFF01:0xFF5F] = True
    if encoding == "big5hkscs":
        _add(table, "big5", range(0xA4, 0xC7), range(0x40, 0xFF))
    elif encoding == "cp949":
        _add(table, "euc_kr", range(0xB0, 0xC9), range(0xA1, 0xFF))
    elif encoding == "gb18030":
        _add(table, "gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF))
    else:
        table[0x3040:0x3100] = True
        _add(table, "euc_jp", range(0xB0, 0xD0), range(0xA1, 0xFF))
    return table


def _add(table: npt.NDArray[np.bool_], encoding: str, leads: range, trails: range) -> None:
    for lead in leads:
        row = b"".join(bytes((lead, trail)) for trail in trails)
        for character in row.decode(encoding, "ignore"):
            table[ord(character)] = True
