"""A look for a person: tables that fit the terminal, pairs with their differences marked, and what to run next."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import string
import sys
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import click

from taoxi.cli.marking import Mark, places
from taoxi.cli.summary import LISTED, counted
from taoxi.cli.tables import Line, figure_cells, fitted, rounded, size_of, table, tail, wrapped
from taoxi.cli.text import escape, on_terminal, share
from taoxi.cli.words import CHANGES

if TYPE_CHECKING:
    from taoxi.corpus.looking import Look
    from taoxi.corpus.looking.report import Pair

WIDTH = 80
"""Columns where nobody knows how wide the reader's screen is."""

WIDEST = 120
"""Columns beyond which a table is harder to read, not easier."""

PAIRS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
"""Steps of similarity of which a pair is shown to a person; a program gets all."""

STEP = 0.05

FRONTS = 3
"""Sources that were read from the front only that are named."""

SITES = 4
"""Sites of which repeated lines are shown."""

PLACES = 3
"""Places in which a pair differs that are shown."""

SAME, CHANGED = 20, 16
"""Columns that a stretch may take that is the same in both of a pair, and that differs."""

BAR = 24
"""Columns of the longest bar."""

ESTIMATES = (
    "Figures with ~ are estimates for the whole, in brackets the range that should hold nine of ten; all others are of"
    " what was looked at. --all looks at everything."
)
"""What is said of figures when a sample was read."""

DAMAGE = ("mojibake", "mojibake_left", "lost_text", "entity", "private_use", "control")
"""Counters that tell how a text was handled before it came here."""


def show(found: Look) -> None:
    """Write what was found to standard output."""
    if not on_terminal(sys.stdout):
        for line, _ in lines(found, WIDTH):
            click.echo(line)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    for line, style in lines(found, min(shutil.get_terminal_size().columns, WIDEST)):
        console.print(Text(line, style=style))


def lines(found: Look, width: int) -> Iterator[Line]:
    """Yield what was found, line by line, each at most ``width`` columns wide but for sentences and the command."""
    yield from wrapped(_what(found), width)
    yield from table("format", ("files", "read", "records", "documents"), _formats(found), width)
    yield from table("encoding", ("files", "damaged", "bad bytes"), _encodings(found), width)
    yield from _sites(found, width)
    yield from _copies(found, width)
    yield from _thresholds(found, width)
    yield from _pairs(found, width)
    yield from _repeated(found, width)
    yield from _marks(found, width)
    yield from _changes(found, width)
    for heading, rows in (("problem", list(map(str, found.problems))), ("alarm", list(map(str, found.alarms)))):
        if rows:
            yield "", ""
            yield counted(len(rows), heading), "bold"
            for row in rows[:LISTED]:
                yield from wrapped(escape(row), width, "  ")
            if len(rows) > LISTED:
                yield f"  and {len(rows) - LISTED:,} more", ""
    yield "", ""
    for sentence in found.advice:
        yield from wrapped(escape(sentence), width)
    if found.documents.estimate:
        yield f"Next: {command(found)}", "bold"
    else:
        yield "Next: there is nothing to clean in it; name other inputs.", "bold"


def command(found: Look) -> str:
    """Return the command to run next, as a shell reads it; what no terminal shows is written as bash and zsh escape it.

    ``$'...'`` takes the bytes of a name one by one, so that a name that is not UTF-8 arrives as it is.
    """
    return " ".join(shlex.quote(word) if word.isprintable() else _escaped(word) for word in found.command)


def _escaped(word: str) -> str:
    plain = set(string.ascii_letters + string.digits + "./_-")
    shown = (chr(byte) if chr(byte) in plain else f"\\x{byte:02x}" for byte in os.fsencode(word))
    return f"$'{''.join(shown)}'"


