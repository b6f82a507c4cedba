"""Read a source as blocks of whole records, in memory that does not grow with the source."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from taoxi.normalize.containers.opening import CHUNK, Opened
from taoxi.normalize.encodings.codec import byte_order_mark, unit_bytes, units
from taoxi.normalize.encodings.neighbours import Neighbours
from taoxi.normalize.formats import windows
from taoxi.normalize.formats.layout import DELIMITER_LINE, HEAD, Refusal, list_start, sniff
from taoxi.normalize.formats.record import MAX_PROBLEMS_PER_BLOCK
from taoxi.normalize.formats.widths import Folding, looked_at
from taoxi.normalize.model import Block, Format, Gap, GapReason, Layout, Problem, Source, SourceFate
from taoxi.normalize.web.cutting import CUTTERS, cut_blocks

HIDDEN = "hidden"
UNREADABLE = "unreadable"
"""Formats of sources of which nothing was read, beside those of ``layout.Refusal``."""

SMALLEST_CHUNK = 4
"""Bytes: a unit of UTF-32, so that no chunk parts a unit of any encoding."""

LONG_FOOTER = 1 << 12
"""Bytes behind a list of records from which a person is told: fewer are brackets and counts."""

Report = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How inputs are read.

    Attributes:
        format: ``auto``, ``text``, ``jsonl``, ``json`` or ``csv``.
        text_field: the field that holds the text of a record, None to look for the usual names.
        block_bytes: about how large a block of records is.
        max_record: bytes of a JSON line or CSV row from which it is left out and a problem says so.
        max_expand: how many bytes one input may become by decompression.
        scratch: the folder for copies of what cannot be read in one pass, None for the system's own.
    """

    format: str = "auto"
    text_field: str | None = None
    block_bytes: int
    max_record: int
    max_expand: int
    scratch: str | None = None


def unopened(source: Source, order: int) -> SourceFate | None:
    """Return the fate of a source that is not opened, None for one that is."""
    problems = name_problems(source)
    if source.hidden:
        return SourceFate(order, source, HIDDEN, None, max(0, source.size), None, problems)
    if source.error is not None:
        problems += (Problem(source.name, source.error, None, source.member),)
        return SourceFate(order, source, UNREADABLE, None, max(0, source.size), None, problems)
    return None


