"""Decode bytes, whatever they are, so that each character and each break of a line can be traced back to them."""

from __future__ import annotations

from dataclasses import dataclass

from taoxi.normalize.codec import (
    BREAKS,
    MULTIBYTE,
    SIBLINGS,
    SMALL,
    STATEFUL,
    UTF8,
    break_offsets,
    byte_order_mark,
    canonical,
    is_utf8,
    unit_bytes,
)
from taoxi.normalize.damage import decode_damaged
from taoxi.normalize.detection import detect, disguised

__all__ = ["Decoded", "break_offsets", "decode", "detect"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of some bytes, without a byte order mark.

    ``utf8`` always holds them, for valid UTF-8 without a copy; ``text`` only where a ``str`` had to be made
    anyway. ``encoding`` is the codec that read them, ``bad_bytes`` how many bytes it could not read (U+FFFD stands
    for them) and ``first_bad`` the offset of the first of these.
    """

    utf8: bytes | memoryview
    text: str | None
    encoding: str
    bad_bytes: int = 0
    first_bad: int | None = None

    def as_text(self) -> str:
        """Return the characters as ``str``."""
        return str(self.utf8, UTF8) if self.text is None else self.text


def decode(data: bytes, hint: str | None = None) -> Decoded:
    """Decode ``data`` by the first of these: its byte order mark, UTF-8 if it is valid, ``hint``, the best found.

    Breaks of lines stay one to one: the text has as many of ``BREAKS`` as ``break_offsets`` finds in the bytes.

    Args:
        data: bytes that begin with a whole character.
        hint: the codec that the rest of the source has, or that it is said to have.
    """
    marked, mark = byte_order_mark(data)
    if marked is not None:
        return _decode_as(data, marked, mark)
    hint = canonical(hint)
    if hint == UTF8:
        hint = None
    if hint is not None and (unit_bytes(hint) > 1 or hint in STATEFUL) and (decoded := _strictly(data, hint)):
        return decoded  # any UTF-16 may be valid UTF-8 by chance, and text in escapes is ASCII
    if is_utf8(data):
        other = hint if hint in MULTIBYTE and _may_be_chance(data) else disguised(data)
        return (_strictly(data, other) if other is not None else None) or Decoded(data, None, UTF8)
    if hint is not None and (decoded := _strictly(data, hint)):
        return decoded
    return _decode_as(data, detect(data, eof=True, hint=hint))


def _may_be_chance(data: bytes) -> bool:
    """Whether bytes may be valid UTF-8 without being meant so.

    A few characters of GBK may (实施, 平台), but only with lead bytes that UTF-8 has for Latin and Cyrillic, never for
    Han.
    """
    return len(data) <= SMALL and not data.isascii() and max(data) < 0xE0


def _strictly(data: bytes, encoding: str) -> Decoded | None:
    """Decode with ``encoding`` or its sibling, None if there is a bad byte."""
    for name in (encoding, SIBLINGS.get(encoding)):
        if name is None:
            continue
        try:
            text = data.decode(name)
        except UnicodeError:
            continue
        if name in STATEFUL and sum(map(text.count, BREAKS)) != len(break_offsets(data, name)):
            return _by_line(data, name)
        return Decoded(text.encode(), text, name)
    return None


def _decode_as(data: bytes, encoding: str, mark: int = 0) -> Decoded:
    """Decode what follows the byte order mark of ``mark`` bytes, damaged or not."""
    body = data[mark:]
    if encoding == UTF8 and is_utf8(body):
        return Decoded(body, None, UTF8)
    decoded = _strictly(body, encoding)
    if decoded is not None:
        return decoded
    if encoding in STATEFUL:
        return _by_line(body, encoding)
    text, bad = decode_damaged(body, encoding)
    return Decoded(text.encode(), text, encoding, bad, mark + _first_bad(body, encoding))


def _by_line(data: bytes, encoding: str) -> Decoded:
    """Decode a codec with escapes line by line, because over a whole text it swallows breaks."""
    parts = []
    bad, first, start = 0, None, 0
    for end in [*break_offsets(data, encoding).tolist(), len(data) + 1]:
        line = data[start : end - 1]
        if encoding == "hz" and line.endswith(b"~") and not line.endswith(b"~~"):
            line = line[:-1]  # the escape that continues a line: its break stays instead
        text, worse = decode_damaged(line, encoding)
        if worse and first is None:
            first = start + _first_bad(line, encoding)
        bad += worse
        parts += [text, data[end - 1 : end].decode("ascii")]
        start = end
    whole = "".join(parts)
    return Decoded(whole.encode(), whole, encoding, bad, first)


def _first_bad(data: bytes, encoding: str) -> int:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return 0
