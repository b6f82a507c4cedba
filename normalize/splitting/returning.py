"""Copies pasted one after another: the beginning of the text comes again, and what follows it too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from taoxi.normalize.model import Piece, PieceKind
from taoxi.normalize.splitting.delimiter import Line, first_line

OPENING_LINES = 2
OPENING_CHARS = 20
"""A title and a line of ceremony: less than this comes again by chance."""

PROBE_CHARS = 120
"""What must agree behind the opening: reports share some 60 characters of address and ceremony before they differ."""

PIECE_CHARS = 300
"""Shorter repetitions are refrains, forms and table heads."""

AGREEMENT = 0.8
"""Share of the shorter copy that stands in the first line by line: nearly all of a copy, little of other text."""

RETURNS = 50_000
"""A line that comes more often is a running head or a separator; to look at all of them would take seconds."""


def split_at_returns(text: str) -> list[Piece] | None:
    """Cut a text where its beginning comes again and is followed by what followed it first.

    Nothing is lifted: each copy keeps its title. The last copy may be cut off, and lines of a copy may differ. We
    leave alone: running heads and forms, because other text follows them; refrains, because they are short; other
    reports that open with the same ceremony, because they soon differ.

    Args:
        text: the normalized text.

    Returns:
        Pieces that tile the text, or None when its beginning does not return.
    """
    opening = first_line(text, 0, len(text))
    if opening is None:
        return None
    returns = list(islice(_returns(text, opening), RETURNS + 1))
    if not returns or len(returns) > RETURNS:
        return None
    probe = _probe(text, opening.start)
    starts = [at for at in returns if probe and _flow(text, at, len(probe)) == probe]
    if not starts or starts[0] - opening.start < PIECE_CHARS:
        return None
    first = _lines(text, opening.start, starts[0])
    known = set(first)
    ends = [*starts[1:], len(text)]
    copies = [at for at, end in zip(starts, ends, strict=True) if _agrees(_lines(text, at, end), first, known)]
    if 2 * len(copies) <= len(starts):
        return None
    return [Piece(start, end, PieceKind.DOCUMENT) for start, end in pairwise([0, *copies, len(text)])]


def _returns(text: str, opening: Line) -> Iterator[int]:
    """Yield where the first line comes again as a line."""
    line = "\n" + text[opening.start : opening.end]
    at = text.find(line, opening.end - 1)
    while at >= 0:
        yield at + 1
        at = text.find(line, at + len(line) - 1)


def _probe(text: str, start: int) -> str:
    """Return the opening and what must agree behind it, or nothing when the text ends before."""
    end, lines = start, 0
    while lines < OPENING_LINES or end - start < OPENING_CHARS:
        line = first_line(text, end, len(text))
        if line is None:
            return ""
        end, lines = line.end, lines + 1
    wanted = end - start + PROBE_CHARS
    probe = _flow(text, start, wanted)
    return probe if len(probe) == wanted else ""


def _flow(text: str, start: int, chars: int) -> str:
    """Return so many characters from a place on, without blank lines and indents: they may differ between copies."""
    return "\n".join(_lines(text, start, start + 2 * chars))[:chars]


def _lines(text: str, start: int, end: int) -> list[str]:
    return [line for raw in text[start:end].split("\n") if (line := raw.strip())]


def _agrees(copy: list[str], first: list[str], known: set[str]) -> bool:
    """Tell whether enough of the shorter of the two is in both; the last line of the copy may be cut off."""
    whole = copy[:-1]
    shared = sum(len(line) for line in whole if line in known)
    return shared >= AGREEMENT * min(sum(map(len, whole)), sum(map(len, first[:-1])))
