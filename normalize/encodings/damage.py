"""Decode what does not decode: replace as little as possible, and say where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.encodings.codec import UTF8, break_offsets, is_single, unit_bytes
from taoxi.normalize.encodings.likelihood import BAD_BITS, INVALID, UNIT, languages

Places = NDArray[np.int64]

REPLACEMENT = "\ufffd"

LANGUAGE_SAMPLE = 1 << 14
"""Bytes that tell the language of a text."""

DOUBT_BITS = 24
DOUBT_RARE = 20
"""Bits of a bad byte, and the most of a character, where each byte may belong to a character. A byte lost between two
Chinese characters shifts all characters up to the next ASCII, and they still are some: only when four of them or more
become likelier by taking one byte for bad is the text damaged. Names in rare characters are not enough: of 7.5 MB of
Chinese one byte is taken for bad, of lists of names none, and five of 16,000 letters put between Chinese words at
random (26 and 18: none, but a third more of the lost bytes are missed)."""

_REPLACED = REPLACEMENT.encode()
_NOWHERE = np.zeros(0, np.int64)


def decode_damaged(
    data: bytes, encoding: str, *, whole: bool = False, where: Places | None = None
) -> tuple[bytes, Places]:
    r"""Return the characters of ``data`` as UTF-8 with U+FFFD for each bad byte, and where these lie (int64).

    Of several ways to read damaged bytes the likeliest is taken, see ``shortest``. A bad byte is never a break of a
    line, but for half of one in UTF-16 and UTF-32.

    Args:
        data: bytes without a byte order mark.
        whole: whether the bytes decode as they are, so that only strong evidence makes one of them a bad one.
        encoding: any codec but those of ``STATEFUL``, which ``escapes`` reads.
        where: the lines that may be damaged, as ``runs.find_runs`` tells.

    >>> text, bad = decode_damaged("工作".encode("gb18030") + b"\xff\n", "gb18030")
    >>> text.decode(), bad.tolist()
    ('工作�\n', [4])
    """
    if not is_single(encoding):
        return joined(data, bad_places(data, encoding, whole=whole, where=where), encoding)
    text = data.decode(encoding, "replace")
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return text.encode(), np.flatnonzero(points == ord(REPLACEMENT))


def bad_places(data: bytes, encoding: str, *, whole: bool = False, where: Places | None = None) -> Places:
    """Return the offsets of the bytes that belong to no character on the likeliest way through ``data``, see there.

    Lines that are not among ``where`` (starts and ends in turn) tell which words the text is made of.
    """
    # Their kernels bring numba, which UTF-8 does without.
    from taoxi.normalize.encodings.measure import adapted, measure  # noqa: PLC0415
    from taoxi.normalize.encodings.shortest import bad_offsets  # noqa: PLC0415

    if not data:
        return _NOWHERE
    array = np.frombuffer(data, np.uint8)
    steps = np.zeros(len(array), np.uint8)
    language = None
    known = languages(encoding)
    if len(known) > 1 and encoding != UTF8:
        sample = min(len(array), LANGUAGE_SAMPLE)
        language = min(known, key=lambda name: measure(array, 0, sample, encoding, steps, language=name))
    bad, most = (DOUBT_BITS * UNIT, DOUBT_RARE * UNIT) if whole else (BAD_BITS * UNIT, INVALID)
    if where is None:
        measure(array, 0, len(array), encoding, steps, bad=bad, language=language, most=most)
        return bad_offsets(steps, 0, len(steps))
    around = np.concatenate([[0], where, [len(array)]])
    pairs = adapted(array, around, encoding, language=language, most=most)
    found = [_NOWHERE]
    for start, end in where.reshape(-1, 2).tolist():
        # The break before a line is no bad byte, however cheap one is where data begin and end.
        begin = max(start - 1, 0)
        cut = begin == 0 or end == len(array)
        measure(array, begin, end, encoding, steps, bad=bad, cut=cut, language=language, most=most, pairs=pairs)
        found.append(bad_offsets(steps, begin, end))
    return np.concatenate(found)


def stretches(size: int, bad: Places) -> list[tuple[int, int]]:
    """Return the bounds of what lies between bad bytes, in order."""
    starts = np.concatenate([_NOWHERE, [0], bad + 1])
    ends = np.concatenate([bad, [size]])
    whole = starts < ends
    return list(zip(starts[whole].tolist(), ends[whole].tolist(), strict=True))


def breaks_between(data: bytes, bad: Places, encoding: str) -> Places:
    """Return the offset behind each break of a line, as ``break_offsets`` does, where a lost byte may shift units."""
    if unit_bytes(encoding) == 1 or not len(bad):
        return break_offsets(data, encoding)
    found = [break_offsets(data[start:end], encoding) + start for start, end in stretches(len(data), bad)]
    return np.concatenate([_NOWHERE, *found])


def joined(data: bytes, bad: Places, encoding: str) -> tuple[bytes, Places]:
    """Return the characters between bad bytes as UTF-8 with U+FFFD for each of these, and ``bad`` again."""
    if encoding == UTF8:
        sizes = np.ones(len(data), np.int64)
        sizes[bad] = len(_REPLACED)
        out = np.repeat(np.frombuffer(data, np.uint8), sizes)
        places = bad + np.arange(len(bad)) * (len(_REPLACED) - 1)
        for offset, byte in enumerate(_REPLACED):
            out[places + offset] = byte
        return out.tobytes(), bad
    parts = []
    at = 0
    for start, end in stretches(len(data), bad):
        parts += [_REPLACED * (start - at), data[start:end].decode(encoding).encode()]
        at = end
    parts.append(_REPLACED * (len(data) - at))
    return b"".join(parts), bad
