"""Paragraphs that stood before in the same document: pasted twice, or loaded twice while a page was scrolled.

Lines are compared by hash. A *run* is lines one after another (empty ones aside) that equal earlier lines in the same
order. What goes of a run are its prose paragraphs of ``PARAGRAPH`` tokens, with the lines between them. We leave alone:

* refrains, slogans and headings, because short lines repeat in any text;
* manuals (Markdown with a heading or code), which repeat notes, tables and examples under many headings, unless a run
  has ``PASTED`` tokens of prose: then a page was pasted twice, and its short lines go with it (as they do when
  the whole text was);
* half of a table or code block: a run never ends inside one.
"""

from __future__ import annotations

import numpy as np

from taoxi.dedup.tokens import EMPTY, END, FENCE, FENCED, FIRST, HEADING, KIND, PROSE, REAL, ROW, TOKEN, TOKEN_END
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Bytes, Number

PARAGRAPH = 20
"""Tokens from which a line is a paragraph that can be repeated or contained (DESIGN §5)."""

PASTED = 200
"""Tokens of repeated prose from which a run is a page pasted twice, not a phrase that a manual needs twice.

Under it, 289 pages of a manual in three releases lost 73 passages that belonged where they stood; with it, none.
"""


@part
def power_above(count: Number) -> Number:
    """Return the smallest power of two above ``count``."""
    size = 1
    while size <= count:
        size *= 2
    return size


@part
def earlier(hashes: Array, lines: Array, count: Number, found: Array, slots: Array) -> bool:
    """Find for each line an equal line before it (-1: none), following a run where there is one.

    ``slots`` is room for a hash table: a power of two, more than twice ``count``.
    """
    mask = np.uint64(len(slots) - 1)
    slots[:] = -1
    some = False
    for k in range(count):
        found[k] = -1
        if lines[k, KIND] == EMPTY:
            continue
        slot = (hashes[k] >> np.uint64(7)) & mask
        while slots[slot] >= 0 and hashes[slots[slot]] != hashes[k]:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            slots[slot] = k
        else:
            found[k] = slots[slot]
            some = True
    if not some:
        return False
    previous = np.int64(-1)  # the line that the line before was found equal to
    for k in range(count):
        if lines[k, KIND] == EMPTY:
            continue
        follow = previous + 1
        while previous >= 0 and follow < k and lines[follow, KIND] == EMPTY:
            follow += 1
        if previous >= 0 and follow < k and hashes[follow] == hashes[k]:
            found[k] = follow
        previous = found[k]
    return True


@part
def _structured(lines: Array, count: Number) -> bool:
    """Tell whether a document has the marks of a manual: a code fence or a Markdown heading.

    One is enough, because the first copy of each stays: what is left after a cut is judged the same way again.
    """
    for k in range(count):  # noqa: SIM110 - numba compiles no generator
        if lines[k, KIND] == FENCE or lines[k, KIND] == HEADING:
            return True
    return False


@part
def _paragraph(lines: Array, k: Number) -> bool:
    return lines[k, KIND] == PROSE and not lines[k, FENCED] and lines[k, REAL] >= PARAGRAPH


@part
def _run_end(lines: Array, start: Number, count: Number, found: Array) -> Number:
    """Return the end of the run that starts at line ``start``: after its last line that is not empty."""
    end = stop = start
    expected = found[start]
    while stop < count:
        if lines[stop, KIND] != EMPTY:
            while expected < stop and lines[expected, KIND] == EMPTY:
                expected += 1
            if found[stop] < 0 or found[stop] != expected:
                break
            expected += 1
            end = stop + 1
        stop += 1
    return end


@part
def _rest(lines: Array, end: Number, count: Number) -> Number:
    """Return the next line from ``end`` on that is not empty."""
    while end < count and lines[end, KIND] == EMPTY:
        end += 1
    return end


@part
def _trim(lines: Array, start: Number, end: Number, count: Number, pasted: bool) -> tuple[Number, Number]:  # noqa: FBT001 - numba takes no keywords
    """Return the part of a run that goes: from paragraph to paragraph, and of a pasted page its short lines too."""
    if pasted:
        while start < end and (lines[start, FENCED] or (lines[start, KIND] == ROW and lines[start - 1, KIND] == ROW)):
            start += 1
    else:
        while start < end and not _paragraph(lines, start):
            start += 1
    # A heading before other text belongs to that text; at the end of the document everything goes.
    if not (pasted and _rest(lines, end, count) == count):
        while end > start and not _paragraph(lines, end - 1):
            end -= 1
    return start, end


@part
def repeated(lines: Array, count: Number, found: Array, gone: Array) -> bool:
    """Mark the lines that go; return whether there is one."""
    some = False
    structured = _structured(lines, count)
    first = 0
    while first < count and lines[first, KIND] == EMPTY:
        first += 1
    k = 0
    while k < count:
        if found[k] < 0:
            k += 1
            continue
        end = _run_end(lines, k, count, found)
        prose = 0
        for line in range(k, end):
            if _paragraph(lines, line):
                prose += lines[line, REAL]
        # The text up to here once more, and then its end: all of it was pasted, however short it is.
        whole = found[k] == first and _rest(lines, found[end - 1] + 1, k) >= k and _rest(lines, end, count) == count
        pasted = prose >= PASTED or (prose > 0 and whole)
        if pasted or (prose > 0 and not structured):
            start, stop = _trim(lines, k, end, count, pasted)
            gone[start:stop] = True
            some = some or stop > start
        k = end
    return some


@part
def drop(lines: Array, count: Number, gone: Array, tokens: Array) -> Number:
    """Close up the tokens of the lines that stay; return how many there are."""
    size = 0
    for k in range(count):
        if not gone[k]:
            for t in range(lines[k, TOKEN], lines[k, TOKEN_END]):
                tokens[size] = tokens[t]
                size += 1
    return size


@part
def stretches(
    data: Bytes, lines: Array, count: Number, gone: Array, document: Number, cuts: Number, repeats: Array
) -> Number:
    """Write the stretches of bytes that go, from row ``cuts`` on; return the next free row.

    The empty line after a stretch goes with it; at the end of the text, the one before it.
    """
    begin = lines[0, FIRST]
    k = 0
    while k < count:
        if not gone[k]:
            k += 1
            continue
        start = lines[k, FIRST]
        while k < count and (gone[k] or lines[k, KIND] == EMPTY):
            k += 1
        if k == count:
            while start > begin and data[start - 1] == 10:
                start -= 1
        repeats[cuts, 0] = document
        repeats[cuts, 1] = start - begin
        repeats[cuts, 2] = lines[k - 1, END] - begin
        cuts += 1
    return cuts