def _what(found: Look) -> str:
    """Return the sentences that say what was looked at, and what is estimated."""
    size = "" if found.bytes is None else f", {size_of(found.bytes)}"
    whole = f"{counted(found.sources, 'file')}{size}"
    if found.whole:
        return f"{whole}: all of it was looked at, and every figure is what 'taoxi clean' finds."
    part = "" if not found.bytes else f", {share(found.looked_bytes, found.bytes)} of the bytes"
    said = [
        f"{whole}: {size_of(found.looked_bytes)} in {counted(found.looked_sources, 'file')} were looked at{part}.",
        ESTIMATES,
    ]
    if found.fronts:
        first = ", ".join(escape(name) for name in found.fronts[:FRONTS])
        more = f" and {len(found.fronts) - FRONTS:,} more" if len(found.fronts) > FRONTS else ""
        said.append(f"Read from the front only, so that what follows may differ: {first}{more}.")
    return " ".join(said)


def _formats(found: Look) -> list[tuple[str, ...]]:
    return [
        (row.format, f"{row.sources:,}", size_of(row.bytes), f"{row.records:,}", f"{row.documents:,}")
        for row in found.formats
    ]


def _encodings(found: Look) -> list[tuple[str, ...]]:
    return [
        (row.encoding, f"{row.sources:,}", _unless_none(row.damaged), _unless_none(row.bad_bytes))
        for row in found.encodings
    ]


def _sites(found: Look, width: int) -> Iterator[Line]:
    rows = [
        (
            row.site or ".",
            _about(row.documents, found),
            share(row.documents, found.documents.estimate),
            _about(row.characters, found),
        )
        for row in found.sites
    ]
    more = found.site_count - len(rows)
    if more > 0:
        rest = found.documents.estimate - sum(row.documents for row in found.sites)
        rest = max(0, rest)
        rows.append((f"{more:,} more", _about(rest, found), share(rest, found.documents.estimate), ""))
    yield from table("site", ("documents", "share", "characters"), rows, width)


def _copies(found: Look, width: int) -> Iterator[Line]:
    rows = [
        ("documents", *figure_cells(found.documents), ""),
        *(
            (f"  removed: {escape(reason)}", *figure_cells(figure), share(figure.estimate, found.documents.estimate))
            for reason, figure in found.removed.items()
        ),
    ]
    stay = found.documents.estimate - sum(figure.estimate for figure in found.removed.values())
    total = next(t.removed for t in found.thresholds if t.similarity == found.similarity)
    empty = found.removed.get("empty")
    if not found.whole:
        stay = found.documents.estimate - total.estimate - (empty.estimate if empty else 0)
    rows.append(("  kept", _about(stay, found), "", share(stay, found.documents.estimate)))
    rows.append(("characters", *figure_cells(found.characters), ""))
    yield from table(f"at a similarity of {found.similarity:g}", ("", "", "share"), rows, width)


