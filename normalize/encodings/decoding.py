"""Decode bytes, whatever they are, so that each character and each break of a line can be traced back to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from taoxi.normalize.encodings.codec import (
    BREAKS,
    MULTIBYTE,
    SIBLINGS,
    SMALL,
    STATEFUL,
    UTF8,
    break_offsets,
    byte_order_mark,
    canonical,
    is_single,
    is_utf8,
    unit_bytes,
)
from taoxi.normalize.encodings.damage import Places, bad_places, breaks_between, decode_damaged, joined
from taoxi.normalize.encodings.detection import detect, disguised, is_likely

__all__ = ["Decoded", "Span", "break_offsets", "decode", "detect"]

PROVED = 2_000
"""Bytes up to which whole data that a hint reads are not looked at for lines of another encoding: they are one record,
whose codec is judged as a whole."""

TRANSCODED = 256
"""Bytes from which the call of a kernel is paid back."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``[start, end)`` that one codec read."""

    start: int
    end: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of some bytes, without a byte order mark.

    ``utf8`` always holds them, for valid UTF-8 without a copy; ``text`` only where a ``str`` had to be made
    anyway. ``encoding`` is the codec that read most of the bytes, and ``spans`` are the runs of each where there are
    several. ``bad`` (int64) are the offsets of the bytes that no codec could read; U+FFFD stands for each.
    """

    utf8: bytes | memoryview
    text: str | None
    encoding: str
    bad: Places = field(default_factory=lambda: np.zeros(0, np.int64), compare=False)
    spans: tuple[Span, ...] = ()

    @property
    def bad_bytes(self) -> int:
        """The number of bytes that could not be read."""
        return len(self.bad)

    @property
    def first_bad(self) -> int | None:
        """The offset of the first byte that could not be read."""
        return int(self.bad[0]) if len(self.bad) else None

    def as_text(self) -> str:
        """Return the characters as ``str``."""
        return str(self.utf8, UTF8) if self.text is None else self.text

    def break_offsets(self, data: bytes) -> Places:
        """Return the offset behind each break of a line in ``data``, from which this was decoded.

        There are as many as the characters have, whatever the encodings are and whatever is damaged.
        """
        if not self.spans:
            return breaks_between(data, self.bad, self.encoding)
        found = [np.zeros(0, np.int64)]
        _, mark = byte_order_mark(data)
        for span in self.spans:
            start = span.start or mark  # units count from behind the mark, which may be another encoding's
            inside = self.bad[(self.bad >= start) & (self.bad < span.end)] - start
            found.append(breaks_between(data[start : span.end], inside, span.encoding) + start)
        return np.concatenate(found)

    def encoding_of(self, start: int, end: int) -> str:
        """Return the codec that read most of the bytes ``[start, end)``."""
        shares: dict[str, int] = {}
        for span in self.spans:
            shared = min(end, span.end) - max(start, span.start)
            if shared > 0:
                shares[span.encoding] = shares.get(span.encoding, 0) + shared
        return max(shares, key=lambda name: shares[name]) if shares else self.encoding

    def sizes(self, size: int) -> dict[str, int]:
        """Return how many of ``size`` bytes each codec read."""
        if not self.spans:
            return {self.encoding: size}
        return {
            name: sum(span.end - span.start for span in self.spans if span.encoding == name)
            for name in dict.fromkeys(span.encoding for span in self.spans)
        }


def decode(data: bytes, hint: str | None = None, prior: Mapping[str, float] | None = None) -> Decoded:
    """Decode ``data`` by the first of these: its byte order mark, UTF-8 if it is valid, ``hint``, the best found.

    What ``hint`` reads must be text, too, and not only characters; and where lines take another codec, each run of
    lines gets its own. Breaks of lines stay one to one: the text has as many as ``Decoded.break_offsets`` finds.

    Args:
        data: bytes that begin with a whole character.
        hint: the codec that the rest of the source has, or that it is said to have.
        prior: shares of the codecs that the neighbours of the source have.
    """
    marked, mark = byte_order_mark(data)
    if marked is not None:
        return _decode_as(data, marked, mark)
    hint = canonical(hint)
    if hint == UTF8:
        hint = None
    if hint in STATEFUL and data.isascii():
        return _decode_as(data, hint)
    if is_utf8(data) and not (hint is not None and unit_bytes(hint) > 1):
        other = hint if hint in MULTIBYTE and _may_be_chance(data) else disguised(data)
        return (_decode_as(data, other) if other is not None else None) or Decoded(data, None, UTF8)
    if hint is None:
        hint = detect(data, eof=True, prior=prior)
    elif len(data) <= PROVED and not is_likely(data, hint):
        hint = detect(data, eof=True, hint=hint, prior=prior)
    return _decode_as(data, hint)


def _may_be_chance(data: bytes) -> bool:
    """Whether bytes may be valid UTF-8 without being meant so.

    A few characters of GBK may (实施, 平台), but only with lead bytes that UTF-8 has for Latin and Cyrillic, never for
    Han.
    """
    return len(data) <= SMALL and not data.isascii() and max(data) < 0xE0


def _strictly(data: bytes, encoding: str) -> Decoded | None:
    """Decode with ``encoding`` or its sibling, None if there is a bad byte."""
    if encoding in MULTIBYTE and len(data) >= TRANSCODED:
        from taoxi.normalize.encodings.transcode import transcode  # noqa: PLC0415 - UTF-8 alone needs no kernels

        utf8 = transcode(data, encoding)
        if utf8 is not None:
            return Decoded(utf8, None, encoding)
    for name in (encoding, SIBLINGS.get(encoding)):
        if name is None:
            continue
        try:
            text = data.decode(name)
        except UnicodeError:
            continue
        if name in STATEFUL and sum(map(text.count, BREAKS)) != len(break_offsets(data, name)):
            return None
        return Decoded(text.encode(), text, name)
    return None


def _decode_as(data: bytes, encoding: str, mark: int = 0) -> Decoded:
    """Decode what follows the byte order mark of ``mark`` bytes, damaged, mixed, or neither."""
    body = data[mark:]
    if encoding == UTF8 and is_utf8(body):
        return Decoded(body, None, UTF8)
    if encoding in STATEFUL:
        from taoxi.normalize.encodings.escapes import decode_escaped  # noqa: PLC0415 - as rare as such text

        decoded = _strictly(body, encoding)
        damaged = decode_escaped(body, encoding, whole=decoded is not None)
        return (
            Decoded(damaged[0], None, encoding, damaged[1])
            if damaged is not None
            else decoded or Decoded(b"", "", encoding)
        )
    from taoxi.normalize.encodings.runs import find_runs  # noqa: PLC0415 - UTF-8 alone needs no kernels

    runs, doubtful = find_runs(body, encoding)
    if len(runs) == 1 and runs[0].encoding == encoding:
        return _moved(_run(body, encoding, doubtful), mark)
    parts = [_run(body[run.start : run.end], run.encoding) for run in runs]
    spans = tuple(
        Span(run.start + mark if run.start else 0, run.end + mark, part.encoding)
        for run, part in zip(runs, parts, strict=True)
    )
    bad = np.concatenate([part.bad + run.start + mark for run, part in zip(runs, parts, strict=True)])
    merged = Decoded(b"".join(bytes(part.utf8) for part in parts), None, encoding, bad, spans)
    sizes = merged.sizes(len(data))
    return Decoded(merged.utf8, None, max(sizes, key=lambda name: sizes[name]), bad, spans)


def _run(data: bytes, encoding: str, doubtful: Places | None = None) -> Decoded:
    """Decode a run of one codec; ``doubtful`` are the bounds of the lines that may be damaged, if that is known."""
    decoded = _strictly(data, encoding)
    if decoded is not None:
        if is_single(encoding) or encoding == UTF8 or (doubtful is not None and not len(doubtful)):
            return decoded
        bad = bad_places(data, decoded.encoding, whole=True, where=doubtful)
        return Decoded(joined(data, bad, decoded.encoding)[0], None, decoded.encoding, bad) if len(bad) else decoded
    utf8, bad = decode_damaged(data, encoding, where=doubtful)
    best = Decoded(utf8, None, encoding, bad)
    other = SIBLINGS.get(encoding)
    if other is not None:
        utf8, bad = decode_damaged(data, other)
        if len(bad) < best.bad_bytes:
            return Decoded(utf8, None, other, bad)
    return best


def _moved(decoded: Decoded, mark: int) -> Decoded:
    """Return what was decoded behind a byte order mark, with the places in the data."""
    if not mark or not decoded.bad_bytes:
        return decoded
    return Decoded(decoded.utf8, decoded.text, decoded.encoding, decoded.bad + mark)


def unreadable(count: int, encoding: str) -> str:
    """Return the clause of a message about bytes that are no characters.

    >>> unreadable(1, "gb18030")
    '1 byte is no gb18030; U+FFFD stands for it in the text'
    """
    if count == 1:
        return f"1 byte is no {encoding}; U+FFFD stands for it in the text"
    return f"{count:,} bytes are no {encoding}; U+FFFD stands for them in the text"
