"""Which marks of a group may stand in which text, so that no other text has to be searched for them.

Of each mark there are signs, at least one of which each text with the mark has. A few signs are looked for one by one,
as vectors compare; many of them in one walk over the texts, however many groups there are and however their texts are
mixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.lines.evidence import KEY
from taoxi.normalize.lines.marks import GroupMarks, Marks, Watermark, literal
from taoxi.normalize.utf8 import Array, Bytes, Number, Offsets, frozen, occurrences

_ANY, _BEHIND, _BEFORE = range(3)
"""Where a sign counts: anywhere; behind what a sentence ends with; before what a stem of watermarks goes on with."""

_STOPS, _GOES_ON = (0x82, 0x21, 0x3F, 0x3B), (0x3A, 0x2B, 0xE3, 0xEF)
"""Last bytes of what stands before a watermark with a slip (。!?;), first bytes of what follows its stem (:+【：)."""

_LEAST = 2
"""Bytes of the shortest sign; a mark without one is looked for in all texts of its group."""

FEW = 20
"""Signs up to which each is looked for by itself: six in 117 MB take 0.07 s, the walk of all at once 0.2 s."""

_SLOTS = 1 << 16
"""Slots for the first three bytes of signs: enough for each character of three bytes to have one of its own."""


def present(data: Bytes, offsets: Offsets, groups: NDArray[np.int64], marks: Marks) -> dict[int, GroupMarks]:
    """Return for the texts in which some may stand the watermarks and running heads of their group.

    Args:
        data: texts one after another, in UTF-8 (uint8).
        offsets: their n+1 bounds (int64, bytes).
        groups: the group of each text (int64, n).
        marks: what is known of each group.
    """
    seen, texts = np.unique(groups, return_counts=True)
    signs, most = [], 0
    for group, count in zip(seen.tolist(), texts.tolist(), strict=True):
        if group in marks:
            own = list(_signs(group, marks[group]))
            signs += own
            most += count * len(own)
    found: dict[int, GroupMarks] = {}
    for text, number in _search(data, offsets, groups, signs, most):
        known = marks[int(groups[text])]
        mine = found.setdefault(text, GroupMarks(forms=known.forms))
        mark = signs[number].mark
        if isinstance(mark, str):
            mine.heads[mark] = known.heads[mark]
        elif not mine.watermarks or mine.watermarks[-1] is not mark:
            mine.watermarks.append(mark)
    return found


@dataclass(frozen=True, slots=True)
class _Sign:
    """Bytes by which a mark of a group (a watermark or a running head) may be known."""

    group: int
    mark: Watermark | str
    said: bytes
    where: int = _ANY


def _signs(group: int, known: GroupMarks) -> Iterator[_Sign]:
    """Yield the signs of all marks of a group, those of one mark after another."""
    for mark in known.watermarks:
        # One of the characters behind the stem may be another.
        yield _Sign(group, mark, (mark.text[:KEY] if mark.variant is not None else literal(mark.text)).encode())
        if mark.slip is not None:  # half of the stem is as it was
            yield _Sign(group, mark, mark.text[: KEY // 2].encode(), _BEHIND)
            yield _Sign(group, mark, mark.text[KEY // 2 : KEY].encode(), _BEFORE)
    for head in known.heads:
        yield _Sign(group, head, literal(head).encode())


def _search(
    data: Bytes, offsets: Offsets, groups: NDArray[np.int64], signs: list[_Sign], most: int
) -> Iterator[tuple[int, int]]:
    """Yield text and sign for each sign that a text of its group holds, in order; there are at most ``most``."""
    found: list[tuple[int, int]] = []
    for number, sign in enumerate(signs):
        if len(sign.said) < _LEAST:
            found += [(text, number) for text in np.flatnonzero(groups == sign.group).tolist()]
    rest = [(number, sign) for number, sign in enumerate(signs) if len(sign.said) >= _LEAST]
    if len(rest) <= FEW:
        for number, sign in rest:
            found += [(text, number) for text in _texts_with(sign, frozen(data), offsets, groups).tolist()]
    else:
        found += _search_all(data, offsets, groups, signs, most)
    yield from sorted(found)


def _texts_with(sign: _Sign, data: Bytes, offsets: Offsets, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the texts of its group in which a sign stands, and counts."""
    starts = occurrences(data, offsets[0], offsets[-1], frozen(np.frombuffer(sign.said, np.uint8)))
    texts = np.searchsorted(offsets, starts, "right") - 1
    ends = starts + len(sign.said)
    stands = (groups[texts] == sign.group) & (ends <= offsets[texts + 1])
    starts, texts, ends = starts[stands], texts[stands], ends[stands]
    if sign.where == _BEHIND:
        texts = texts[(starts > offsets[texts]) & np.isin(data[starts - 1], _STOPS)]
    elif sign.where == _BEFORE:
        inside = ends < offsets[texts + 1]
        texts = texts[inside][np.isin(data[ends[inside]], _GOES_ON)]
    return np.unique(texts)


