"""Read the members of a ZIP archive, also of one that is cut short, damaged, or made to do harm."""

from __future__ import annotations

import lzma
import stat
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from taoxi.normalize.containers.compression import MEMORY, Break, Compression, Decoder, Read, decompressed
from taoxi.normalize.containers.directory import LOCAL, Entry, directory_of
from taoxi.normalize.containers.expansion import Budget, bounded
from taoxi.normalize.containers.members import Member, MemberBytes, MemberKind
from taoxi.normalize.containers.names import printable
from taoxi.normalize.containers.store import Store
from taoxi.normalize.sources import natural_key

_STORED = 0
_METHODS = {
    8: Compression.DEFLATE,
    12: Compression.BZ2,
    14: Compression.LZMA,
    20: Compression.ZST,
    93: Compression.ZST,
    95: Compression.XZ,
}
_NAMES = {1: "shrink", 6: "implode", 9: "deflate64", 97: "WavPack", 98: "PPMd"}
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_AES = 99
_HEADER = 30

_DOCUMENTS = (
    ("[Content_Types].xml", "an Office document (.docx, .xlsx, .pptx)"),
    ("META-INF/container.xml", "an e-book (.epub)"),
    ("META-INF/MANIFEST.MF", "a Java archive (.jar) or an app"),
    ("AndroidManifest.xml", "an app"),
    ("mimetype", "an OpenDocument file or an e-book (.odt, .epub)"),
    ("Index/Document.iwa", "an iWork document"),
)


class _Lzma:
    """One LZMA stream of a ZIP archive, which may end without a mark."""

    def __init__(self, size: int) -> None:
        self._head = b""
        self._inner: lzma.LZMADecompressor | None = None
        self._left = size

    @property
    def eof(self) -> bool:
        return self._left == 0 or (self._inner is not None and self._inner.eof)

    @property
    def needs_input(self) -> bool:
        return self._inner is None or self._inner.needs_input

    @property
    def unused_data(self) -> bytes:
        return b""  # an end without a mark lies anywhere in what was given

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._inner is None:
            self._head += data
            if len(self._head) < 9:
                return b""
            self._inner, data = self._start(self._head[4:9]), self._head[9:]
        out = self._inner.decompress(data, max_length if self._left < 0 else min(max_length, self._left))
        self._left -= len(out) if self._left > 0 else 0
        return out

    @staticmethod
    def _start(properties: bytes) -> lzma.LZMADecompressor:
        """Return a decoder for the nine times five times five ways that a byte of properties tells."""
        rest, lc = divmod(properties[0], 9)
        pb, lp = divmod(rest, 5)
        size = int.from_bytes(properties[1:], "little")
        if size > MEMORY:
            raise lzma.LZMAError("it asks for more memory than it may have")
        try:
            return lzma.LZMADecompressor(
                lzma.FORMAT_RAW,
                filters=[{"id": lzma.FILTER_LZMA1, "dict_size": max(size, 4096), "lc": lc, "lp": lp, "pb": pb}],
            )
        except ValueError as error:
            raise lzma.LZMAError("its properties are none") from error


@dataclass(slots=True)
class ZipReader:
    """The members of a ZIP archive, in natural order of their names.

    Attributes:
        store: the archive.
        budget: what the input that it belongs to may become.
        problems: what was wrong with the archive itself.
        taken: how many bytes of the archive the members took so far.
    """

    store: Store
    budget: Budget
    problems: list[tuple[str, int | None]] = field(default_factory=list)
    taken: int = 0

    def document(self) -> str | None:
        """Return what the archive is if it is a document or a program rather than a dump."""
        names = {entry.name for entry in self._entries()}
        for name, what in _DOCUMENTS:
            if name in names and (name != "mimetype" or any(name.startswith("META-INF/") for name in names)):
                return what
        return None

    def members(self) -> Iterator[Member]:
        """Yield the members; folders are none."""
        entries = self._entries()
        hidden_behind = _overlapping(entries, self.store.size)
        for entry in sorted(entries, key=lambda entry: natural_key(entry.name)):
            if entry.name.endswith("/") and not entry.size:
                continue
            if entry.start in hidden_behind and hidden_behind[entry.start] is not entry:
                message = (
                    "Its bytes are also those of another member, as in bombs. Leave it out, or pack the files anew."
                )
                yield Member(printable(entry.name), entry.size, message=message)
            else:
                yield self._member(entry)

    def _entries(self) -> list[Entry]:
        if not self._read:
            found = directory_of(self.store)
            self._found = found.entries
            if found.trouble is not None:
                self.problems.append((found.trouble, None))
            self._read = True
        return self._found

    _found: list[Entry] = field(default_factory=list)
    _read: bool = False

    def _member(self, entry: Entry) -> Member:
        name = printable(entry.name)
        if entry.flags & _ENCRYPTED or entry.method == _AES:
            message = "It is encrypted. Unpack it with its password, then name what comes out."
            return Member(name, entry.size, kind=MemberKind.ENCRYPTED, message=message)
        if stat.S_ISLNK(entry.mode):
            message = "This is a symbolic link, not a file. Take it out of the archive."
            return Member(name, 0, kind=MemberKind.LINK, message=message)
        if entry.method != _STORED and entry.method not in _METHODS:
            method = _NAMES.get(entry.method, f"method {entry.method}")
            message = f"It is compressed by {method}, which this version does not undo. Unpack it first."
            return Member(name, entry.size, message=message)
        head = self.store.at(entry.start, _HEADER)
        if len(head) < _HEADER or not head.startswith(LOCAL):
            message = "The directory of the archive names it, but it is not there. Fetch the archive again."
            return Member(name, entry.size, message=message)
        start = entry.start + _HEADER + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        return Member(name, entry.size, lambda: _Content(self, entry, start).opened())


