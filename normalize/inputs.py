"""Read one input of a run: a file by itself, or an archive as the many sources that lie in it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from itertools import chain

from taoxi.normalize.containers.compression import Read
from taoxi.normalize.containers.expansion import Budget
from taoxi.normalize.containers.members import Member
from taoxi.normalize.containers.names import is_hidden
from taoxi.normalize.containers.opening import Opened, Raw, open_source
from taoxi.normalize.containers.store import Copy, Store
from taoxi.normalize.containers.tars import BLOCK, TarReader, is_tar
from taoxi.normalize.containers.zips import ZipReader
from taoxi.normalize.encodings.codec import UTF8
from taoxi.normalize.encodings.neighbours import Neighbours
from taoxi.normalize.formats import kinds
from taoxi.normalize.formats.blocks import HIDDEN, Report, Settings, name_problems, read_opened, unopened
from taoxi.normalize.model import INSIDE, Block, Format, Problem, Source, SourceFate

ZIP, TAR = "zip", "tar"
"""Formats of archives in the table of sources."""

PARQUET = Format.PARQUET.value

MAX_DEPTH = 2
"""Archives that may lie in each other: one in one is usual (a month of days), more are bombs."""

Found = Block | SourceFate
Deal = Callable[[Source], int]
"""Gives a source its number in the run."""


def read_input(
    source: Source,
    deal: Deal,
    settings: Settings,
    report: Report,
    neighbours: Neighbours | None = None,
    raw: Raw | None = None,
) -> Generator[Found, None, None]:
    """Yield the blocks of an input, and the fate of each source in it: of an archive first all members', then its own.

    Args:
        source: what a person or a walk named.
        deal: called for the input itself, then for each member when its turn comes.
        settings: how to read.
        report: called now and then with the number of bytes as stored that were read so far.
        neighbours: the encodings of the sources before, which learns those of this input.
        raw: its bytes as stored; None to open its path.
    """
    order = deal(source)
    fate = unopened(source, order)
    if fate is not None:
        yield fate
        return
    budget = Budget(settings.max_expand)
    with open_source(source, raw, budget) as opened:
        yield from _Input(settings, deal, budget, report, neighbours or Neighbours()).read(opened, order, 0)


class _Input:
    """An input that is being read, down into the archives that it holds."""

    def __init__(self, settings: Settings, deal: Deal, budget: Budget, report: Report, neighbours: Neighbours) -> None:
        self._settings = settings
        self._neighbours = neighbours
        self._deal = deal
        self._budget = budget
        self._report = report
        self._top: Callable[[], int] | None = None
        self._names: set[str] = set()

    def read(self, opened: Opened, order: int, depth: int) -> Iterator[Found]:
        """Read a source that is open and lies in ``depth`` archives."""
        kind = self._kind(opened)
        if kind is None:
            report = self._moved if self._top else self._report
            yield (yield from read_opened(opened, order, self._settings, report, self._neighbours))
        elif kind == PARQUET:
            yield from self._parquet(opened, order)
        elif depth == MAX_DEPTH:
            message = "This is an archive in an archive in an archive, which is not opened. Unpack the outer one first."
            yield self._refused(opened, order, kind, message)
        else:
            self._top = self._top or (lambda: opened.raw_bytes)
            yield from (self._tar if kind == TAR else self._zip)(opened, order, depth)

    @staticmethod
    def _kind(opened: Opened) -> str | None:
        head = opened.peek(BLOCK)
        if head.startswith(kinds.ZIP):
            return ZIP
        if head.startswith(kinds.PARQUET) and kinds.controls(head):
            return PARQUET
        return TAR if is_tar(head) else None

    def _tar(self, opened: Opened, order: int, depth: int) -> Iterator[Found]:
        reader = TarReader(opened.read, self._reopener(opened))
        for member in reader.members():
            yield from self._member(opened.source, member, depth)
            self._moved()
        yield self._fate(opened, order, TAR, reader.problems)

    def _zip(self, opened: Opened, order: int, depth: int) -> Iterator[Found]:
        with self._store(opened) as store:
            reader = ZipReader(store, self._budget)
            what = reader.document()
            if what is not None:
                message = (
                    f"This is {what}, which this version does not open. Convert it to text first, or leave it out."
                )
                yield self._refused(opened, order, "binary", message)
                return
            if depth == 0 and store.path == opened.source.path:
                self._top = lambda: min(reader.taken, store.size)
            for member in reader.members():
                yield from self._member(opened.source, member, depth)
                self._moved()
            problems = list(reader.problems)
            if store.full:
                message = (
                    f"Its copy takes more than what is left of the {self._budget.most:,} bytes that the input may take,"
                    " and was read no further. Raise --max-expand if you trust it, or unpack it and name the result."
                )
                problems.append((message, store.size))
            yield self._fate(opened, order, ZIP, problems)

    def _parquet(self, opened: Opened, order: int) -> Iterator[Found]:
        from taoxi.normalize.formats.parquet import ParquetReader  # noqa: PLC0415 - few inputs need its libraries

        top = self._top is None
        with self._store(opened) as store:
            settings = self._settings
            reader = ParquetReader(
                *(store, opened.source, order, settings.text_field, settings.block_bytes, self._budget),
                self._report if top else self._moved,
            )
            refusal = yield from reader.blocks()
            if refusal is not None:
                yield self._refused(opened, order, refusal.format, refusal.message)
                return
            fate = self._fate(opened, order, PARQUET, [])
            yield replace(fate, encoding=UTF8, problems=(*fate.problems, *reader.problems))

    def _member(self, archive: Source, member: Member, depth: int) -> Iterator[Found]:
        """Read a member as a source of its own."""
        source = self._named(member_of(archive, member))
        order = self._deal(source)
        if source.hidden:
            yield SourceFate(order, source, HIDDEN, None, max(0, member.size), None)
        elif member.open is None:
            problem = Problem(source.name, member.message, None, source.member)
            yield SourceFate(order, source, member.kind.value, None, max(0, member.size), None, (problem,))
        else:
            with open_source(source, member.open(), self._budget) as opened:
                yield from self.read(opened, order, depth + 1)

    def _named(self, source: Source) -> Source:
        """Return a member under a name of its own: an archive may hold several of one name, and each is a source."""
        name = first = source.member or ""
        number = 1
        while name in self._names:
            number += 1
            name = f"{first}#{number}"
        self._names.add(name)
        return source if name == first else replace(source, member=name)

    def _store(self, opened: Opened) -> Store:
        """Return a source as a file that can be read at any place, copied if need be."""
        if opened.is_plain_file:
            return Store(opened.source.path)
        return Copy(opened, self._settings.scratch, self._budget, self._moved)

    def _reopener(self, opened: Opened) -> Callable[[int], Read] | None:
        if not opened.is_plain_file:
            return None

        def reopen(offset: int) -> Read:
            store = Store(opened.source.path)
            return store.reader(offset, store.size - offset)

        return reopen

    def _fate(
        self, opened: Opened, order: int, kind: str, problems: list[tuple[str, int]] | list[tuple[str, int | None]]
    ) -> SourceFate:
        """Return the fate of an archive that was read."""
        opened.finish()
        source = opened.source
        if source.member is None:
            self._report(opened.raw_bytes)
        told = (Problem(source.name, message, byte, source.member) for message, byte in problems)
        problems_ = tuple(chain(name_problems(source), opened.problems, told))
        return SourceFate(order, source, kind, None, opened.raw_bytes, opened.sha256, problems_)

    def _refused(self, opened: Opened, order: int, kind: str, message: str) -> SourceFate:
        """Return the fate of an archive that is not read."""
        source = opened.source
        problems = (*name_problems(source), Problem(source.name, message, None, source.member))
        return SourceFate(order, source, kind, None, opened.stored_bytes, None, problems)

    def _moved(self, _size: int = 0) -> None:
        """Report how far the outermost archive is read."""
        if self._top is not None:
            self._report(self._top())


def member_of(archive: Source, member: Member) -> Source:
    """Return a member as a source; its folder is that of the archive and its own.

    >>> inner = member_of(Source("d/a.zip", "d/a.zip", "d"), Member("sub/b.tar", 7))
    >>> inner.member, inner.folder
    ('sub/b.tar', 'd/a.zip!/sub')
    >>> member_of(inner, Member("c.txt", 1)).label
    'd/a.zip!/sub/b.tar!/c.txt'
    """
    path = member.name if archive.member is None else archive.member + INSIDE + member.name
    folder, _, last = path.rpartition("/")
    folder = folder.removesuffix("!") if archive.member is not None and last == member.name else folder
    whole = archive.name + (INSIDE + folder if folder else "")
    return replace(archive, member=path, folder=whole, size=member.size, hidden=is_hidden(member.name), error=None)
