"""Tokens, lines and shingles of a text (Numba).

A token is one Han, Kana or Hangul character (or one of a script written without spaces), or a run of letters and
digits; a shingle is five tokens in a row. Tokens are 64-bit hashes of folded characters, shingles 32-bit hashes of
them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.fold import KIND_SHIFT, SEPARATOR, WORD, table
from taoxi.dedup.minhash import SHINGLE
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Bytes, Number, code_point, sequence_length, unsigned_point

FIRST, END, TOKEN, TOKEN_END, KIND, REAL, FENCED = range(7)
LINE_COLUMNS = 7
"""Columns of a line: first byte, end (after the line break), first token, end of its tokens, its kind, how many tokens
are no signs, and whether a code fence is open before it."""

EMPTY, PROSE, OTHER, HEADING, ROW, FENCE = range(6)
"""Kinds of lines: prose ends like a sentence and starts like one; headings, rows and fences are Markdown's."""

_M1 = np.uint64(0x9E3779B97F4A7C15)
_M2 = np.uint64(0xC2B2AE3D27D4EB4F)
_M3 = np.uint64(0x165667B19E3779F9)
_WEIGHTS = np.array([0x9E3779B1, 0xBF58476D, 0x94D049BB, 0xD6E8FEB9, 0xA0761D65], np.uint64)
"""Odd multipliers of the places in a shingle, so that order counts; of 32 bits, whose products processors vectorize."""

_PROSE_ENDS = np.array([ord(c) for c in "。!?!?;;…”』」.)）"], np.int64)
_MARKUP = np.array([ord(c) for c in "|+-*#>`~<={}[]/\\$"], np.int64)
_FENCES = np.array([ord("`"), ord("~")], np.int64)


def shingle_hashes(text: str) -> NDArray[np.uint32]:
    """Return the hashes of a text's shingles before mixing, as datasketch would be fed with them (uint32)."""
    data = np.frombuffer(text.encode(), np.uint8)
    tokens = np.empty(len(data) + 2, np.uint64)
    lines = np.zeros((len(data) + 2, LINE_COLUMNS), np.int64)
    line_hashes = np.zeros(len(data) + 2, np.uint64)
    count, _ = tokenize(data, 0, len(data), table(), tokens, lines, line_hashes)
    out = np.empty(len(data) + 1, np.uint32)
    return out[: shingle(tokens[: without_signs(tokens[:count])], out)].copy()


@part
def among(point: Number, points: Array) -> bool:
    """Tell whether a value is one of some."""
    for candidate in points:  # noqa: SIM110 - numba compiles no generator
        if point == candidate:
            return True
    return False


@part
def _is_heading(data: Bytes, at: Number, end: Number) -> Number:
    """Tell a heading of Markdown (marks, then a space) from a hashtag."""
    while at < end and data[at] == 32:
        at += 1
    while at < end and data[at] == 0x23:
        at += 1
    return at < end and data[at] == 32


@part
def _kind(data: Bytes, start: Number, end: Number) -> Number:
    """Tell prose from headings, fences, table rows and the rest by a line's first and last characters."""
    first, last = _first(data, start, end), _last(data, start, end)
    if first == 0:
        return EMPTY
    if among(first, _FENCES) and end - start >= 3 and data[start] == data[start + 1] == data[start + 2]:
        return FENCE
    if first == 0x23 and _is_heading(data, start, end):
        return HEADING
    if first == 0x7C or (first == 0x2B and end - start > 1 and data[start + 1] == 0x2D):
        return ROW
    return PROSE if among(last, _PROSE_ENDS) and not among(first, _MARKUP) and data[start] != 32 else OTHER


@part
def _first(data: Bytes, at: Number, end: Number) -> Number:
    """Return the first character that is no space; 0 if there is none."""
    while at < end and data[at] == 32:
        at += 1
    return code_point(data, at, sequence_length(data[at])) if at < end and data[at] != 10 else np.int64(0)


@part
def _last(data: Bytes, begin: Number, at: Number) -> Number:
    """Return the last character before ``at`` that is no space or line break; 0 if there is none."""
    while at > begin and (data[at - 1] == 32 or data[at - 1] == 10):
        at -= 1
    size = 1
    while at - size > begin and 0x80 <= data[at - size] < 0xC0:
        size += 1
    return code_point(data, at - size, size) if at > begin else np.int64(0)


