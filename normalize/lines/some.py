"""Mend the few texts of a batch that need it, and leave the others where they are."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.lines.joining import rewrite
from taoxi.normalize.lines.marks import Marks
from taoxi.normalize.lines.mend import RULES, Mended, Options, mend
from taoxi.normalize.lines.present import present
from taoxi.normalize.utf8 import Bytes, Offsets, frozen


def mend_some(
    utf8: Bytes,
    offsets: Offsets,
    groups: NDArray[np.int64],
    marks: Marks,
    options: Options,
    walls: NDArray[np.int64],
    busy: NDArray[np.bool_],
) -> Mended:
    """Mend texts as ``mend`` does, but look only at those that may need it.

    Args:
        utf8: as for ``mend``, like the next four.
        offsets: n+1 bounds.
        groups: the group of each text.
        marks: what ``decide`` found.
        options: which rules are off.
        walls: where something was cut out, which must be in texts that are busy.
        busy: the texts (bool, n) that ``look_over`` found something in, or that were changed since.
    """
    chosen = busy.copy()
    known = present(utf8, offsets, groups, marks)
    chosen[list(known)] = True
    rows = np.flatnonzero(chosen)
    if len(rows) == len(chosen):
        return mend(utf8, offsets, groups, marks, options, walls, known)
    sizes = np.diff(offsets)[rows]
    bounds = frozen(np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]))
    shift = offsets[rows] - bounds[:-1]
    own = np.searchsorted(offsets, walls, "right") - 1
    # A wall at the end of the last text, or of one before an idle one, is in nobody's way.
    own = np.where((own < len(chosen)) & chosen[np.minimum(own, len(chosen) - 1)], own, -1)
    inner = walls[own >= 0] - shift[np.searchsorted(rows, own[own >= 0])]
    mine = {k: known[row] for k, row in enumerate(rows.tolist()) if row in known}
    few = mend(_gathered(utf8, offsets, rows), bounds, groups[rows], marks, options, inner, mine)
    changes = np.zeros((len(chosen), len(RULES)), np.int64)
    changes[rows] = few.changes
    if not len(few.edits):
        return Mended(utf8, offsets, [], changes, few.edits)
    edits = few.edits.copy()
    edits[:, :2] += shift[np.searchsorted(bounds, edits[:, 0], "right") - 1][:, None]
    out = np.empty(len(utf8), np.uint8)
    fresh = np.zeros(len(offsets), np.int64)
    starts, ends, puts = np.ascontiguousarray(edits.T)
    size = rewrite(utf8, frozen(offsets), starts, ends, puts, np.zeros((len(edits), 2), np.int64), out, fresh)
    removed = [replace(stretch, row=int(rows[stretch.row])) for stretch in few.removed]
    return Mended(out[:size], fresh, removed, changes, edits)


def _gathered(utf8: Bytes, offsets: Offsets, rows: NDArray[np.int64]) -> Bytes:
    """Return some texts one after another."""
    view = utf8.data
    edges = [0, *(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
    parts = [view[offsets[rows[a]] : offsets[rows[b - 1] + 1]] for a, b in pairwise(edges) if a < b]
    return np.frombuffer(b"".join(parts), np.uint8)
