"""An explanation for a person: facts as aligned lines, differences marked, on a terminal in colour and side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from taoxi.cli.marking import Mark, clipped, marked, places, visible
from taoxi.cli.summary import counted
from taoxi.cli.text import on_terminal
from taoxi.cli.words import CHANGES, KINDS, PIECES_OF, REASONS, figure, proof
from taoxi.corpus.explanation import Document, Explanation, Kept, Piece, Removed, Replaced, Where

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

SHOWN = 200
"""Characters of a text that are shown."""

PIECES = 40
"""Pieces of a document, and places in which two texts differ, that are shown; the rest is counted."""

NARROW = 72
"""Columns of a terminal below which two texts stand one above the other."""


class Fact(NamedTuple):
    """A line of an explanation: what it is about (once for several lines), and what it says."""

    label: str
    text: str


class Section(NamedTuple):
    """A part of an explanation: a heading, facts, and the places in which two texts differ, with what is not shown."""

    heading: str
    facts: list[Fact]
    places: Sequence[list[Mark]] = ()
    rest: str = ""


def show(explanation: Explanation) -> None:
    """Write an explanation to standard output."""
    if on_terminal(sys.stdout):
        _draw(explanation)
        return
    for line in plain(explanation):
        click.echo(line)


def plain(explanation: Explanation) -> Iterator[str]:
    """Yield the lines of an explanation for a pipe or a file."""
    for number, section in enumerate(sections(explanation)):
        if number:
            yield ""
        yield section.heading
        width = max((len(fact.label) for fact in section.facts), default=0)
        yield from (f"  {fact.label:{width}}  {fact.text}".rstrip() for fact in section.facts)
        if section.places:
            yield "  [-only in the kept text-] {+only in the removed one+}"
            yield from (f"    {marked(place)}" for place in section.places)
        if section.rest:
            yield f"  {section.rest}"


def sections(explanation: Explanation) -> Iterator[Section]:
    """Yield the parts of an explanation: what is kept first, then what was removed, then pieces."""
    yield from map(_replaced, explanation.replaced)
    yield from map(_kept, explanation.kept)
    leaders: set[str | None] = set()
    for removed in explanation.removed:
        known = bool(explanation.kept) or removed is not explanation.removed[0]
        yield _removed(removed, known=known, compared=removed.leader not in leaders)
        leaders.add(removed.leader)
    more = explanation.removed_count - len(explanation.removed)
    if more:
        yield Section(f"and {counted(more, 'more removed document')} of the same text", [])
    yield from (_piece(explanation.id, piece) for piece in explanation.pieces)
    more = explanation.pieces_count - len(explanation.pieces)
    if more:
        yield Section(f"and {counted(more, 'more piece')} of the same text", [])


def _replaced(old: Replaced) -> Section:
    by = f"{old.by}, with the lines in it that were taken out as {' and '.join(old.back)}"
    return Section(f"{old.id} was kept by run {old.of}, and is not in the corpus any more", [Fact("replaced by", by)])


def _kept(kept: Kept) -> Section:
    facts = list(_document(kept.document))
    if kept.instead is not None:
        back = " and ".join(kept.instead.back)
        facts.append(Fact("restored", f"'taoxi restore' put lines back that were taken out as {back};"))
        facts.append(Fact("", f"before, it was {kept.instead.id}"))
    if kept.restored:
        facts.append(Fact("restored", "it had been removed, and 'taoxi restore' put it back"))
    if kept.stands_for or kept.passages:
        words = [counted(kept.stands_for, "removed document")] if kept.stands_for else []
        words += [f"{counted(kept.passages, 'passage')} cut from others"] if kept.passages else []
        facts.append(Fact("stands for", " and ".join(words)))
    facts += [
        Fact("", f"{copy.id}  {_measured(copy.reason, copy.similarity)}, {_place(copy.where)}") for copy in kept.copies
    ]
    more = kept.stands_for - len(kept.copies)
    return Section(f"{kept.document.id} is kept", [*facts, *([Fact("", f"and {more:,} more")] if more > 0 else [])])


def _removed(removed: Removed, *, known: bool, compared: bool) -> Section:
    """Return the part of a removed document; ``known`` if its text stands above, ``compared`` if that is new."""
    facts = [Fact("because", REASONS.get(removed.reason, removed.reason))]
    measured = figure(removed.reason, removed.similarity)
    facts += [Fact("measured", measured)] if measured else []
    if removed.leader is not None:
        where = "" if removed.leader_where is None else f", {_place(removed.leader_where)}"
        facts.append(Fact("leader", f"{removed.leader}{where}"))
    facts += [fact for fact in _document(removed.document) if not known or fact.label != "text"]
    found = list(places(removed.differences or ())) if compared else []
    rest = ""
    if not compared:
        rest = "It differs from its leader as said above."
    elif removed.differences is None and removed.leader is not None:
        rest = "The leader's text is not here to compare: its corpus is plain text, or its run was replaced."
    elif removed.leader is not None and not found:
        rest = "The two texts are the same."
    elif len(found) > PIECES:
        rest = f"and {counted(len(found) - PIECES, 'more place')} in which they differ"
    return Section(f"{removed.document.id} was removed: {removed.reason}", facts, found[:PIECES], rest)


def _piece(id_: str, piece: Piece) -> Section:
    facts = [Fact("is", KINDS.get(piece.kind, piece.kind))]
    said = proof(piece.evidence) or PIECES_OF.get(f"{piece.kind}/{piece.reason}")
    facts += [Fact("because", said)] if said else []
    if piece.leader is not None and piece.leader != piece.document:
        facts.append(Fact("leader", f"{piece.leader} keeps it"))
    if piece.document is not None:
        place = "" if piece.offset is None else f", at character {piece.offset:,} of its text"
        facts.append(Fact("cut from", f"{piece.document}{place}"))
    facts += _origin(piece.where)
    text = clipped(piece.text or "", SHOWN) or "(nothing)"
    if piece.before is not None and piece.behind is not None:
        facts.append(Fact("in its place", f"{visible(piece.before)}[-{text}-]{visible(piece.behind)}"))
    else:
        facts.append(Fact("text", text))
    return Section(f"{id_} was cut: {piece.kind}/{piece.reason}", facts)


def _document(document: Document) -> Iterator[Fact]:
    yield from _origin(document.where)
    yield Fact("text", f"{counted(len(document.text), 'character')}: {clipped(document.text, SHOWN)}")
    label = "changed"
    for rule, count in sorted(document.changes.items(), key=lambda item: (-item[1], item[0])):
        yield Fact(label, f"{count:,} {rule}: {CHANGES.get(rule, rule)}")
        label = ""
    label = "joined"
    for join in document.joins:
        became = "became a space" if join.now else "went"
        yield Fact(label, f"{counted(join.places, 'time')} {visible(join.was)} {became}")
        label = ""
    label = "cut"
    for piece in document.pieces[:PIECES]:
        said = proof(piece.evidence)
        place = "" if piece.offset is None else f" at {piece.offset:,}"
        shown = clipped(piece.text or "", SHOWN // 2)
        yield Fact(label, f"{piece.kind}/{piece.reason}{place}: {shown}{f' ({said})' if said else ''}")
        label = ""
    more = len(document.pieces) - PIECES
    if more > 0:
        yield Fact("", f"and {more:,} more")


def _origin(where: Where) -> Iterator[Fact]:
    yield Fact("from", f"{_place(where)}, bytes {where.byte_start:,} to {where.byte_end:,}")
    yield Fact("in", f"{where.file}, row {where.row:,}, of run {where.run}")
    for label in ("title", "date", "url", "site"):
        value = getattr(where, label)
        if value:
            yield Fact(label, clipped(value, SHOWN))
    if where.encoding is not None:
        bad = f" with {counted(where.bad_bytes, 'bad byte')}" if where.bad_bytes else ""
        yield Fact("encoding", f"{visible(where.encoding)}{bad}")


def _measured(reason: str, similarity: float) -> str:
    return reason if reason == "exact" else f"{reason} {similarity:.1%}"


def _place(where: Where) -> str:
    """Return where in the input a row came from."""
    name = where.source if where.member is None else f"{where.source}!/{where.member}"
    record = "" if where.record is None else f", record {where.record:,}"
    part = f", part {where.part:,}" if where.part else ""
    return f"{visible(name)}{record}{part}"


# On a terminal


def _draw(explanation: Explanation) -> None:
    """Write an explanation to the terminal: its width decides how two texts stand."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(markup=False, emoji=False, highlight=False)
    for number, section in enumerate(sections(explanation)):
        if number:
            console.print()
        console.print(Text(section.heading, style="bold"))
        grid = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for fact in section.facts:
            grid.add_row(Text(f"  {fact.label}"), Text(fact.text))
        console.print(grid)
        if section.places:
            console.print(compared(section.places, console.width))
        if section.rest:
            console.print(Text(f"  {section.rest}", style="dim"))


def compared(found: Sequence[list[Mark]], width: int) -> Table:
    """Return the places in which two texts differ, side by side, or one above the other where that is too narrow."""
    from rich.box import SIMPLE
    from rich.table import Table

    wide = width >= NARROW
    table = Table(box=SIMPLE, show_lines=True, show_header=wide, expand=wide)
    if wide:
        table.add_column("kept", ratio=1, overflow="fold")
        table.add_column("removed", ratio=1, overflow="fold")
    else:
        table.add_column("", style="dim", no_wrap=True)
        table.add_column("", overflow="fold")
    for place in found:
        left, right = _side(place, right=False), _side(place, right=True)
        if wide:
            table.add_row(left, right)
        else:
            table.add_row("kept", left)
            table.add_row("removed", right)
    return table


def _side(place: list[Mark], *, right: bool) -> Text:
    from rich.text import Text

    text = Text()
    for mark in place:
        style = "" if mark.same else ("bold green" if right else "bold red")
        text.append(mark.right if right else mark.left, style=style)
    return text
