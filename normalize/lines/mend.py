"""Take furniture and watermarks out of texts, and join the lines that they or a width had parted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.lines.classes import BLANK
from taoxi.normalize.lines.edits import REMOVED, Edit, gaps
from taoxi.normalize.lines.flow import CUT, FULL
from taoxi.normalize.lines.furniture import Rule
from taoxi.normalize.lines.joining import (
    BROKEN,
    HEAD_CUT,
    HYPHENED,
    LINE,
    OTHER,
    PARTED,
    RULE,
    SEPARATOR,
    TAIL_CUT,
    WRAPPED,
    joins,
    rewrite,
)
from taoxi.normalize.lines.marks import Evidence, GroupMarks, Marks
from taoxi.normalize.lines.pages import hinted
from taoxi.normalize.lines.plan import Plan, plan_of
from taoxi.normalize.lines.present import present
from taoxi.normalize.lines.survey import Survey, survey
from taoxi.normalize.lines.table import DOCUMENT, END, HEAD, INDENT, START, examine
from taoxi.normalize.lines.width import WRAP
from taoxi.normalize.utf8 import Bytes, Offsets, frozen

RULES = tuple(Rule)
"""The columns of ``Mended.changes``."""

_NOWHERE = frozen(np.zeros(0, np.int64))

_JOINED_BY = {WRAPPED: Rule.UNWRAP, BROKEN: Rule.MEND_BREAK, HYPHENED: Rule.DEHYPHENATE}
_ALONE = Evidence(1, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Options:
    """Which rules are off."""

    off: frozenset[Rule] = frozenset()


@dataclass(frozen=True, slots=True)
class Removed:
    """A stretch that was taken out: bytes ``[start, end)`` of text ``row`` as it is with its joins and nothing removed.

    ``text`` is what stood there, with the line breaks that went with it.
    """

    row: int
    start: int
    end: int
    text: bytes
    rule: Rule
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Mended:
    """Texts with their lines mended.

    ``utf8`` and ``offsets`` (int64, n+1) are the new texts, ``removed`` what was taken out of them, in order, and
    ``changes`` (int64, n by rules) counts joins and removals. ``edits`` (int64, m by 3) are all of these in order: the
    bytes ``[start, end)`` of the buffer before them that went, and the byte that stands there instead (0: none, -1: it
    is a removal).
    """

    utf8: Bytes
    offsets: Offsets
    removed: list[Removed]
    changes: NDArray[np.int64]
    edits: NDArray[np.int64]


def mend(
    utf8: Bytes,
    offsets: Offsets,
    groups: NDArray[np.int64],
    marks: Marks,
    options: Options = Options(),
    walls: NDArray[np.int64] = _NOWHERE,
    known: Mapping[int, GroupMarks] | None = None,
) -> Mended:
    """Mend the lines of n texts that stand one after another in a buffer.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds (int64, bytes).
        groups: for each text the number of its group in ``marks`` (int64, n).
        marks: what ``decide`` found in the statistics of all texts.
        options: which rules are off.
        walls: where in the buffer something else was cut out (int64, bytes, in order). No lines are joined over a wall,
            and a removal that reaches over one is told in parts.
        known: what ``present`` says of the texts, None to ask it.
    """
    seen = survey(utf8, offsets)
    plans = {}
    lines_of = dict(hinted(seen))
    if known is None:
        known = present(seen.utf8, offsets, groups, marks)
    for text in sorted({*lines_of, *known}):
        own = known.get(text) or GroupMarks(forms=marks.get(int(groups[text]), GroupMarks()).forms)
        plan = plan_of(seen, text, lines_of.get(text, []), own, options.off)
        if plan.spans:
            plans[text] = plan
    cut = _trim(seen, plans)
    _spare(seen, plans)
    texts = np.array(sorted(plans), np.int64)
    if len(texts):
        seen.again(texts)
    table = _joins(seen, cut, options.off)
    if len(walls):
        starts, ends = seen.lines.rows[table[:, OTHER], START], seen.lines.rows[table[:, LINE], END]
        table = table[np.searchsorted(walls, ends) == np.searchsorted(walls, starts, "right")]
    changes = np.zeros((len(offsets) - 1, len(RULES)), np.int64)
    edits = _plain(seen, table)
    planned = {}
    lines = table[:, LINE].copy()  # in order, as the table is
    for text, plan in plans.items():
        first, end = np.searchsorted(lines, seen.lines.bounds[text : text + 2]).tolist()
        own_edits = gaps(seen, text, offsets, plan.spans, table[first:end].tolist())
        planned[text] = list(_parts(own_edits, walls)) if len(walls) else own_edits
    return _rewritten(seen, offsets, table, edits, planned, changes)


def _trim(seen: Survey, plans: dict[int, Plan]) -> NDArray[np.uint8]:
    """Shorten the lines whose edges go, and note which lines are gone; return which edges."""
    cut = np.zeros(len(seen.lines.rows), np.uint8)
    rows = seen.lines.rows
    for plan in plans.values():
        for k, spans in plan.spans.items():
            spans.sort()
            start, end = int(rows[k, START]), int(rows[k, END])
            for first, stop, _, _ in spans:
                if not bytes(seen.utf8[start:first]).strip():
                    start = max(start, stop)
            for first, stop, _, _ in reversed(spans):
                if not bytes(seen.utf8[stop:end]).strip():
                    end = min(end, first)
            while start < end and seen.utf8[end - 1] == 32:
                end -= 1
            if start >= end:
                seen.gone[k] = True
            elif (start, end) != (rows[k, START], rows[k, END]):
                cut[k] = HEAD_CUT * (start != rows[k, START]) | TAIL_CUT * (end != rows[k, END])
                examine(seen.utf8, start, end, rows[k])
    return cut


def _spare(seen: Survey, plans: dict[int, Plan]) -> None:
    """Leave a text alone of which no line would stay: it is furniture to nothing."""
    stays = ~seen.gone & (seen.lines.rows[:, HEAD] != BLANK)
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(stays)])
    left = np.diff(before[seen.lines.bounds])
    for text in [text for text in plans if not left[text]]:
        first, end = seen.lines.bounds[text], seen.lines.bounds[text + 1]
        seen.gone[first:end] = False
        del plans[text]


def _parts(edits: Iterable[Edit], walls: NDArray[np.int64]) -> Iterator[Edit]:
    """Yield edits, those that reach over walls in parts."""
    for edit in edits:
        first, end = np.searchsorted(walls, edit.start, "right"), np.searchsorted(walls, edit.end)
        if first >= end:
            yield edit
            continue
        for start, stop in pairwise([edit.start, *np.unique(walls[first:end]).tolist(), edit.end]):
            yield replace(edit, start=start, end=stop)


def _joins(seen: Survey, cut: NDArray[np.uint8], off: frozenset[Rule]) -> NDArray[np.int64]:
    """Return the table of joins, less those of rules that are off."""
    out = np.empty((len(seen.lines.rows), 5), np.int64)
    # A text without an unfinished or full line, and from which nothing is removed, has nothing to join.
    some = np.flatnonzero((seen.states & (CUT | FULL) != 0) | seen.gone | (cut > 0))
    texts = np.unique(seen.lines.rows[some, DOCUMENT])
    many = joins(seen.utf8, seen.lines.rows, seen.lines.bounds, texts, seen.gone, seen.known, seen.states, cut, out)
    table = out[:many].copy()
    wrapped = seen.known[seen.lines.rows[table[:, LINE], DOCUMENT], WRAP] > 0
    if Rule.UNWRAP in off:
        table, wrapped = table[~wrapped], wrapped[~wrapped]
    if Rule.MEND_BREAK in off:
        table, wrapped = table[wrapped], wrapped[wrapped]
    for join in table[table[:, RULE] == HYPHENED]:
        if Rule.DEHYPHENATE in off or not _is_soft(seen, int(join[LINE]), int(join[OTHER])):
            join[RULE] = WRAPPED if seen.known[seen.lines.rows[join[LINE], DOCUMENT], WRAP] else BROKEN
            table[(table[:, LINE] == join[LINE]), RULE] = join[RULE]
    return table


_WORD_BEFORE = re.compile(r"[^\W\d_]+$")
_WORD_BEHIND = re.compile(r"[^\W\d_]+")


def _is_soft(seen: Survey, k: int, other: int) -> bool:
    """Tell whether a hyphen at the end of a line parts a word, and is not part of one such as ``well-known``."""
    before = _WORD_BEFORE.search(seen.line(k).rstrip("-"))
    behind = _WORD_BEHIND.search(seen.line(other).strip())
    if before is None or behind is None:
        return False
    rows, bounds = seen.lines.rows, seen.lines.bounds
    text = int(rows[k, DOCUMENT])
    whole = bytes(seen.utf8[rows[bounds[text], START] : rows[bounds[text + 1] - 1, END]]).decode().lower()
    left, right = before.group().lower(), behind.group().lower()
    if re.search(rf"\b{left}{right}\b", whole):
        return True
    return re.search(rf"\b{left}-{right}\b", whole) is None


def _plain(seen: Survey, table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the edits of the joins over which nothing was removed: first byte, end, byte to put, rule."""
    rows = seen.lines.rows
    plain = table[table[:, PARTED] == 0]
    edits = np.empty((len(plain), 4), np.int64)
    other = rows[plain[:, OTHER]]
    edits[:, 0] = rows[plain[:, LINE], END] - (plain[:, RULE] == HYPHENED)
    edits[:, 1] = other[:, START] + other[:, INDENT]
    edits[:, 2] = plain[:, SEPARATOR]
    edits[:, 3] = -1
    return edits


