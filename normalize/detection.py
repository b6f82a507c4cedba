"""Find out which codec reads some bytes: by their form, by chardet, and where damage misleads both, by trying."""

from __future__ import annotations

import codecs

import numpy as np

from taoxi.normalize.codec import (
    ALLOWED,
    MULTIBYTE,
    STATEFUL,
    UTF8,
    byte_order_mark,
    canonical,
    utf8_error,
)
from taoxi.normalize.damage import fewest_bad, least_damage, reads_well
from taoxi.normalize.wide import wide_encoding

SAMPLE = 200_000
"""Bytes that a detection looks at; chardet reads no more by default."""

LOOK_BACK = 1_000
"""Bytes of ASCII that a sample keeps before its first other byte: chardet's statistics stop after 16 KB."""

SURE = 0.1
"""Confidence from which chardet's answer of a single-byte codec stands. Measured on samples of 20 to 1,000 characters:
damaged GB18030, Big5, CP949 and CP932 get at most 0.08, Cyrillic, Greek, Arabic and Thai that are whole mostly more
than 0.1. Latin scripts get less too, but no codec of several bytes reads them plausibly."""


def detect(data: bytes, *, eof: bool, hint: str | None = None) -> str:
    """Return the Python codec that reads ``data`` best.

    Args:
        data: bytes that begin with a whole character, such as the head of a source.
        eof: whether their last character is whole too.
        hint: the codec that the rest of the source has.
    """
    marked, _ = byte_order_mark(data)
    if marked is not None:
        return marked
    error = utf8_error(data, eof=eof)
    if error is None:
        return disguised(data) or UTF8
    return wide_encoding(data) or _choose(_sample(data, error), hint)


def disguised(data: bytes) -> str | None:
    """Return what valid UTF-8 may be instead: ASCII in wide units, or text spelled in ASCII by escapes."""
    if b"\0" in data and data.isascii():
        return wide_encoding(data)
    if (b"~{" in data or b"\x1b$" in data) and data.isascii():
        guess, _ = _ask_chardet(data[:SAMPLE])
        return guess if guess in STATEFUL else None
    return None


def _choose(sample: bytes, hint: str | None) -> str:
    for known in (hint, UTF8):
        if known is not None and reads_well(sample, known):
            return known
    guess, confidence = _ask_chardet(sample)
    read = guess is not None and _reads(sample, guess)
    if guess is not None and read and (confidence >= SURE or guess in MULTIBYTE or guess in STATEFUL):
        return guess
    least = least_damage(sample, hint)
    if least is not None:
        return least
    if guess is not None and read:
        return guess
    return fewest_bad(sample, [name for name in (UTF8, "gb18030", hint, guess, "cp1252") if name is not None])


def _sample(data: bytes, error: int) -> bytes:
    """Return the bytes around the first one that is not UTF-8, without a long stretch of ASCII before them."""
    begin = max(0, error - SAMPLE // 2)
    if begin:
        # A byte under 0x30 is no part of a longer character in any encoding, so behind it one begins.
        safe = np.flatnonzero(np.frombuffer(data, np.uint8, error - begin, begin) < 0x30)
        begin = begin + int(safe[0]) + 1 if len(safe) else error
    foreign = np.flatnonzero(np.frombuffer(data, np.uint8, error - begin, begin) >= 0x80)
    first = begin + int(foreign[0]) if len(foreign) else error
    start = max(begin, first - LOOK_BACK)
    return data[start : start + SAMPLE]


def _ask_chardet(sample: bytes) -> tuple[str | None, float]:
    import chardet  # noqa: PLC0415 - UTF-8 alone does not need it

    answer = chardet.detect(sample, prefer_superset=True, compat_names=False, include_encodings=ALLOWED)
    return canonical(answer["encoding"]), answer["confidence"]


def _reads(sample: bytes, encoding: str) -> bool:
    """Whether a sample decodes, but for a character that its end cuts."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeError:
        return False
    return True
