"""From a batch of texts to what the judge needs: token counts, exact hashes, signatures, paragraphs, repeats.

One walk per document, all its working memory in the caches. Paragraphs that come again within the document are found
first and left out of everything that is computed after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.fold import table
from taoxi.dedup.minhash import EMPTY, PERMUTATIONS, SHORTEST, fmix32, minhash, permutations
from taoxi.dedup.repeats import PARAGRAPH, drop, earlier, power_above, repeated, stretches
from taoxi.dedup.tokens import END, FIRST, LINE_COLUMNS, REAL, exact_hash, shingle, tokenize, without_signs
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import BREAK, Array, Bytes, Number, Offsets, frozen, occurrences


@dataclass(frozen=True, slots=True)
class Signed:
    """What a batch of n documents came to.

    ``tokens`` (int32) and ``exact`` (uint64, n by 2) describe each text without its repeats; ``exact`` is zero where
    there is neither token nor sign. ``signatures`` (uint32, n by 128) are all ``EMPTY`` under ``SHORTEST`` tokens.
    ``repeats`` (int64, m by 3) are document, first byte and end of each stretch that goes. ``paragraphs`` (uint64
    hashes) with ``paragraph_places`` (int64, p by 4: document, first byte, end, tokens) are the paragraphs that stay,
    at their places in the text without its repeats. Signs are not counted as tokens.
    """

    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    signatures: NDArray[np.uint32]
    repeats: NDArray[np.int64]
    paragraphs: NDArray[np.uint64]
    paragraph_places: NDArray[np.int64]


def sign(utf8: Bytes, offsets: Offsets, *, cut: bool = False) -> Signed:
    """Sign documents that stand one after another in a buffer.

    Args:
        utf8: normalized text in valid UTF-8 (uint8).
        offsets: n+1 bounds of the n documents (int64, bytes).
        cut: whether the repeats of each document have been cut out of it, so that what is left is to be taken as it is.
    """
    a, b = permutations()
    utf8, offsets = frozen(utf8), frozen(offsets)
    count = len(offsets) - 1
    longest = int(np.diff(offsets).max(initial=0)) + 1
    lines = count + len(occurrences(utf8, offsets[0], offsets[-1], BREAK))
    tokens = np.zeros(count, np.int32)
    exact = np.zeros((count, 2), np.uint64)
    signatures = np.full((count, PERMUTATIONS), EMPTY, np.uint32)
    repeats = np.zeros((lines, 3), np.int64)
    hashes = np.zeros(lines, np.uint64)
    places = np.zeros((lines, 4), np.int64)
    found, kept = _sign(
        utf8, offsets, table(), a, b, longest, lines, int(cut), tokens, exact, signatures, repeats, hashes, places
    )
    return Signed(tokens, exact, signatures, repeats[:found].copy(), hashes[:kept].copy(), places[:kept].copy())


def exact_keys(exact: NDArray[np.uint64], ids: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return by what n documents are told to be exact copies (uint64, n by 2).

    A text without any token or sign folds to nothing: only its own bytes can tell it from others.

    Args:
        exact: hashes of the folds (uint64, n by 2).
        ids: ids of the texts (uint8, n by 16).
    """
    keys = exact.copy()
    bare = exact[:, 1] == 0
    keys[bare] = ids.view(np.uint64)[bare] & ~np.uint64(1)
    return keys


@part
def _paragraphs(
    lines: Array,
    count: Number,
    gone: Array,
    line_hashes: Array,
    cuts: Array,
    document: Number,
    row: Number,
    hashes: Array,
    places: Array,
) -> Number:
    """Write the paragraphs that stay once ``cuts`` are out, from row ``row`` on; return the next free row."""
    begin = lines[0, FIRST]
    removed = 0
    passed = 0
    for k in range(count):
        while passed < len(cuts) and begin + cuts[passed, 2] <= lines[k, FIRST]:
            removed += cuts[passed, 2] - cuts[passed, 1]
            passed += 1
        size = lines[k, REAL]
        if size >= PARAGRAPH and not gone[k]:
            end = lines[k, END] - begin
            if passed < len(cuts):
                end = min(end, cuts[passed, 1])  # the last cut takes the line breaks before it
            hashes[row] = line_hashes[k]
            places[row, 0] = document
            places[row, 1] = lines[k, FIRST] - begin - removed
            places[row, 2] = end - removed
            places[row, 3] = size
            row += 1
    return row


@kernel
def _sign(
    data: Bytes,
    offsets: Offsets,
    fold: Array,
    a: Array,
    b: Array,
    longest: Number,
    most_lines: Number,
    cut: Number,
    counts: Array,
    exact: Array,
    signatures: Array,
    repeats: Array,
    paragraphs: Array,
    places: Array,
) -> tuple[Number, Number]:
    tokens = np.empty(longest + 2, np.uint64)
    shingles = np.empty(longest + 1, np.uint32)
    lines = np.empty((most_lines + 1, LINE_COLUMNS), np.int64)
    line_hashes = np.empty(most_lines + 1, np.uint64)
    found = np.empty(most_lines + 1, np.int64)
    slots = np.empty(power_above(2 * most_lines + 2), np.int64)
    gone = np.zeros(most_lines + 1, np.bool_)
    cuts = 0
    kept = 0
    for document in range(len(offsets) - 1):
        count, line_count = tokenize(data, offsets[document], offsets[document + 1], fold, tokens, lines, line_hashes)
        gone[:line_count] = False
        before = cuts
        if (
            not cut
            and count >= 2 * PARAGRAPH
            and line_count > 1
            and earlier(line_hashes, lines, line_count, found, slots[: power_above(2 * line_count)])
            and repeated(lines, line_count, found, gone)
        ):
            cuts = stretches(data, lines, line_count, gone, document, cuts, repeats)
            count = drop(lines, line_count, gone, tokens)
        counts[document] = exact_hash(tokens[:count], exact[document])
        kept = _paragraphs(
            lines, line_count, gone, line_hashes, repeats[before:cuts], document, kept, paragraphs, places
        )
        if counts[document] >= SHORTEST:
            if counts[document] < count:
                count = without_signs(tokens[:count])
            many = shingle(tokens[:count], shingles)
            for k in range(many):
                shingles[k] = fmix32(shingles[k])
            minhash(shingles[:many], a, b, signatures[document])
    return cuts, kept
