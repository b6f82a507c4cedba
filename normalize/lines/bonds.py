"""Whether what stands on both sides of a line break belongs together (Numba).

A sentence that was parted shows it in its characters: the pair over the break stands in the text once more, a number
goes on, or the line ends with a word that no sentence ends with.
"""

from __future__ import annotations

import numpy as np

from taoxi.normalize.kernel import part
from taoxi.normalize.lines.classes import CONTINUES, DIGIT, HAN, OPEN, PAUSE, UNIT, class_of, point_at, within
from taoxi.normalize.lines.classes import before as preceding
from taoxi.normalize.lines.table import END, FLAGS, HEAD, INDENT, LATIN, OPENED, START, TAIL
from taoxi.normalize.utf8 import Array, Bytes, Number

_BONDS = np.array([ord(c) for c in "的和在与是为对以及把被从向于将到不由并或而之所其这那"], np.int64)
"""Characters that hardly ever end a sentence."""


@part
def bonded(data: Bytes, rows: Array, first: Number, end: Number, k: Number, other: Number) -> bool:
    """Tell whether what stands on both sides of a break belongs together: a number, a clause, a pair of characters.

    The pair counts if it stands in the text once more.
    """
    if rows[k, TAIL] in (PAUSE, OPEN) or rows[k, FLAGS] & (OPENED | LATIN) or rows[other, HEAD] == CONTINUES:
        return True
    left = preceding(data, rows[k, END], rows[k, START])
    last, _ = point_at(data, left, rows[k, END])
    start = rows[other, START] + rows[other, INDENT]
    point, after = point_at(data, start, rows[other, END])
    if within(last, _BONDS) or (class_of(last) == DIGIT and class_of(point) in (DIGIT, HAN, UNIT)):
        return True
    return _stands(data, rows, first, end, left, rows[k, END], start, after)


@part
def knit(data: Bytes, rows: Array, first: Number, end: Number, k: Number, other: Number) -> bool:
    """Tell whether the four characters around a break stand in the text once more: they can be one of its phrases.

    Two of them do so for many headings, too, and three for some (发展 and 高水平建设 under it).
    """
    left = preceding(data, preceding(data, rows[k, END], rows[k, START]), rows[k, START])
    start = rows[other, START] + rows[other, INDENT]
    _, after = point_at(data, start, rows[other, END])
    further, more = point_at(data, after, rows[other, END])
    return bool(further >= 0 and _stands(data, rows, first, end, left, rows[k, END], start, more))


@part
def _stands(
    data: Bytes, rows: Array, first: Number, end: Number, left: Number, stop: Number, start: Number, after: Number
) -> bool:
    """Tell whether ``data[left:stop]`` and ``data[start:after]`` stand one behind the other in the text."""
    size, rest = stop - left, after - start
    for at in range(rows[first, START], rows[end - 1, END] - size - rest + 1):
        same = True
        for n in range(size):
            same = same and data[at + n] == data[left + n]
            if not same:
                break
        for n in range(rest):
            same = same and data[at + size + n] == data[start + n]
            if not same:
                break
        if same:
            return True
    return False
