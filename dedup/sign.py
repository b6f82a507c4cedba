"""From a batch of texts to what the judge needs: token counts, exact hashes, signatures, paragraphs, repeats.

One walk per document, all its working memory in the caches: tokens are 64-bit hashes, lines are runs of tokens.
Paragraphs that come again within the document are found first and left out of everything that is computed after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from taoxi.dedup.fold import POINT_MASK, SIGN, SINGLE, WORD, table
from taoxi.dedup.minhash import EMPTY, PERMUTATIONS, SHINGLE, SHORTEST, fmix32, minhash, permutations
from taoxi.normalize.characters import Array, Bytes, Offsets, code_point, frozen, sequence_length

PARAGRAPH = 20
"""Tokens from which a line is a paragraph that can be repeated or contained (DESIGN §5)."""

REPEATED_LINES = 200
"""Tokens that a run of repeated lines without a prose paragraph must have to go.

Manuals repeat parameter lists and notes under many headings; pasted or scroll-loaded text repeats by the page.
"""

_M1 = np.uint64(0x9E3779B97F4A7C15)
_M2 = np.uint64(0xC2B2AE3D27D4EB4F)
_M3 = np.uint64(0x165667B19E3779F9)
_WEIGHTS = np.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F], np.uint64
)
"""Odd multipliers of the places in a shingle, so that order counts."""

_PROSE_ENDS = np.array([ord(c) for c in "。!?!?;;…”』」.:：》)）"], np.int64)
_MARKUP = np.array([ord(c) for c in "|+-*#>`~<={}[]/\\$"], np.int64)
_FENCES = np.array([ord("`"), ord("~")], np.int64)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a batch of n documents came to.

    ``tokens`` (int32) and ``exact`` (uint64, n by 2) describe each text without its repeats; ``exact`` is zero where
    there is neither token nor sign. ``signatures`` (uint32, n by 128) are all ``EMPTY`` under ``SHORTEST`` tokens.
    ``repeats`` (int64, m by 3) are document, first byte and end of each stretch that goes. ``paragraphs`` (uint64
    hashes) with ``paragraph_places`` (int64, p by 4: document, first byte, end, tokens) are the paragraphs that stay;
    bytes count from the start of the document. Signs are not counted as tokens.
    """

    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    signatures: NDArray[np.uint32]
    repeats: NDArray[np.int64]
    paragraphs: NDArray[np.uint64]
    paragraph_places: NDArray[np.int64]


def sign(utf8: Bytes, offsets: Offsets) -> Signed:
    """Sign documents that stand one after another in a buffer.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds of the n documents (int64, bytes).
    """
    a, b = permutations()
    utf8, offsets = frozen(utf8), frozen(offsets)
    count = len(offsets) - 1
    longest = int(np.diff(offsets).max(initial=0)) + 1
    lines = _lines(utf8, offsets) + count
    tokens = np.zeros(count, np.int32)
    exact = np.zeros((count, 2), np.uint64)
    signatures = np.full((count, PERMUTATIONS), EMPTY, np.uint32)
    repeats = np.zeros((lines, 3), np.int64)
    hashes = np.zeros(lines, np.uint64)
    places = np.zeros((lines, 4), np.int64)
    cut, kept = _sign(utf8, offsets, table(), a, b, longest, tokens, exact, signatures, repeats, hashes, places)
    return Signed(tokens, exact, signatures, repeats[:cut].copy(), hashes[:kept].copy(), places[:kept].copy())


def shingle_hashes(text: str) -> NDArray[np.uint32]:
    """Return the hashes of a text's shingles before mixing, as datasketch would be fed with them (uint32)."""
    data = np.frombuffer(text.encode(), np.uint8)
    tokens = np.empty(len(data) + 1, np.uint64)
    starts = np.zeros((len(data) + 2, 6), np.int64)
    line_hashes = np.zeros(len(data) + 2, np.uint64)
    count, _ = _tokenize(data, 0, len(data), table(), tokens, starts, line_hashes)
    out = np.empty(len(data) + 1, np.uint32)
    return out[: _shingle(tokens[:count], out)].copy()


@njit(cache=True, nogil=True)
def _lines(data: Bytes, offsets: Offsets) -> int:
    count = 0
    for at in range(offsets[0], offsets[-1]):
        count += data[at] == 10
    return count


@njit(cache=True, nogil=True)
def _mix(value: np.uint64) -> np.uint64:
    h = np.uint64(value) * _M1
    h ^= h >> np.uint64(32)
    h *= _M2
    return h ^ (h >> np.uint64(29))


@njit(cache=True, nogil=True)
def _is(point: int, points: Array) -> bool:
    for candidate in points:  # noqa: SIM110 - numba compiles no generator
        if point == candidate:
            return True
    return False