def read_opened(
    opened: Opened, order: int, settings: Settings, report: Report, neighbours: Neighbours
) -> Generator[Block, None, SourceFate]:
    """Yield the blocks of a source that is open, in order, and return what became of it.

    The blocks and their gaps (the header of a CSV file, records over ``max_record``) tile the decompressed source. Text
    comes in windows that do not depend on ``block_bytes``, lines of JSON and rows of CSV in as many blocks as it takes.

    Args:
        opened: what to read.
        order: its place in the run.
        settings: how to read it.
        report: called now and then with the number of bytes as stored that were read so far.
        neighbours: the encodings of the sources before, which learns that of this one.
    """
    source = opened.source
    problems = name_problems(source)
    reading = _Reading(opened, order, report)
    head = opened.peek(HEAD)
    if not head:
        opened.finish()
        if opened.problems:
            return reading.fate(UNREADABLE, None, problems)
    name = source.member or source.name
    prior = neighbours.prior(source.folder)
    eof = len(head) < HEAD
    found = sniff(head, name, eof=eof, format=settings.format, text_field=settings.text_field, prior=prior)
    if isinstance(found, Refusal):
        report(opened.stored_bytes)
        problems += (Problem(source.name, found.message, None, source.member),)
        return reading.fate(found.format, None, problems)
    neighbours.add(source.folder, found.encoding, head)
    if found.format is Format.TEXT:
        yield from reading.texts(found)
    elif found.format in CUTTERS:
        yield from reading.stretches(found, min(settings.block_bytes, CHUNK), settings.max_record)
    else:
        most = min(settings.block_bytes, settings.max_record)
        chunk = max(SMALLEST_CHUNK, most // SMALLEST_CHUNK * SMALLEST_CHUNK)
        yield from reading.records(found, head, chunk, settings.max_record)
    opened.finish()
    report(opened.raw_bytes)
    return reading.fate(found.format.value, found.encoding, problems)


def name_problems(source: Source) -> tuple[Problem, ...]:
    """Return what is wrong with the name of a source; that of a member was made printable."""
    if source.member is not None:
        return ()
    try:
        source.path.encode()
    except UnicodeEncodeError:
        message = (
            f"The name is not UTF-8 and is recorded as {source.name}. The content is read, but rename the file, so that"
            " its documents can be traced back to it."
        )
        return (Problem(source.name, message),)
    return ()


@dataclass(slots=True)
class _Reading:
    """A source that is being read."""

    opened: Opened
    order: int
    report: Report
    problems: list[Problem] = field(default_factory=list)

    def fate(self, format_: str, encoding: str | None, before: tuple[Problem, ...]) -> SourceFate:
        """Return what became of the source."""
        opened = self.opened
        problems = (*before, *self.problems, *opened.problems)
        whole = opened.sha256 is not None
        size = opened.raw_bytes if whole or encoding is not None else opened.stored_bytes
        return SourceFate(self.order, opened.source, format_, encoding, size, opened.sha256, problems)

    def texts(self, layout: Layout) -> Generator[Block, None, None]:
        """Yield the windows of a text."""
        rest = b""
        start = window = 0
        while True:
            parts = [rest]
            missing = windows.TEXT_WINDOW - len(rest)
            while missing and (chunk := self.opened.read(min(CHUNK, missing))):
                parts.append(chunk)
                missing -= len(chunk)
                self.report(self.opened.raw_bytes)
            data = b"".join(parts) if rest or len(parts) > 2 else parts[-1]
            parts.clear()
            full = not missing and self.opened.peek(1)
            cut = (full and windows.cut_window(data, layout.encoding)) or len(data)
            if cut:
                yield Block(self.opened.source, self.order, layout, start, window, data[:cut])
            if not full:
                return
            rest = data[cut:]
            start += cut
            window += 1

    def records(self, layout: Layout, head: bytes, size: int, most: int) -> Generator[Block, None, None]:
        """Yield blocks of whole records from chunks of ``size`` bytes, and leave out records of over ``most``."""
        opened = self.opened
        scanner, start = self._scanner(layout, head, most)
        header = opened.read(start)
        gaps = [Gap(GapReason.HEADER, 0, start, data=header)] if start else []
        parts: list[bytes] = []
        held = record = 0
        oversize = False
        while chunk := opened.read(size):
            self.report(opened.raw_bytes)
            first, last, count = scanner.scan(chunk)
            if not count:
                held += len(chunk)
                oversize = oversize or held > most
                parts = [] if oversize else [*parts, chunk]
                continue
            if first < 0:  # the scanner has changed its mind about what it saw before
                chunk = b"".join((*parts, chunk))
                first, last = first + held, last + held
                parts, held = [], 0
            # A chunk is no longer than a record may be, so only the first record that ends in it can be too long.
            begin = 0
            if oversize or held + first > most:
                gaps.append(self._leave_out(record, start, held + first, most))
                start += held + first
                record, count, begin = record + 1, count - 1, first
                parts, held, oversize = [], 0, False
            data = b"".join((*parts, memoryview(chunk)[begin:last]))
            if data:
                yield Block(opened.source, self.order, layout, start, record, data, tuple(gaps))
                gaps = []
            start += len(data)
            record += count
            parts, held = [chunk[last:]], len(chunk) - last
        rest = b""
        if scanner.closed and held:
            gaps.append(Gap(GapReason.FOOTER, start, start + held, data=None if oversize else b"".join(parts)))
        elif oversize or held > most:
            gaps.append(self._leave_out(record, start, held, most))
        else:
            rest = b"".join(parts)
        problem = scanner.problem(start, held)
        if problem is not None:
            self.problems.append(Problem(opened.source.name, problem, start, opened.source.member))
        if rest or gaps:
            yield Block(opened.source, self.order, layout, start, record, rest, tuple(gaps))

    def stretches(self, layout: Layout, size: int, most: int) -> Generator[Block, None, None]:
        """Yield blocks of pages or of an archive's records."""
        source, gaps = self.opened.source, list[Gap]()

        def read(size: int) -> bytes:
            chunk = self.opened.read(size)
            self.report(self.opened.raw_bytes)
            return chunk

        def leave_out(record: int, start: int, size: int) -> None:
            gaps.append(self._leave_out(record, start, size, most))

        cutter = CUTTERS[layout.format](layout.encoding, most)
        end = count = 0
        for start, record, data in cut_blocks(read, cutter, size, most, leave_out):
            yield Block(source, self.order, layout, start, record, data, tuple(gaps))
            end, count = start + len(data), record + 1
            gaps.clear()
        if gaps:
            yield Block(source, self.order, layout, end, count, b"", tuple(gaps))

    def _scanner(self, layout: Layout, head: bytes, most: int) -> tuple[_Lines | _Rows | _Values, int]:
        """Return what finds the ends of records, and where the first record begins."""
        if layout.format is Format.JSON:
            return _Values(layout), list_start(head, layout.encoding) if layout.depth else 0
        if layout.format is Format.CSV:
            rows = _Rows(layout, most)
            return rows, rows.header_end(head)
        return _Lines(layout.encoding), 0

    def _leave_out(self, record: int, start: int, size: int, most: int) -> Gap:
        """Tell of a record that is too long, and return the gap that it leaves."""
        self._tell(
            f"Record {record:,} takes {size:,} bytes (up to byte {start + size:,}), more than the {most:,} that one"
            " record may have, and was left out. Split it, or raise max_record.",
            start,
        )
        return Gap(GapReason.OVERSIZE, start, start + size, record)

    def _tell(self, message: str, byte: int) -> None:
        """Tell a problem, or count it if too many were told."""
        source = self.opened.source
        if len(self.problems) < MAX_PROBLEMS_PER_BLOCK:
            self.problems.append(Problem(source.name, message, byte, source.member))
            return
        if len(self.problems) == MAX_PROBLEMS_PER_BLOCK:
            self.problems.append(Problem(source.name, "", byte, source.member))
        last = self.problems[-1]
        untold = last.untold + 1
        message = f"From here on there are {untold:,} more such problems. Repair the first ones first."
        self.problems[-1] = replace(last, message=message, untold=untold)


class _Lines:
    """Finds line feeds."""

    closed = False

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._folding = Folding(encoding)

    def scan(self, chunk: bytes) -> tuple[int, int, int]:
        """Return the places just behind the first and the last line end in a chunk, and how many there are."""
        width = unit_bytes(self._encoding)
        looked, before = self._folding.feed(chunk)
        if width == 1 and b"\0" not in chunk and not before:
            last = chunk.rfind(b"\n") + 1
            if not last:
                return 0, 0, 0
            count = int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == ord("\n")))  # twice as fast as bytes.count
            return chunk.find(b"\n") + 1, last, count
        ends = (np.flatnonzero(looked == ord("\n")) + 1) * width - before
        return (int(ends[0]), int(ends[-1]), len(ends)) if len(ends) else (0, 0, 0)

    def problem(self, start: int, left: int) -> str | None:
        """Return what is wrong with a last line without an end: nothing."""
        del start, left
        return None


