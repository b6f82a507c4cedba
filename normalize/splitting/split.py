"""Cut a text source into its documents, and lift their titles and dates out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taoxi.normalize.model import Piece, PieceKind
from taoxi.normalize.splitting.contents import split_by_contents
from taoxi.normalize.splitting.delimiter import first_line, last_line, mark_lines, split_at_delimiters, split_at_pattern
from taoxi.normalize.splitting.listing import split_list_page
from taoxi.normalize.splitting.returning import split_at_returns


def split(text: str, how: str = "auto") -> list[Piece]:
    """Cut a normalized text into documents and what stands between them.

    With ``auto`` the forms are tried from the one that proves most to the one that proves least: list page, table of
    contents, delimiter lines, a beginning that returns. The first that fits is taken; its documents are not cut
    further. A text that none plainly fits is one document.

    Args:
        text: one source after character normalization: line feeds only, no two blank lines in a row. Full-width forms
            may still be in it.
        how: ``auto``, ``none`` (the text is one document), or a regular expression that matches whole delimiter lines.

    Returns:
        Pieces that tile the text and begin where lines begin. No document is blank: blank lines belong to the
        piece beside them. An empty text has no pieces, a blank one is a separator.

    Raises:
        ValueError: if ``how`` is not a regular expression.
    """
    pieces: Iterable[Piece] | None = None
    if how == "auto":
        marks = mark_lines(text)
        pieces = (
            split_list_page(text, marks)
            or split_by_contents(text)
            or split_at_delimiters(text, marks)
            or split_at_returns(text)
        )
    elif how != "none":
        pieces = split_at_pattern(text, how)
    return _settle(text, pieces or [Piece(0, len(text), PieceKind.DOCUMENT)])


def _settle(text: str, pieces: Iterable[Piece]) -> list[Piece]:
    """Give blank pieces to a neighbour, and the blank lines at a document's edges to the separators beside it."""
    joined: list[Piece] = []
    begin = 0
    for piece in pieces:
        if first_line(text, piece.start, piece.end):
            joined.append(replace(piece, start=begin))
        elif joined:
            joined[-1] = replace(joined[-1], end=piece.end)
        begin = joined[-1].end if joined else 0
    if not joined:
        return [Piece(0, len(text), PieceKind.SEPARATOR, "blank")] if text else []
    for at, piece in enumerate(joined):
        if piece.kind is not PieceKind.DOCUMENT:
            continue
        first, last = first_line(text, piece.start, piece.end), last_line(text, piece.start, piece.end)
        if at and first:
            joined[at - 1] = replace(joined[at - 1], end=first.start)
            joined[at] = replace(joined[at], start=first.start)
        if at + 1 < len(joined) and joined[at + 1].kind is not PieceKind.DOCUMENT and last:
            joined[at] = replace(joined[at], end=last.end)
            joined[at + 1] = replace(joined[at + 1], start=last.end)
    return joined
