"""Repair text before its characters are normalized: entities left in it, mojibake, and what says that text was lost.

Invariant: n segments come in and n go out, each with the line breaks that it had, so that whatever is known of the
segments by place stays true. A document is looked at as a whole; of a running text, the lines that are suspect and
their neighbours.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.characters.rules import REPAIRS
from taoxi.normalize.repairs.entities import NEAR, entity
from taoxi.normalize.repairs.finding import Finding, apply
from taoxi.normalize.repairs.mojibake import DEPTH, lost_text, mojibake
from taoxi.normalize.repairs.suspects import ENTITY, LOST, MISREADINGS, suspects
from taoxi.normalize.utf8 import Bytes, Offsets

_FENCE = re.compile(rb"^[ \t]*(?:```|~~~)", re.MULTILINE)
_BREAK = re.compile("[\n\v\f\r]")


@dataclass(frozen=True, slots=True)
class Repaired:
    """Repaired text. ``text`` (uint8) is UTF-8, ``offsets`` (int64, n+1) bound its segments.

    ``changes`` (int64, n by ``REPAIRS``) counts what each rule found in each segment.
    """

    text: Bytes
    offsets: Offsets
    changes: NDArray[np.int64]


def repair(utf8: Bytes, offsets: Offsets, *, documents: bool = True) -> Repaired:
    """Repair n segments that stand one after another in a buffer; what needs no repair comes back as the same objects.

    Args:
        utf8: valid UTF-8 (uint8).
        offsets: n+1 bounds of the segments (int64, bytes).
        documents: whether each segment is a text of its own. Otherwise they are the lines of one text, each with
            its line break, and what stands around a line helps to judge it.
    """
    kinds = suspects(utf8, offsets)
    changes = np.zeros((len(kinds), len(REPAIRS)), np.int64)
    rows = np.flatnonzero(kinds)
    fences = _fences(utf8) if not documents and (kinds & ENTITY).any() else []
    sizes = np.diff(offsets)
    parts: list[bytes] = []
    copied = 0
    for first, last in _stretches(rows, len(kinds), documents=documents):
        start, end = int(offsets[first]), int(offsets[last])
        old = utf8[start:end].tobytes().decode()
        kind = int(np.bitwise_or.reduce(kinds[first:last]))
        new, counted = _repaired(old, kind, fenced=bisect_right(fences, start) % 2 == 1)
        # Which segment of the stretch each of its lines belongs to: lines are never made nor lost.
        breaks = [0] if documents else _line_ends(old)
        bounds = (offsets[first + 1 : last] - start).tolist()
        ends = [bisect_right(breaks, bound) for bound in bounds]
        for line, rule in counted:
            changes[first + (0 if documents else bisect_right(ends, line)), rule] += 1
        if new != old:
            data = new.encode()
            parts += [utf8[copied:start].tobytes(), data]
            copied = end
            edges = [0, *(_line_ends(new)[count - 1] if count else 0 for count in ends), len(data)]
            sizes[first:last] = np.diff(edges)
    if not parts:
        return Repaired(utf8, offsets, changes)
    bounds_after = np.zeros(len(offsets), np.int64)
    np.cumsum(sizes, out=bounds_after[1:])
    return Repaired(np.frombuffer(b"".join([*parts, utf8[copied:].tobytes()]), np.uint8), bounds_after, changes)


def _stretches(rows: NDArray[np.int64], count: int, *, documents: bool) -> Iterator[tuple[int, int]]:
    """Yield runs of segments to look at: each suspect document, or suspect lines with the lines around them."""
    if documents:
        yield from ((row, row + 1) for row in rows.tolist())
        return
    if not len(rows):
        return
    groups = np.split(rows, np.flatnonzero(np.diff(rows) > 2 * NEAR) + 1)
    for group in groups:
        yield max(0, int(group[0]) - NEAR), min(count, int(group[-1]) + NEAR + 1)


def _repaired(text: str, kind: int, *, fenced: bool) -> tuple[str, list[tuple[int, int]]]:
    """Return a text repaired, and the line and the rule (its place in ``REPAIRS``) of each finding."""
    counted: list[tuple[int, int]] = []

    def use(findings: list[Finding]) -> None:
        nonlocal text
        breaks = [found.start() for found in _BREAK.finditer(text)] if findings else []
        counted.extend((bisect_right(breaks, each.start), REPAIRS.index(each.rule)) for each in findings)
        text = apply(text, findings)

    before = text
    if kind & ENTITY:
        use(entity(text, fenced=fenced))
    if kind & MISREADINGS or text is not before:
        kinds = kind if text is before else MISREADINGS
        for _ in range(DEPTH):
            findings = mojibake(text, kinds)
            again = any(each.new is not None for each in findings)
            # What is in doubt counts once, after the last layer that could be undone; a remnant shows only now.
            ends = {each.end for each in findings if each.new is not None}
            use([each for each in findings if not again or each.new is not None or each.start in ends])
            if not again:
                break
            kinds = MISREADINGS
    if kind & LOST or text is not before:
        use(lost_text(text))
    return text, counted


def _fences(utf8: Bytes) -> list[int]:
    return [found.start() for found in _FENCE.finditer(utf8.tobytes())]


def _line_ends(text: str) -> list[int]:
    """Return where the lines of a text end, in bytes, each behind its break."""
    data = np.frombuffer(text.encode(), np.uint8)
    ends: list[int] = (np.flatnonzero((data >= 0x0A) & (data <= 0x0D)) + 1).tolist()
    return ends