class _Rows:
    """Finds the ends of CSV rows."""

    closed = False

    def __init__(self, layout: Layout, most: int) -> None:
        from taoxi.normalize.formats.quotes import RowScanner  # noqa: PLC0415 - its kernel brings numba, for CSV alone here

        self._layout = layout
        self._new = partial(RowScanner, layout.delimiter, layout.quote, layout.escape, len(layout.columns))
        self._scanner = self._new(reach=most // unit_bytes(layout.encoding))
        self._folding = Folding(layout.encoding)

    def header_end(self, head: bytes) -> int:
        """Return where the rows of data begin: behind a line that names the delimiter, and behind the header if any."""
        encoding = self._layout.encoding
        _, mark = byte_order_mark(head)
        width = unit_bytes(encoding)
        ends = self._new().feed(looked_at(head[mark:], encoding))
        start = mark
        named = False
        for end in (ends * width + mark).tolist():
            row = head[start:end].strip(b"\r\n\0")
            if row and not named and DELIMITER_LINE.match(head[start:end].decode(encoding, "replace")):
                named = True
            elif row:
                return int(end) if self._layout.header else start
            start = end
        return len(head) if self._layout.header else start

    def scan(self, chunk: bytes) -> tuple[int, int, int]:
        """Return the places just behind the first and the last row end in a chunk, and how many there are."""
        encoding = self._layout.encoding
        looked, before = self._folding.feed(chunk)
        ends = self._scanner.feed(looked)
        width = unit_bytes(encoding)
        return (int(ends[0]) * width - before, int(ends[-1]) * width - before, len(ends)) if len(ends) else (0, 0, 0)

    def problem(self, start: int, left: int) -> str | None:
        """Return what is wrong with a last row without an end."""
        del left
        if not self._scanner.quoted or self._scanner.swallows:
            return None
        return (
            f"A quote opens in the row at byte {start:,} and is never closed, so what follows was read as one field."
            " Close it, and run again."
        )


class _Values:
    """Finds the ends of JSON values: elements of a list, or documents in a row."""

    def __init__(self, layout: Layout) -> None:
        from taoxi.normalize.formats import brackets  # noqa: PLC0415 - its kernel brings numba, which only JSON needs here

        self._layout = layout
        self._brackets = brackets
        self._state = brackets.new_state(layout.depth)

    @property
    def closed(self) -> bool:
        """Whether the list has ended, so that what follows is none of its elements."""
        return bool(self._state[self._brackets.CLOSED])

    def scan(self, chunk: bytes) -> tuple[int, int, int]:
        """Return the places just behind the first and the last value in a chunk, and how many end there."""
        encoding = self._layout.encoding
        ends = self._brackets.value_ends(units(chunk, encoding), encoding, self._layout.depth, self._state)
        width = unit_bytes(encoding)
        return (int(ends[0]) * width, int(ends[-1]) * width, len(ends)) if len(ends) else (0, 0, 0)

    def problem(self, start: int, left: int) -> str | None:
        """Return what is wrong with the end of the document."""
        if self.closed:
            return (
                f"Behind the list of records, {left:,} bytes are no part of it; they are in the ledger."
                " If they hold texts, cut them off into a file of their own."
                if left > LONG_FOOTER
                else None
            )
        if self._layout.depth or self._state[self._brackets.DEPTH]:
            return (
                f"The JSON document breaks off in the value at byte {start:,}, as if it were cut short."
                " What came before was read; fetch it again for the rest."
            )
        return None
