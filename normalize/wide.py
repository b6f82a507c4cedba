"""Recognize UTF-16 and UTF-32 that do not begin with a byte order mark.

Text in them is full of what no other text holds: bytes 0 to 31 that are halves of characters (U+000A is a zero and a
line feed, 。 is U+3002, a ninth of all Han characters end in such a byte). That is the evidence asked for; which of the
two byte orders it is, the common characters tell.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

SAMPLE = 1 << 16
"""Bytes that are looked at: more never changed the answer."""

MIN_UNITS = 3
"""The shortest text whose order is guessed: two Han characters and a line feed."""

MIN_EVIDENCE = 0.05
"""Share of units with a control byte as one half. Han alone has 0.11, a GBK text with a stray NUL far under 0.01."""

MIN_COMMON = 0.75
"""Share of units that are common characters. Text has over 0.95; random bytes and the wrong order have about 0.5."""

MIN_ASCII = 0.75
"""The same where there are no bytes but ASCII: then UTF-16 has 1, and records that end in NUL at most 0.5."""

MAX_LONE = 0.01
"""Share of units that are half of a surrogate pair without the other: more is not text in this order."""

_COMMON_RANGES = (
    (0x09, 0x0D),
    (0x20, 0x7E),
    (0xA0, 0x24F),  # Latin
    (0x370, 0x6FF),  # Greek, Cyrillic, Armenian, Hebrew, Arabic
    (0x900, 0xE7F),  # the scripts of India, Thai
    (0x1E00, 0x1EFF),  # Vietnamese
    (0x2010, 0x203B),
    (0x20A0, 0x22FF),
    (0x2460, 0x25FF),
    (0x3000, 0x30FF),  # CJK punctuation, kana
    (0x4E00, 0x9FFF),  # Han
    (0xAC00, 0xD7A3),  # Hangul
    (0xFE30, 0xFE4F),
    (0xFEFF, 0xFEFF),
    (0xFF00, 0xFFEF),
)


@functools.cache
def _common() -> npt.NDArray[np.bool_]:
    table = np.zeros(1 << 16, np.bool_)
    for first, last in _COMMON_RANGES:
        table[first : last + 1] = True
    return table


@functools.cache
def _control() -> npt.NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[[byte for byte in range(32) if byte not in b"\t\n\v\f\r"]] = True
    return table


def wide_encoding(data: bytes) -> str | None:
    r"""Return the codec of ``data`` if it is UTF-16 or UTF-32 without a mark, else None.

    >>> wide_encoding("政府工作报告。\n各位代表".encode("utf-16-be"))
    'utf-16-be'
    >>> wide_encoding("政府工作报告。\n各位代表".encode("gb18030"))
    """
    sample = data[:SAMPLE]
    return _utf32(sample) or _utf16(sample)


def _utf32(sample: bytes) -> str | None:
    size = len(sample) // 4
    if size < MIN_UNITS:
        return None
    for order, name in (("<", "utf-32-le"), (">", "utf-32-be")):
        units = np.frombuffer(sample, f"{order}u4", size)
        if float(np.mean(units < 0x110000)) > 1 - MAX_LONE:
            small = units[units < 0x10000]
            if float(_common()[small].sum()) / size >= MIN_COMMON:
                return name
    return None


def _utf16(sample: bytes) -> str | None:
    size = len(sample) // 2
    if size < MIN_UNITS:
        return None
    halves = np.frombuffer(sample, np.uint8, 2 * size).reshape(size, 2)
    evident = _control()[halves].any(axis=1)
    if float(evident.mean()) < MIN_EVIDENCE:
        return None
    if int(halves.max()) < 0x80 and float(evident.mean()) < MIN_ASCII:
        return None
    best, best_share = None, MIN_COMMON
    for order, name in (("<", "utf-16-le"), (">", "utf-16-be")):
        units = np.frombuffer(sample, f"{order}u2", size)
        common = _common()[units]
        share = float(common.mean()) + float(_surrogates(units))
        evidence = float((common & evident).mean())
        if share >= best_share and evidence >= MIN_EVIDENCE and _lone(units) <= MAX_LONE:
            best, best_share = name, share
    return best


def _surrogates(units: npt.NDArray[np.uint16]) -> float:
    return float(((units & 0xF800) == 0xD800).mean())


def _lone(units: npt.NDArray[np.uint16]) -> float:
    """Return the share of units that are half a surrogate pair only; the last unit may be the first half of one."""
    high = (units & 0xFC00) == 0xD800
    low = (units & 0xFC00) == 0xDC00
    pairs = int((high[:-1] & low[1:]).sum())
    return (int(high.sum()) + int(low.sum()) - 2 * pairs - int(high[-1])) / len(units)