def _search_all(
    data: Bytes, offsets: Offsets, groups: NDArray[np.int64], signs: list[_Sign], most: int
) -> list[tuple[int, int]]:
    """Return text and sign, but for signs that are too short to be looked for."""
    said = [sign.said for sign in signs]
    bounds = np.cumsum([0, *map(len, said)])
    heads = np.full(_SLOTS, -1, np.int32)
    links: list[int] = []
    entries: list[int] = []
    for number, sign in enumerate(said):
        # A sign of two bytes may have anything behind it.
        for third in [sign[2]] if len(sign) > _LEAST else range(256) if len(sign) == _LEAST else ():
            slot = _slot(sign[0], sign[1], third)
            links.append(int(heads[slot]))
            heads[slot] = len(entries)
            entries.append(number)
    out = np.empty((most, 2), np.int64)
    many = _find(
        frozen(data),
        frozen(offsets),
        frozen(groups),
        frozen(np.frombuffer(b"".join(said) + b"\0", np.uint8)),
        frozen(bounds),
        frozen(np.array([sign.group for sign in signs], np.int64)),
        frozen(np.array([sign.where for sign in signs], np.uint8)),
        frozen(np.packbits(heads >= 0, bitorder="little")),
        frozen(heads),
        frozen(np.array(links, np.int32)),
        frozen(np.array(entries, np.int32)),
        out,
    )
    return [(text, number) for text, number in out[:many].tolist()]


@part
def _slot(first: Number, second: Number, third: Number) -> Number:
    return (first << 12 ^ second << 6 ^ third) & (_SLOTS - 1)


@part
def _stands(data: Bytes, at: Number, begin: Number, end: Number, sign: Bytes, where: Number) -> bool:
    """Tell whether a sign stands at a place of a text, and counts there."""
    size = np.uint64(len(sign))
    if at + size > end:
        return False
    for k in range(size):
        if data[at + k] != sign[k]:
            return False
    if where == _BEHIND:
        return at > begin and data[at - np.uint64(1)] in _STOPS
    return where == _ANY or (at + size < end and data[at + size] in _GOES_ON)


@kernel
def _find(
    data: Bytes,
    offsets: Offsets,
    groups: Array,
    said: Bytes,
    bounds: Array,
    owners: Array,
    where: Bytes,
    used: Bytes,
    heads: Array,
    links: Array,
    entries: Array,
    out: Array,
) -> int:
    """Write text and sign of what is found, each pair once; return how many."""
    last = np.full(len(owners), -1, np.int64)
    count = 0
    for text in range(len(groups)):
        begin, end = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        at = begin
        while at + np.uint64(1) < end:
            first = data[at]
            second = data[at + np.uint64(1)]
            third = data[at + np.uint64(2)] if at + np.uint64(2) < end else np.uint8(0)
            slot = np.uint32(_slot(np.uint32(first), np.uint32(second), np.uint32(third)))
            if used[slot >> np.uint32(3)] >> (slot & np.uint32(7)) & 1:
                entry = heads[slot]
                while entry >= 0:
                    sign = entries[entry]
                    entry = links[entry]
                    if owners[sign] != groups[text] or last[sign] == text:
                        continue
                    if _stands(data, at, begin, end, said[bounds[sign] : bounds[sign + 1]], where[sign]):
                        last[sign] = text
                        out[count, 0], out[count, 1] = text, sign
                        count += 1
            at += np.uint64(1) + np.uint64(first >= 0xC0) + np.uint64(first >= 0xE0) + np.uint64(first >= 0xF0)
    return count