@njit(cache=True, nogil=True)
def _tokenize(
    data: Bytes, begin: int, end: int, fold: Array, tokens: Array, lines: Array, line_hashes: Array
) -> tuple[int, int]:
    """Cut a document into tokens and lines.

    A token's lowest bit is 1 if it is a sign, which shingles skip. A row of ``lines`` is first byte, end (after
    the line break), first token, end of its tokens, 1 for prose, 2 for any other line that is not empty, 0 for an empty
    line, and how many of its tokens are no signs. Lines without a token are hashed by their characters.
    """
    count = 0
    line = 0
    at = begin
    word = np.uint64(0)
    fenced = False
    while at < end:
        line_start = at
        line_token = count
        first_point = np.int64(0)
        last_point = np.int64(0)
        raw = np.uint64(0)
        while at < end:
            if 0xE4 <= data[at] <= 0xE9:
                point = (
                    (np.int64(data[at]) & 0x0F) << 12
                    | (np.int64(data[at + 1]) & 0x3F) << 6
                    | (np.int64(data[at + 2]) & 0x3F)
                )
                size = 3
            else:
                size = sequence_length(data[at])
                point = code_point(data, at, size)
            at += size
            entry = fold[point]
            kind = entry >> np.uint32(24)
            if kind == WORD:
                word = (word ^ np.uint64(entry & np.uint32(POINT_MASK))) * _M3 + np.uint64(1)
            else:
                if word:
                    tokens[count] = _mix(word) & ~np.uint64(1)
                    count += 1
                    word = np.uint64(0)
                if point == 10:
                    break
                if kind == SINGLE:
                    tokens[count] = _mix(np.uint64(entry)) & ~np.uint64(1)
                    count += 1
                elif kind == SIGN:
                    tokens[count] = _mix(np.uint64(entry)) | np.uint64(1)
                    count += 1
            if point != 32:
                if first_point == 0:
                    first_point = point
                last_point = point
                raw = (raw ^ np.uint64(point)) * _M3
        if word:
            tokens[count] = _mix(word) & ~np.uint64(1)
            count += 1
            word = np.uint64(0)
        if (
            _is(first_point, _FENCES)
            and at - line_start >= 3
            and data[line_start] == data[line_start + 1] == data[line_start + 2]
        ):
            fenced = not fenced
        lines[line, 0] = line_start
        lines[line, 1] = at
        lines[line, 2] = line_token
        lines[line, 3] = count
        lines[line, 5] = 0
        if first_point == 0:
            lines[line, 4] = 0
            line_hashes[line] = 0
        else:
            prose = not fenced and _is(last_point, _PROSE_ENDS) and not _is(first_point, _MARKUP)
            lines[line, 4] = 1 if prose and data[line_start] != 32 else 2
            h = raw if count == line_token else np.uint64(count - line_token)
            for k in range(line_token, count):
                h = (h ^ tokens[k]) * _M2
                h ^= h >> np.uint64(31)
                lines[line, 5] += (tokens[k] & np.uint64(1)) == 0
            line_hashes[line] = h | np.uint64(1)
        line += 1
    return count, line


@njit(cache=True, nogil=True)
def _shingle(tokens: Array, out: Array) -> int:
    """Drop the signs from ``tokens`` in place, write the hash of every five in a row (uint32), return how many."""
    size = 0
    for k in range(len(tokens)):
        if not tokens[k] & np.uint64(1):
            tokens[size] = tokens[k]
            size += 1
    count = max(size - SHINGLE + 1, 0)
    for k in range(count):
        h = (
            tokens[k] * _WEIGHTS[0]
            + tokens[k + 1] * _WEIGHTS[1]
            + tokens[k + 2] * _WEIGHTS[2]
            + tokens[k + 3] * _WEIGHTS[3]
            + tokens[k + 4] * _WEIGHTS[4]
        )
        out[k] = np.uint32(h >> np.uint64(32))
    return count


@njit(cache=True, nogil=True)
def _power_above(count: int) -> int:
    size = 1
    while size <= count:
        size *= 2
    return size


@njit(cache=True, nogil=True)
def _earlier(hashes: Array, lines: Array, count: int, found: Array, slots: Array) -> bool:
    """Find for each line an equal line before it (-1: none), following a run where there is one.

    ``slots`` is room for a hash table: a power of two, more than twice ``count``.
    """
    mask = np.uint64(len(slots) - 1)
    slots[:] = -1
    some = False
    for k in range(count):
        found[k] = -1
        if lines[k, 4] == 0:
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
        if lines[k, 4] == 0:
            continue
        follow = previous + 1
        while previous >= 0 and follow < k and lines[follow, 4] == 0:
            follow += 1
        if previous >= 0 and follow < k and hashes[follow] == hashes[k]:
            found[k] = follow
        previous = found[k]
    return True