def _thresholds(found: Look, width: int) -> Iterator[Line]:
    documents = found.documents.estimate
    most = max((row.removed.estimate for row in found.thresholds), default=0)
    if not any(row.near.high for row in found.thresholds):
        yield "", ""
        yield "There are no near copies: no similarity from 0.5 up makes a difference.", ""
        return
    rows = []
    for row in found.thresholds:
        mine = "*" if row.similarity == found.similarity else " "
        near, removed = figure_cells(row.near)[0], figure_cells(row.removed)
        rows.append((f"{row.similarity:.2f}{mine}", near, *removed, share(row.removed.estimate, documents)))
    drawn = list(table("similarity", ("near", "removed", "", "share"), rows, width))
    room = min(BAR, width - max(len(line) for line, _ in drawn) - 2)
    bars = [room * row.removed.estimate // most for row in found.thresholds] if room > 0 and most else [0] * len(rows)
    yield from drawn[: -len(rows)]
    for (line, style), bar in zip(drawn[-len(rows) :], bars, strict=True):
        yield f"{line}  {'█' * bar}".rstrip(), style


def _pairs(found: Look, width: int) -> Iterator[Line]:
    shown = [pair for pair in found.pairs if any(step <= pair.similarity < step + STEP for step in PAIRS)]
    if not shown:
        return
    yield "", ""
    yield "pairs to judge by eye: is the second one a copy?", "bold"
    for pair in shown:
        first, second = _sides(pair, width - 8)
        yield f"  {pair.similarity:.2f}  {first}", ""
        yield f"        {second}", ""
        found_places = list(places(pair.differences))
        for place in found_places[:PLACES]:
            yield f"        {_clip(place, width - 8)}", "dim"
        more = len(found_places) - PLACES
        if more > 0:
            yield f"        and {counted(more, 'more place')} in which they differ", "dim"


def _clip(place: list[Mark], width: int) -> str:
    """Return the first changes of a place, each stretch cut so that a change shows whole and both its sides."""
    from rich.cells import cell_len

    line = ""
    for number, mark in enumerate(place):
        if mark.same:
            fresh = fitted(mark.left, SAME) if number else tail(mark.left, SAME)
        else:
            fresh = f"[-{fitted(mark.left, CHANGED)}-]" if mark.left else ""
            fresh += f"{{+{fitted(mark.right, CHANGED)}+}}" if mark.right else ""
        if cell_len(line) + cell_len(fresh) >= width:
            return f"{line.rstrip('…')}…"
        line += fresh
    return line


def _sides(pair: Pair, width: int) -> list[str]:
    """Return where two documents came from: of long names what differs, and of titles what there is room for."""
    from rich.cells import cell_len

    names, rest = [], []
    for side in (pair.kept, pair.removed):
        names.append(escape(side.source if side.member is None else f"{side.source}!/{side.member}"))
        place = f" at byte {side.byte:,}" if side.record is None else f" record {side.record:,}" if side.record else ""
        place += f" part {side.part:,}" if side.part else ""
        rest.append(f"{place}, {side.characters:,} characters" + (f"  {escape(side.title)}" if side.title else ""))
    room = max(12, 2 * width // 3)
    if names[0] != names[1] and max(map(cell_len, names)) > room:
        pairs = zip(*(name.split("/") for name in names), strict=False)
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        names = ["/".join(["…", *name.split("/")[same:]]) for name in names] if same else names
    return [fitted(tail(name, room) + more, width) for name, more in zip(names, rest, strict=True)]


def _repeated(found: Look, width: int) -> Iterator[Line]:
    rows = []
    before = None
    sites = list(dict.fromkeys(row.site for row in found.lines))[:SITES]
    for row in (row for row in found.lines if row.site in sites):
        if row.site != before:
            rows.append((row.site or ".", "", "", ""))
            before = row.site
        rows.append((f"  {row.line}", f"{row.documents:,}", f"of {row.of:,}", row.goes or "stays"))
    yield from table("lines that sites repeat", ("documents", "", "a run takes it as"), rows, width)


def _marks(found: Look, width: int) -> Iterator[Line]:
    rows = [
        (mark.text, mark.kind.replace("_", " "), f"{mark.seen:,}", f"{mark.cut:.0%}", fitted(escape(mark.site), 24))
        for mark in found.marks
    ]
    yield from table("suspected marks", ("kind", "seen", "in sentences", "site"), rows, width, last_left=True)


def _changes(found: Look, width: int) -> Iterator[Line]:
    rows = [(f"{rule}: {CHANGES[rule]}", f"{found.changes[rule]:,}") for rule in DAMAGE if found.changes.get(rule)]
    yield from table("signs of damage", ("times",), rows, width)


def _about(count: int, found: Look) -> str:
    return f"{count:,}" if found.whole else f"~{rounded(count):,}"


def _unless_none(count: int) -> str:
    return f"{count:,}" if count else ""


# For programs


def as_json(found: Look) -> str:
    """Return what was found as one JSON object, in the words of ``taoxi.corpus.looking.report``."""
    import dataclasses

    def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if isinstance(value, (tuple, list)):
            return [plain(each) for each in value]
        return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else value

    fields: dict[str, Any] = plain(found)
    for row, pair in zip(fields["pairs"], found.pairs, strict=True):
        row["differences"] = [[{"left": m.left, "right": m.right} for m in place] for place in places(pair.differences)]
    fields["seconds"] = round(found.seconds, 3)
    fields["command_line"] = command(found)
    fields["exit_code"] = int(found.exit_code)
    return json.dumps(fields)
