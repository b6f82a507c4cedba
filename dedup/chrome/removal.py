"""Which lines of a page are chrome: runs reaching in from its edges, and what lexicon and statistics agree on inside.

Every line weighs for chrome or against it: lines that the site repeats and lines of the lexicon weigh for it, unknown
lines a little and prose much against it. The header is the prefix with the largest sum of weights, the footer the
suffix. Within them what is known goes; unknown lines stay in the header (the title stands there), and go in the
footer where they stand between lines that go or in a list (related articles, whose titles no other page has).

We leave alone: sentences, unless most pages of the site have them and everything between them and the edge goes too;
numbered headings, salutations and other lines that lead to the text behind them; code and tables; and every line that
only text surrounds. A page is never left without text: then it stays whole; and if more than half of its prose would
go, all of its prose stays, because a page whose sentences stand on other pages is a copy, for the deduplicator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.chrome.counts import line_arrays, site_hashes
from taoxi.dedup.chrome.edges import close_comment, mark_edges
from taoxi.dedup.chrome.forms import STRENGTH_MASK, STRENGTH_SHIFT, Lines, is_content
from taoxi.dedup.chrome.known import Known
from taoxi.dedup.chrome.lexicon import NAVIGATION, NONE
from taoxi.dedup.chrome.lines import scan
from taoxi.dedup.chrome.telling import guard, name, prove, write_stretches
from taoxi.dedup.chrome.weighing import FOR_LEXICON, IN_LIST, alone, posts, prefix, weights
from taoxi.normalize.kernel import kernel
from taoxi.normalize.utf8 import Array, Bytes, Number, Offsets, frozen

WARN_SHARE = 0.9
"""Share of a page's tokens above which it counts as mostly chrome (DESIGN §5, guard)."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """What goes of a batch of n pages.

    ``stretches`` (int64, m by 6) are page, first byte and end in its text, and the ``Reason``: whole lines with the
    empty lines behind them, in order and apart; then how many contents of the site have the most frequent of these
    lines, of how many (0: the site says nothing of them, only the lexicon does). ``tokens`` and ``removed`` (int64, n)
    are about how many tokens a page has and how many of them go; ``guarded`` (bool, n) are the pages of which less goes
    than the rules say.
    """

    stretches: NDArray[np.int64]
    tokens: NDArray[np.int64]
    removed: NDArray[np.int64]
    guarded: NDArray[np.bool_]

    def mostly_chrome(self) -> NDArray[np.bool_]:
        """Tell the pages (bool, n) of which more than ``WARN_SHARE`` goes: many of them are worth a warning."""
        return self.removed > WARN_SHARE * self.tokens


def strip(utf8: Bytes, offsets: Offsets, sites: Sequence[str], known: Known, lines: Lines | None = None) -> Stripped:
    """Find the chrome of a batch of pages.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds of the n pages (int64, bytes).
        sites: the site of each page.
        known: what was learned; a site it does not know is stripped by the lexicon alone.
        lines: what ``scan`` says of them, if it is known: that is most of the work.
    """
    lines = lines or scan(utf8, offsets)
    pages = len(offsets) - 1
    stretches = np.zeros((len(lines), 6), np.int64)
    tokens, removed = np.zeros(pages, np.int64), np.zeros(pages, np.int64)
    guarded = np.zeros(pages, np.bool_)
    size = _strip(
        frozen(utf8),
        frozen(offsets),
        *line_arrays(lines),
        frozen(lines.starts),
        frozen(lines.ends),
        frozen(site_hashes(sites)),
        known.keys,
        known.codes,
        known.pages,
        frozen(FOR_LEXICON),
        stretches,
        tokens,
        removed,
        guarded,
    )
    return Stripped(stretches[:size].copy(), tokens, removed, guarded)


@kernel
def _strip(
    data: Bytes,
    offsets: Offsets,
    bounds: Array,
    hashes: Array,
    skeletons: Array,
    tokens: Array,
    flags: Array,
    starts: Array,
    ends: Array,
    sites: Array,
    keys: Array,
    values: Array,
    pages: Array,
    for_lexicon: Array,
    stretches: Array,
    totals: Array,
    removed: Array,
    guarded: Array,
) -> Number:
    most = 1
    for page in range(len(bounds) - 1):
        most = max(most, bounds[page + 1] - bounds[page])
    codes, known, gone = np.zeros(most, np.uint8), np.zeros(most, np.bool_), np.zeros(most, np.uint8)
    head, tail = np.zeros(most), np.zeros(most)
    size = 0
    for page in range(len(bounds) - 1):
        first, stop = bounds[page], bounds[page + 1]
        count = stop - first
        for k in range(first, stop):
            totals[page] += tokens[k]
        if not weights(
            first,
            stop,
            hashes,
            skeletons,
            tokens,
            flags,
            sites[page],
            keys,
            values,
            for_lexicon,
            codes,
            known,
            head,
            tail,
        ):
            continue
        gone[:count] = NONE
        threads = posts(first, count, hashes, flags, known)
        header = prefix(head, count, 0)
        footer = prefix(tail[:count], count - max(header, threads), 1)
        header = alone(first, header, 1, count, flags, codes, known)
        footer = alone(first, footer, 0, count, flags, codes, known)
        mark_edges(first, count, header, footer, hashes, head, tail, tokens, flags, codes, known, gone)
        close_comment(data, first, count, header, starts, gone)
        learned = False
        for at in range(count):
            strength = (flags[first + at] >> np.uint32(STRENGTH_SHIFT)) & np.uint32(STRENGTH_MASK)
            learned = learned or (codes[at] & ~IN_LIST) != 0
            if (
                not gone[at]
                and known[at]
                and codes[at] & ~IN_LIST
                and strength >= 2
                and not is_content(flags[first + at])
            ):
                gone[at] = NAVIGATION
        removed[page], guarded[page] = guard(first, count, tokens, flags, codes, gone)
        name(first, count, skeletons, flags, gone, learned)
        before = size
        size = write_stretches(
            data, offsets[page], offsets[page + 1], first, count, starts, ends, gone, page, size, stretches
        )
        prove(stretches[before:size], offsets[page], first, starts, hashes, skeletons, sites[page], keys, pages)
    return size
