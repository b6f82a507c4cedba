"""The fold: what comparison sees of a character. The output of a run never is folded text.

Width, case, and traditional or simplified form do not count; punctuation and space do not count except as the
end of a word; digits do. Signs that carry meaning in short texts (``+ = < > $ # %`` …) count when texts are
compared exactly, not in shingles: "C++" and "C#" are different documents, and two layouts of one article are not.
"""

from __future__ import annotations

import itertools
import unicodedata
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

SEPARATOR, SINGLE, WORD, SIGN = range(4)
"""Kinds of characters: ends a word, is a token by itself, is part of a word, counts in exact comparison only."""

CODE_POINTS = 0x110000
KIND_SHIFT = 24
POINT_MASK = (1 << KIND_SHIFT) - 1

_SINGLE_RANGES = (
    (0x0E00, 0x109F),  # Thai, Lao, Tibetan, Myanmar: written without spaces between words
    (0x1100, 0x11FF),  # Hangul letters
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3041, 0x3096),
    (0x30A1, 0x30FF),
    (0x3131, 0x318E),
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x20000, 0x323AF),
)
_COMPATIBILITY = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0xFF01, 0xFFEF), (0x2F800, 0x2FA1F))
"""Where compatibility decomposition means width or a variant of one Han character, not a different sign (①, ㎡)."""

_HAN = ((0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x323AF))
"""Long ranges of single tokens that fold to themselves, but for the simplified forms."""

_LOOSE = ((0, 0x3400), (0xA000, 0xAC00), (0xD7B0, 0xD800), (0xF900, 0x20000), (0x2F800, 0x2FA20))
"""What else may hold letters, digits or signs, as ranges to look through."""

_SIGNS = frozenset("#%‰@&")


def simplified() -> dict[str, str]:
    """Read OpenCC's table of single characters, traditional to simplified."""
    lines = files("taoxi.dedup").joinpath("simplified.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


@cache
def table() -> NDArray[np.uint32]:
    """Return the fold of every code point (uint32): the folded code point, and its kind from bit 24 up; 0 for a gap."""
    _head, _, runs = files("taoxi.dedup").joinpath("fold.tsv").read_text("ascii").partition("\n")
    first, last, kind, shift = np.fromstring(runs, np.int64, sep=" ").reshape(-1, 4).T
    sizes = last - first + 1
    points = np.arange(sizes.sum()) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
    entries = np.zeros(CODE_POINTS, np.uint32)
    entries[points] = np.repeat(kind << KIND_SHIFT, sizes) | (points + np.repeat(shift, sizes))
    return entries


def build() -> NDArray[np.uint32]:
    """Work out what ``table`` reads from its file, from Unicode's categories and OpenCC's pairs."""
    simple = simplified()
    category = unicodedata.category
    letters, signs, squares = [], [], []
    for point in itertools.chain.from_iterable(itertools.starmap(range, _LOOSE)):
        kind = category(chr(point))
        if kind[0] in "LNM" and kind != "Me":
            letters.append(point)
        elif kind in {"Sm", "Sc"} or chr(point) in _SIGNS:
            signs.append(point)
        elif kind == "So" and unicodedata.decomposition(chr(point)).startswith("<"):
            squares.append(point)  # ㎡ and ℃ are words in one character
    kinds = np.zeros(CODE_POINTS, np.uint32)
    kinds[letters] = WORD
    kinds[signs] = SIGN
    kinds[squares] = SINGLE
    kinds[0xFE00:0xFE10] = SEPARATOR  # variation selectors are marks to Unicode, but ❤️ is no word
    for first, last in _HAN:
        kinds[first : last + 1] = SINGLE
    for first, last in _SINGLE_RANGES:
        kinds[first : last + 1][kinds[first : last + 1] == WORD] = SINGLE
    folded = np.arange(CODE_POINTS, dtype=np.uint32)
    compatible = {
        point: wide
        for first, last in _COMPATIBILITY
        for point in range(first, last + 1)
        if len(wide := unicodedata.normalize("NFKC", chr(point))) == 1
    }
    for point in itertools.chain(letters, squares, compatible, map(ord, simple)):
        char = compatible.get(point) or chr(point)
        lower = char.casefold()
        if lower != char:
            char = next((other for other in (lower, char.lower()) if len(other) == 1), char)
        char = simple.get(char, char)
        folded[point] = ord(simple.get(char, char))  # 薴 becomes 苧, which is 苎 in other texts
    kinds = kinds[folded]
    return np.where(kinds == SEPARATOR, np.uint32(0), kinds << np.uint32(KIND_SHIFT) | folded)
