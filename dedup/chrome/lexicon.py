"""The lexicon: what sites print around their text, as an automaton over folded characters (Aho and Corasick 1975).

It is a prior, for sites of few pages: alone it takes lines at the edges of a page only, and where statistics know
better they decide. The terms are data (``lexicon.tsv``).
"""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.fold import CODE_POINTS, KIND_SHIFT, POINT_MASK, SEPARATOR, SIGN, table
from taoxi.normalize.utf8 import frozen


class Reason(enum.IntEnum):
    """Why a stretch of a page is chrome; the names in lower case are what the ledger says."""

    NONE = 0
    HEADER = 1
    NAVIGATION = 2
    BREADCRUMB = 3
    BYLINE = 4
    SHARE = 5
    RELATED = 6
    FOOTER = 7
    LICENCE = 8
    COOKIE = 9
    TAIL = 10


NONE, HEADER, NAVIGATION, BREADCRUMB, BYLINE, SHARE, RELATED, FOOTER, LICENCE, COOKIE, TAIL = (
    int(reason)
    for reason in (
        Reason.NONE,
        Reason.HEADER,
        Reason.NAVIGATION,
        Reason.BREADCRUMB,
        Reason.BYLINE,
        Reason.SHARE,
        Reason.RELATED,
        Reason.FOOTER,
        Reason.LICENCE,
        Reason.COOKIE,
        Reason.TAIL,
    )
)
"""The same as plain numbers, for kernels."""

WORD, LABEL, MARK, YEAR, LIST, KEEP = range(6)
"""Kinds of terms, in the words of the file."""

_KINDS = {"word": WORD, "label": LABEL, "mark": MARK, "year": YEAR, "list": LIST, "keep": KEEP}

TERM_KIND, TERM_STRENGTH, TERM_REASON, TERM_SIZE, TERM_LATIN, TERM_NEXT = range(6)
"""Columns of a term: kind, strength, reason, characters, whether it must begin where a word does, and the next term
that ends where this one does (-1: none)."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """Finds all terms in one walk.

    ``classes`` (uint16, one per folded code point) numbers the characters that occur in terms, 0 is any other;
    ``moves`` (int16, states by classes) leads from state to state; ``ends`` (int32, states) is the longest term that
    ends in a state, or -1; ``terms`` (int32, m by 6) holds the columns above.
    """

    classes: NDArray[np.uint16]
    moves: NDArray[np.int16]
    ends: NDArray[np.int32]
    terms: NDArray[np.int32]

    def arrays(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return the arrays as kernels take them."""
        return frozen(self.classes), frozen(self.moves), frozen(self.ends), frozen(self.terms)


def folded(term: str) -> tuple[int, ...]:
    """Return what the automaton sees of a term: folded code points of letters, without digits and punctuation.

    >>> "".join(map(chr, folded("版權所有: ICP 備")))
    '版权所有icp备'
    """
    entries = table()[[ord(char) for char in term]].tolist()
    points = [entry & POINT_MASK for entry in entries if entry >> KIND_SHIFT not in {SEPARATOR, SIGN}]
    return tuple(point for point in points if not 0x30 <= point <= 0x39)


def read_terms() -> dict[tuple[tuple[int, ...], int], tuple[int, int]]:
    """Read the lexicon: strength and reason by folded term and kind; of equal terms the stronger counts."""
    terms: dict[tuple[tuple[int, ...], int], tuple[int, int]] = {}
    for line in files("taoxi.dedup.chrome").joinpath("lexicon.tsv").read_text("utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        kind, strength, reason, words = line.split("\t")
        for word in words.split("/"):
            key = folded(word), _KINDS[kind]
            terms[key] = max(terms.get(key, (0, 0)), (int(strength), Reason[reason.upper()].value))
    return terms


@cache
def automaton() -> Automaton:
    """Build the automaton; it takes some hundredths of a second, once per process."""
    terms = read_terms()
    classes = np.zeros(CODE_POINTS, np.uint16)
    alphabet = sorted({point for term, _ in terms for point in term})
    classes[alphabet] = np.arange(1, len(alphabet) + 1)
    trie: list[dict[int, int]] = [{}]
    ends = [-1]
    rows = []
    for (term, kind), (strength, reason) in sorted(terms.items()):
        state = 0
        for point in term:
            state = trie[state].setdefault(int(classes[point]), len(trie))
            if state == len(trie):
                trie.append({})
                ends.append(-1)
        rows.append([kind, strength, reason, len(term), term[0] < 0x250, ends[state]])
        ends[state] = len(rows) - 1
    table_rows = np.array(rows, np.int32)
    moves = _moves(trie, ends, table_rows, len(alphabet) + 1)
    return Automaton(classes, moves, np.array(ends, np.int32), table_rows)


def _moves(trie: list[dict[int, int]], ends: list[int], rows: NDArray[np.int32], classes: int) -> NDArray[np.int16]:
    """Complete the moves breadth first, and link each term to the next shorter one that ends with it."""
    moves = np.zeros((len(trie), classes), np.int16)
    back = [0] * len(trie)
    queue = deque([0])
    while queue:
        state = queue.popleft()
        moves[state] = moves[back[state]] if state else 0
        shorter = ends[back[state]] if state else -1
        if ends[state] < 0:
            ends[state] = shorter
        else:
            last = ends[state]
            while rows[last, TERM_NEXT] >= 0:
                last = rows[last, TERM_NEXT]
            rows[last, TERM_NEXT] = shorter
        for letter, child in trie[state].items():
            back[child] = int(moves[back[state], letter]) if state else 0
            queue.append(child)
        for letter, child in trie[state].items():
            moves[state, letter] = child
    return moves
