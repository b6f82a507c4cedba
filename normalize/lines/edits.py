"""The edits around what is removed: which breaks go with it, so that a sentence closes and paragraphs stay apart."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from taoxi.normalize.lines.classes import BLANK
from taoxi.normalize.lines.furniture import Rule
from taoxi.normalize.lines.joining import HYPHENED, LINE, OTHER, PARTED, RULE, SEPARATOR
from taoxi.normalize.lines.marks import Evidence
from taoxi.normalize.lines.survey import Survey
from taoxi.normalize.lines.table import END, HEAD, INDENT, START
from taoxi.normalize.utf8 import Offsets

REMOVED = -1
"""Stands in an edit for the byte to put: nothing, and what goes is a removal."""

Span = tuple[int, int, Rule, Evidence]
"""First byte, end, rule and evidence of what goes."""

_ALONE = Evidence(1, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes ``[start, end)`` of the buffer go; ``put`` stands there instead (0: nothing, -1: it is a removal)."""

    start: int
    end: int
    put: int
    rule: Rule
    evidence: Evidence


def gaps(
    seen: Survey, text: int, offsets: Offsets, spans: Mapping[int, Sequence[Span]], joins: Sequence[Sequence[int]]
) -> list[Edit]:
    """Return the edits of a text from which something is removed, but for joins over which nothing is.

    Args:
        seen: the lines, those that go marked as gone and the others shortened by what goes at their edges.
        text: the number of the text.
        offsets: the bounds of all texts (int64, bytes).
        spans: what goes, by line.
        joins: the rows of the table of joins that belong to the text.
    """
    first, end = int(seen.lines.bounds[text]), int(seen.lines.bounds[text + 1])
    rows = seen.lines.rows[first:end]
    begin, stop = int(offsets[text]), int(offsets[text + 1])
    starts, ends, indents = (rows[:, column].tolist() for column in (START, END, INDENT))
    joined = {(row[LINE], row[OTHER]): row for row in joins}
    kept = (first + np.flatnonzero(~seen.gone[first:end] & (rows[:, HEAD] != BLANK))).tolist()
    everything = sorted(span for line in spans.values() for span in line)
    lefts = [begin, *(ends[k - first] for k in kept)]
    rights = [*(starts[k - first] for k in kept), stop]
    edits: list[Edit] = []
    between: defaultdict[int, list[Span]] = defaultdict(list)  # by the number of lines that are kept before
    for span in everything:
        gap = bisect_right(lefts, span[0]) - 1
        if span[1] <= rights[gap]:
            between[gap].append(span)
        else:
            edits.append(_whole(span))  # inside the line before
    numbers = {k: number for number, k in enumerate(kept, 1)}
    for gap in sorted({*between, *(numbers[row[LINE]] for row in joins if row[PARTED])}):
        k, other = kept[gap - 1] if gap else -1, kept[gap] if gap < len(kept) else -1
        left, right, items, join = lefts[gap], rights[gap], between[gap], joined.get((k, other))
        if not items:
            if join is not None and join[PARTED]:
                soft = int(join[RULE] == HYPHENED)
                edits.append(
                    Edit(left - soft, right + indents[other - first], join[SEPARATOR], Rule.MEND_BREAK, _ALONE)
                )
        elif join is not None:
            edits += _closed(seen, left, right + indents[other - first], items, join)
        elif k < 0 or other < 0:
            edits += _parted(left, right, items)
        else:
            edits += _apart(left, right, items)
    return edits


def _whole(span: Span) -> Edit:
    return Edit(span[0], span[1], REMOVED, span[2], span[3])


def _parted(left: int, right: int, items: Sequence[Span]) -> Iterator[Edit]:
    """Yield removals that tile ``[left, right)``, one for each item with what stands behind it."""
    bounds = [left, *(item[0] for item in items[1:]), right]
    for item, start, end in zip(items, bounds, bounds[1:], strict=False):
        if start < end:
            yield Edit(start, end, REMOVED, item[2], item[3])


def _apart(left: int, right: int, items: Sequence[Span]) -> Iterator[Edit]:
    """Yield the removals between two lines that stay two: the first line break between them stays."""
    if items[0][0] > left:
        yield from _parted(items[0][0], right, items)
        return
    yield _whole(items[0])
    if len(items) > 1:
        yield from _parted(items[1][0], right, items[1:])


def _closed(seen: Survey, left: int, right: int, items: Sequence[Span], join: Sequence[int]) -> Iterator[Edit]:
    """Yield the removals between two lines that become one, and the space or hyphen that the join asks for."""
    if join[RULE] == HYPHENED:
        yield Edit(left - 1, left, 0, Rule.DEHYPHENATE, _ALONE)
    if not join[SEPARATOR]:
        yield from _parted(left, right, items)
        return
    space = next(
        (at for at in (right - 1, left, *range(left, right)) if seen.utf8[at] in (10, 32) and _free(at, items)), right
    )
    before = [item for item in items if item[0] < space]
    behind = [item for item in items if item[0] >= space]
    if before:
        yield from _parted(left, space, before)
    yield Edit(
        left if not before else space,
        min(space + 1, right) if behind else right,
        join[SEPARATOR],
        Rule.MEND_BREAK,
        _ALONE,
    )
    if behind:
        yield from _parted(space + 1, right, behind)


def _free(at: int, items: Sequence[Span]) -> bool:
    return all(not item[0] <= at < item[1] for item in items)