class _Content:
    """The bytes of a member, decompressed and checked."""

    def __init__(self, reader: ZipReader, entry: Entry, start: int) -> None:
        self._reader = reader
        self._entry = entry
        self._start = start
        self._stored = 0
        self._crc = 0
        self._broken: Break | None = None
        self._chunks = self._open(self._count)
        self._held = b""

    def opened(self) -> MemberBytes:
        """Return them, to be read once."""
        size = self._entry.size if self._entry.size >= 0 else None
        return MemberBytes(self._read, size, self._again, self._verdict, self._update)

    def _count(self, size: int) -> None:
        self._stored += size
        self._reader.taken += size

    def _open(self, count: Callable[[int], object]) -> Generator[bytes, None, Break | None]:
        entry, store = self._entry, self._reader.store
        read = store.reader(self._start, entry.stored, count)
        if entry.method == _STORED:
            return _plain(read)
        method = _METHODS[entry.method]
        new: Callable[[], Decoder] | None = None
        if method is Compression.LZMA:
            new = lambda: _Lzma(entry.size)  # noqa: E731 - it is what the other methods have a table for
        chunks = decompressed(read, method, lambda: store.reader(self._start, entry.stored), new)
        return bounded(chunks, lambda: max(1, self._stored), self._reader.budget)

    def _read(self, size: int) -> bytes:
        if not self._held:
            try:
                self._held = next(self._chunks)
            except StopIteration as stop:
                self._broken = self._broken or stop.value
                return b""
        data, self._held = self._held[:size], self._held[size:]
        return data

    def _update(self, data: bytes) -> None:
        self._crc = zlib.crc32(data, self._crc)

    def _again(self) -> Read:
        """Read the same bytes once more, for whoever met damage in them; the first reading counted them."""
        again = _Content(self._reader, self._entry, self._start)
        return again._read

    def _verdict(self, read: MemberBytes) -> list[tuple[str, int | None]]:
        entry = self._entry
        if self._broken is not None:
            return [(self._broken.message, None)]
        if entry.size >= 0 and read.count < entry.size:
            message = (
                f"The archive gives {read.count:,} of the {entry.size:,} bytes of this member. What is there was read;"
                " fetch the archive again for the rest."
            )
            return [(message, None)]
        if entry.crc >= 0 and self._crc != entry.crc:
            message = (
                "Its checksum is wrong, so some of its bytes may be. It was read as it stands; fetch the archive again."
            )
            return [(message, None)]
        return []


def _plain(read: Read) -> Generator[bytes, None, Break | None]:
    while data := read(1 << 20):
        yield data
    return None


def _overlapping(entries: list[Entry], size: int) -> dict[int, Entry | None]:
    """Return the places of members whose bytes an earlier one holds, each with the one member that may have them."""
    found: dict[int, Entry | None] = {}
    end = -1
    last: Entry | None = None
    for entry in sorted(entries, key=lambda entry: entry.start):
        if entry.start < end:
            if last is not None and last.start == entry.start:
                found[entry.start] = found.get(entry.start, last)
            else:
                found.setdefault(entry.start, None)
        else:
            last = entry
        after = entry.start + _HEADER + entry.stored
        end = max(end, after if after <= size else entry.start)  # of one that claims more than there is, nobody knows
    return found