@njit(cache=True, nogil=True)
def _repeated(lines: Array, count: int, found: Array, gone: Array) -> bool:
    """Mark the lines of repeated runs that go.

    A run is lines one after another (empty ones aside) equal to earlier lines in the same order. It goes when
    one of its lines is a prose paragraph of ``PARAGRAPH`` tokens, or when it has ``REPEATED_LINES`` tokens; short lines
    at its edges that hold no paragraph go with it, because that is how pasted pages come.
    """
    some = False
    k = 0
    while k < count:
        if found[k] < 0:
            k += 1
            continue
        stop = k
        last = k
        tokens = 0
        prose = False
        expected = found[k]
        while stop < count:
            if lines[stop, 4] == 0:
                stop += 1
                continue
            while expected < stop and lines[expected, 4] == 0:
                expected += 1
            if found[stop] < 0 or found[stop] != expected:
                break
            size = lines[stop, 5]
            tokens += size
            prose = prose or (size >= PARAGRAPH and lines[stop, 4] == 1)
            expected += 1
            last = stop
            stop += 1
        if prose or tokens >= REPEATED_LINES:
            some = True
            gone[k : last + 1] = True
        k = last + 1
    return some


@njit(cache=True, nogil=True)
def _drop(lines: Array, count: int, gone: Array, tokens: Array) -> int:
    """Close up the tokens of the lines that stay; return how many there are."""
    size = 0
    for k in range(count):
        if not gone[k]:
            for t in range(lines[k, 2], lines[k, 3]):
                tokens[size] = tokens[t]
                size += 1
    return size


@njit(cache=True, nogil=True)
def _stretches(data: Bytes, lines: Array, count: int, gone: Array, document: int, cuts: int, repeats: Array) -> int:
    """Write the stretches of bytes that go, from row ``cuts`` on; return the next free row.

    The empty line after a stretch goes with it; at the end of the text, the one before it.
    """
    begin = lines[0, 0]
    k = 0
    while k < count:
        if not gone[k]:
            k += 1
            continue
        start = lines[k, 0]
        while k < count and (gone[k] or lines[k, 4] == 0):
            k += 1
        if k == count:
            while start > begin and data[start - 1] == 10:
                start -= 1
        repeats[cuts, 0] = document
        repeats[cuts, 1] = start - begin
        repeats[cuts, 2] = lines[k - 1, 1] - begin
        cuts += 1
    return cuts


@njit(cache=True, nogil=True)
def _exact(tokens: Array, exact: Array) -> int:
    """Write the 128-bit hash of tokens and signs in their order; return how many are no signs."""
    one, two = np.uint64(0), np.uint64(0)
    real = 0
    for token in tokens:
        one = (one ^ token) * _M1
        one ^= one >> np.uint64(32)
        two = (two + token) * _M2
        two ^= two >> np.uint64(29)
        real += (token & np.uint64(1)) == 0
    if len(tokens):
        exact[0] = one
        exact[1] = two | np.uint64(1)
    return real


@njit(cache=True, nogil=True)
def _paragraphs(
    lines: Array, count: int, gone: Array, line_hashes: Array, document: int, row: int, hashes: Array, places: Array
) -> int:
    """Write the paragraphs that stay, from row ``row`` on; return the next free row."""
    begin = lines[0, 0]
    for k in range(count):
        size = lines[k, 5]
        if size >= PARAGRAPH and not gone[k]:
            hashes[row] = line_hashes[k]
            places[row, 0] = document
            places[row, 1] = lines[k, 0] - begin
            places[row, 2] = lines[k, 1] - begin
            places[row, 3] = size
            row += 1
    return row


@njit(cache=True, nogil=True)
def _sign(
    data: Bytes,
    offsets: Offsets,
    fold: Array,
    a: Array,
    b: Array,
    longest: int,
    counts: Array,
    exact: Array,
    signatures: Array,
    repeats: Array,
    paragraphs: Array,
    places: Array,
) -> tuple[int, int]:
    tokens = np.empty(longest + 1, np.uint64)
    shingles = np.empty(longest + 1, np.uint32)
    lines = np.empty((longest + 1, 6), np.int64)
    line_hashes = np.empty(longest + 1, np.uint64)
    found = np.empty(longest + 1, np.int64)
    slots = np.empty(_power_above(2 * longest + 2), np.int64)
    gone = np.zeros(longest + 1, np.bool_)
    cuts = 0
    kept = 0
    for document in range(len(offsets) - 1):
        count, line_count = _tokenize(data, offsets[document], offsets[document + 1], fold, tokens, lines, line_hashes)
        gone[:line_count] = False
        if (
            count >= 2 * PARAGRAPH
            and line_count > 1
            and _earlier(line_hashes, lines, line_count, found, slots[: _power_above(2 * line_count)])
            and _repeated(lines, line_count, found, gone)
        ):
            cuts = _stretches(data, lines, line_count, gone, document, cuts, repeats)
            count = _drop(lines, line_count, gone, tokens)
        kept = _paragraphs(lines, line_count, gone, line_hashes, document, kept, paragraphs, places)
        counts[document] = _exact(tokens[:count], exact[document])
        if counts[document] >= SHORTEST:
            many = _shingle(tokens[:count], shingles)
            for k in range(many):
                shingles[k] = fmix32(shingles[k])
            minhash(shingles[:many], a, b, signatures[document])
    return cuts, kept