@part
def _line(data: Bytes, at: Number, end: Number, fold: Array, tokens: Array, count: Number) -> tuple[Number, Number]:
    """Append the tokens of the line that starts at ``at``; return where the next line starts, and their count.

    One flat loop with unsigned places: with signed ones, or with a function per kind of character, it takes twice as
    long. What may be a token is always written, and counts if it is one: a branch that cannot be foreseen costs more
    than a write. So ``tokens`` needs room for two more than there are bytes.
    """
    place, stop, size = np.uint64(at), np.uint64(end), np.uint64(count)
    one = np.uint64(1)
    word = np.uint64(0)
    while place < stop:
        point, place = unsigned_point(data, place)
        entry = np.uint64(fold[point])
        kind = entry >> np.uint64(KIND_SHIFT)
        if kind == np.uint64(WORD):
            word = (word ^ entry) * _M3 + one
            continue
        tokens[size] = (word * _M2) << one
        size += np.uint64(word != np.uint64(0))
        word = np.uint64(0)
        tokens[size] = (entry * _M1) << one | kind >> one  # of the kinds that come here only SIGN has this bit
        size += np.uint64(kind != np.uint64(SEPARATOR))
        if point == np.uint64(10):
            break
    tokens[size] = (word * _M2) << one
    size += np.uint64(word != np.uint64(0))
    return np.int64(place), np.int64(size)


@kernel
def tokenize(
    data: Bytes, begin: Number, end: Number, fold: Array, tokens: Array, lines: Array, line_hashes: Array
) -> tuple[Number, Number]:
    """Cut a document into tokens and lines; return how many there are of both.

    A token's lowest bit is 1 if it is a sign, which shingles skip. ``lines`` gets a row of ``LINE_COLUMNS`` per line;
    ``line_hashes`` the hash of its tokens, of its bytes if it has none, and 0 for an empty line.
    """
    count = 0
    line = 0
    at = begin
    fenced = False
    while at < end:
        start, first_token = at, count
        at, count = _line(data, at, end, fold, tokens, count)
        lines[line, FIRST] = start
        lines[line, END] = at
        lines[line, TOKEN] = first_token
        lines[line, TOKEN_END] = count
        lines[line, FENCED] = fenced
        lines[line, KIND] = _kind(data, start, at)
        if lines[line, KIND] == FENCE:
            fenced = not fenced
        h, _, real = _sums(tokens[first_token:count])
        if count == first_token:
            h = np.uint64(0)
            for k in range(start, at):
                h = (h ^ np.uint64(data[k])) * _M3
        lines[line, REAL] = real
        line_hashes[line] = np.uint64(0) if lines[line, KIND] == EMPTY else h | np.uint64(1)
        line += 1
    return count, line


@part
def _sums(tokens: Array) -> tuple[Number, Number, Number]:
    """Return two independent 64-bit hashes of tokens in their order, and how many are no signs.

    Each token is mixed with its place, and the results are added up, so that none waits for the one before it.
    """
    one, two, real = np.uint64(0), np.uint64(0), np.uint64(0)
    for k in range(np.uint64(len(tokens))):
        token = tokens[k]
        left = (token ^ (k * _M3)) * _M1
        one += left ^ (left >> np.uint64(32))
        right = (token + k * _M1) * _M2
        two += right ^ (right >> np.uint64(29))
        real += (token & np.uint64(1)) ^ np.uint64(1)
    return one, two, np.int64(real)


@part
def exact_hash(tokens: Array, exact: Array) -> Number:
    """Write the 128-bit hash of tokens and signs in their order; return how many are no signs.

    All zero stands for a text without any; no other hash is even in its second half.
    """
    one, two, real = _sums(tokens)
    if len(tokens):
        exact[0], exact[1] = one, two | np.uint64(1)
    return real


@kernel
def without_signs(tokens: Array) -> Number:
    """Drop the signs from ``tokens`` in place; return how many tokens are left."""
    size = np.uint64(0)
    for token in tokens:
        tokens[size] = token
        size += (token & np.uint64(1)) ^ np.uint64(1)  # without a branch: a sign is written over by the next token
    return np.int64(size)


@kernel
def shingle(tokens: Array, out: Array) -> Number:
    """Write the hash of every five tokens in a row (uint32), return how many; ``tokens`` are without signs.

    A hash is the upper half of a weighted sum of the tokens' upper halves: products of 32 bits are what vectors of
    processors have.
    """
    half = np.uint64(32)
    count: Number = max(len(tokens) - SHINGLE + 1, 0)
    for k in range(np.uint64(count)):
        h = (
            (tokens[k] >> half) * _WEIGHTS[0]
            + (tokens[k + np.uint64(1)] >> half) * _WEIGHTS[1]
            + (tokens[k + np.uint64(2)] >> half) * _WEIGHTS[2]
            + (tokens[k + np.uint64(3)] >> half) * _WEIGHTS[3]
            + (tokens[k + np.uint64(4)] >> half) * _WEIGHTS[4]
        )
        out[k] = np.uint32(h >> half)
    return count
