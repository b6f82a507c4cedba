"""The lines of a batch of documents as chrome detection sees them (Numba)."""

from __future__ import annotations

import numpy as np

from taoxi.dedup.chrome.forms import CODE, LONG, M1, M3, PROSE, SIGNS, Lines, mix, month_slots
from taoxi.dedup.chrome.lexicon import automaton
from taoxi.dedup.chrome.line import describe
from taoxi.dedup.fold import table
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import BREAK, Array, Bytes, Number, Offsets, frozen, occurrences

LINE_BYTES = 420
"""A longer line (140 Han characters) reads like content: it is not folded, its bytes are sampled, and it is the same
only as lines of equal length. That saves most of the time on articles and loses nothing: notices so long hold no
counts."""

LEXICON_HEAD, LEXICON_TAIL = 6, 24
"""Lines at the head and the tail of a page into which the lexicon looks, whatever their form."""


def scan(utf8: Bytes, offsets: Offsets) -> Lines:
    """Describe the lines of documents that stand one after another in a buffer.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds of the n documents (int64, bytes).
    """
    data, offsets = frozen(utf8), frozen(offsets)
    breaks = occurrences(data, offsets[0], offsets[-1], BREAK)
    most = len(breaks) + len(offsets)
    bounds = np.zeros(len(offsets), np.int64)
    starts, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    hashes, exact, skeletons = np.empty(most, np.uint64), np.empty(most, np.uint64), np.zeros(most, np.uint64)
    tokens, flags = np.empty(most, np.int32), np.zeros(most, np.uint32)
    count = _scan(
        data,
        offsets,
        frozen(breaks),
        frozen(np.searchsorted(breaks, offsets)),
        table(),
        *automaton().arrays(),
        frozen(month_slots()),
        frozen(SIGNS),
        bounds,
        starts,
        ends,
        hashes,
        exact,
        skeletons,
        tokens,
        flags,
    )
    return Lines(
        bounds,
        starts[:count],
        ends[:count],
        hashes[:count],
        exact[:count],
        skeletons[:count],
        tokens[:count],
        flags[:count],
    )


@part
def _sample(data: Bytes, start: Number, end: Number) -> Number:
    """Hash a long line by its length and some of its bytes."""
    h = np.uint64(end - start) * M1
    for k in range(np.uint64(start), np.uint64(start + 128)):
        h = (h ^ np.uint64(data[k])) * M3
    for k in range(np.uint64(end - 128), np.uint64(end)):
        h = (h ^ np.uint64(data[k])) * M3
    for k in range(start + 128, end - 128, (end - start) // 64):
        h = (h ^ np.uint64(data[k])) * M3
    return mix(h)


@kernel
def _scan(
    data: Bytes,
    offsets: Offsets,
    breaks: Array,
    cuts: Array,
    fold: Array,
    classes: Array,
    moves: Array,
    term_ends: Array,
    terms: Array,
    months: Array,
    stops: Array,
    bounds: Array,
    starts: Array,
    ends: Array,
    hashes: Array,
    exact: Array,
    skeletons: Array,
    token_counts: Array,
    flags: Array,
) -> Number:
    count = 0
    cut = 0
    for row in range(len(offsets) - 1):
        bounds[row] = count
        fenced = False
        begin, stop = offsets[row], offsets[row + 1]
        while begin < stop:
            while cut < len(breaks) and breaks[cut] < begin:
                cut += 1
            end = breaks[cut] if cut < len(breaks) and breaks[cut] < stop else stop
            first, last = begin, end
            while first < last and data[first] <= 32:
                first += 1
            while last > first and data[last - 1] <= 32:
                last -= 1
            after = min(end + 1, stop)
            if first == last:
                if count > bounds[row]:
                    ends[count - 1] = after
                begin = after
                continue
            starts[count], ends[count] = begin, after
            if last - first > LINE_BYTES:
                hashes[count] = exact[count] = _sample(data, first, last)
                token_counts[count] = (last - first) // 4
                flags[count] = PROSE | LONG
            else:
                describe(
                    data,
                    first,
                    last,
                    fold,
                    classes,
                    moves,
                    term_ends,
                    terms,
                    months,
                    stops,
                    cut < cuts[row] + LEXICON_HEAD or cut >= cuts[row + 1] - LEXICON_TAIL,
                    count,
                    hashes,
                    exact,
                    skeletons,
                    token_counts,
                    flags,
                )
                fence = (
                    last - first >= 3
                    and data[first] in (0x60, 0x7E)
                    and data[first] == data[first + 1] == data[first + 2]
                )
                row_like = (
                    data[first] == 0x7C and last - first > 1 and data[last - 1] == 0x7C and token_counts[count] > 0
                )
                rule = (data[first] == 0x2B and last - first > 1 and data[first + 1] == 0x2D) or (
                    data[first] == 0x7C and data[last - 1] == 0x7C and last - first > 1
                )
                if fenced or fence or row_like or rule:
                    flags[count] |= CODE
                if fence:
                    fenced = not fenced
            count += 1
            begin = after
    bounds[len(offsets) - 1] = count
    return count