def _rewritten(
    seen: Survey,
    offsets: Offsets,
    table: NDArray[np.int64],
    plain: NDArray[np.int64],
    planned: dict[int, list[Edit]],
    changes: NDArray[np.int64],
) -> Mended:
    """Apply all edits and count them."""
    texts = seen.lines.rows[table[:, LINE], DOCUMENT]
    for by, rule in _JOINED_BY.items():
        chosen = texts[table[:, RULE] == by]
        changes[:, RULES.index(rule)] = np.bincount(chosen, minlength=len(changes))
    own = [edit for text in sorted(planned) for edit in planned[text]]
    if not len(plain) and not own:
        return Mended(seen.utf8, offsets, [], changes, np.zeros((0, 3), np.int64))
    places = np.array([(edit.start, edit.end, edit.put, number) for number, edit in enumerate(own)], np.int64)
    edits = np.concatenate([plain, places.reshape(-1, 4)])
    edits = edits[np.lexsort((edits[:, 1], edits[:, 0]))]
    out = np.empty(len(seen.utf8), np.uint8)
    bounds = np.zeros(len(offsets), np.int64)
    where = np.zeros((len(edits), 2), np.int64)
    size = rewrite(
        seen.utf8, frozen(offsets), edits[:, 0].copy(), edits[:, 1].copy(), edits[:, 2].copy(), where, out, bounds
    )
    removed = []
    for place in np.flatnonzero(edits[:, 2] == REMOVED).tolist():
        edit = own[int(edits[place, 3])]
        text = int(np.searchsorted(offsets, edits[place, 0], "right")) - 1
        said = bytes(seen.utf8[edit.start : edit.end])
        removed.append(Removed(text, int(where[place, 0]), int(where[place, 1]), said, edit.rule, edit.evidence))
        changes[text, RULES.index(edit.rule)] += 1
    return Mended(out[:size].copy(), bounds, removed, changes, edits[:, :3])


def restore(text: bytes, removed: Iterable[Removed]) -> bytes:
    """Return a mended text with what was removed from it back in its place."""
    parts = []
    at = size = 0
    for stretch in removed:
        part = text[at : at + stretch.start - size]
        parts += [part, stretch.text]
        at += len(part)
        size = stretch.end
    return b"".join([*parts, text[at:]])
