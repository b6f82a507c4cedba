"""Read the members of a tar archive in one pass, whatever is damaged in it (POSIX.1-2001 pax, GNU, ustar, v7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from taoxi.normalize.containers.compression import Read
from taoxi.normalize.containers.members import Member, MemberBytes, MemberKind
from taoxi.normalize.containers.names import decoded, printable

BLOCK = 512
"""Bytes of a header, and of what the content of a member is filled up to."""

MAX_EXTENSION = 1 << 20
"""Bytes of a header that gives a long name or pax records. Real ones have a few hundred."""

SKIP = 1 << 20
"""Bytes that are passed over at once."""

_FALLBACK = "cp1252"
_ZEROS = bytes(BLOCK)
_REGULAR = b"0\0 7"
_FOLDER = b"5"
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _PAX_SUN = b"L", b"K", b"x", b"g", b"X"
_EXTENSIONS = (_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL, _PAX_SUN)
_REFUSED = {
    b"1": (MemberKind.LINK, "a hard link"),
    b"2": (MemberKind.LINK, "a symbolic link"),
    b"3": (MemberKind.DEVICE, "a device"),
    b"4": (MemberKind.DEVICE, "a device"),
    b"6": (MemberKind.DEVICE, "a named pipe"),
}
_PARTIAL = {
    b"S": "a file with holes, which is stored in parts. Pack it anew without --sparse.",
    b"M": "the rest of a file from another volume. Join the volumes with tar, then run again.",
}
_SILENT = (b"V", b"N", _FOLDER)


def is_tar(head: bytes) -> bool:
    """Whether ``head`` begins with the header of a tar member, whose checksum is right."""
    return len(head) >= BLOCK and _checksum_holds(head[:BLOCK])


def _checksum_holds(block: bytes) -> bool:
    try:
        told = int(block[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    rest = block[:148] + b" " * 8 + block[156:BLOCK]
    # Some old writers added the bytes as signed numbers.
    return told in {sum(rest), sum(rest) - 256 * sum(byte > 127 for byte in rest)} and block[0] != 0


def _number(field_: bytes) -> int:
    """Return a number of a header: octal digits, or binary where the first bit says so (GNU); -1 for neither."""
    if field_[0] & 0x80:
        return int.from_bytes(bytes((field_[0] & 0x7F,)) + field_[1:]) if field_[0] == 0x80 else -1
    try:
        return int(field_.strip(b" \0") or b"0", 8)
    except ValueError:
        return -1


@dataclass(slots=True)
class _Extension:
    """What headers before that of a member say of it."""

    name: str | None = None
    size: int | None = None
    sparse: bool = False


@dataclass(slots=True)
class TarReader:
    """The members of a tar archive, as they come.

    Attributes:
        read: returns so many of the next bytes of the archive, fewer only at the end.
        reopen: returns a reader from a place of the archive on, None where that is impossible.
        problems: what was wrong with the archive itself: messages, and the bytes they belong to.
    """

    read: Read
    reopen: Callable[[int], Read] | None = None
    problems: list[tuple[str, int]] = field(default_factory=list)
    _at: int = 0
    _left: int = 0
    _padding: int = 0

    def members(self) -> Iterator[Member]:
        """Yield the members in their order; each must be read, or given up, before the next one is asked for."""
        extension = _Extension()
        while (block := self._header()) is not None:
            kind = block[156:157]
            size = _number(block[124:136])
            if kind in _EXTENSIONS:
                self._extend(extension, kind, size)
                continue
            if extension.size is not None:
                size = extension.size
            # Links and devices have no content, though some writers give them a size.
            self._open(0 if kind in _REFUSED or kind == _FOLDER else size)
            member = self._member(block, kind, size, extension)
            if member is not None:
                yield member
            self._skip()
            extension = _Extension()

    def _member(self, block: bytes, kind: bytes, size: int, extension: _Extension) -> Member | None:
        name = extension.name if extension.name is not None else _name(block)
        if kind in _SILENT or (kind == b"\0" and name.endswith("/")):
            return None
        name = printable(name)
        if kind in _REFUSED:
            word, what = _REFUSED[kind]
            return Member(name, 0, kind=word, message=f"This is {what}, not a file. Take it out of the archive.")
        partial = _PARTIAL[b"S"] if extension.sparse else _PARTIAL.get(kind)
        if partial is not None:
            return Member(name, size, message=f"This is {partial}")
        start = self._at
        return Member(name, size, lambda: MemberBytes(self._content, size, self._again(start, size), _cut_short))

    def _header(self) -> bytes | None:
        """Return the next header; what stands before it and is none is told. None at the end."""
        junk = self._at
        told = closed = False
        while block := self.read(BLOCK):
            self._at += len(block)
            if len(block) == BLOCK and _checksum_holds(block) and _number(block[124:136]) >= 0:
                if told:
                    self._tell("no header of a member, and were passed over", junk, self._at - BLOCK)
                return block
            closed = closed or block == _ZEROS
            if not told and block.strip(b"\0"):
                told, junk = True, self._at - len(block)
        if not closed:
            message = (
                "The tar archive ends without its closing blocks, as if it were cut short. Fetch it again for the rest."
            )
            self.problems.append((message, self._at))
        elif told:
            self._tell("no header of a member, and were left out", junk, self._at)
        return None

    def _tell(self, what: str, start: int, end: int) -> None:
        message = f"The {end - start:,} bytes up to byte {end:,} are {what}. Fetch the archive again."
        self.problems.append((message, start))

    def _extend(self, extension: _Extension, kind: bytes, size: int) -> None:
        """Take in a header that says something of the next member."""
        start = self._at
        self._open(size)
        data = self._exactly(min(size, MAX_EXTENSION))
        if size > MAX_EXTENSION:
            message = (
                f"A header gives {size:,} bytes of names and notes, which no honest one needs; it was cut to"
                f" {MAX_EXTENSION:,}. Pack the files anew."
            )
            self.problems.append((message, start))
        self._skip()
        if kind == _LONG_NAME:
            extension.name = decoded(data.split(b"\0", 1)[0], _FALLBACK)
        elif kind in {_PAX, _PAX_SUN}:
            _take_pax(extension, data)

    def _open(self, size: int) -> None:
        self._left = size
        self._padding = -size % BLOCK

    def _content(self, size: int) -> bytes:
        """Return the next bytes of the member that is open."""
        data = self.read(min(size, self._left)) if self._left else b""
        self._at += len(data)
        self._left -= len(data)
        return data

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size and (part := self._content(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _skip(self) -> None:
        """Go to the end of the member that is open."""
        self._left += self._padding
        self._padding = 0
        while self._content(SKIP):
            pass
        self._left = 0

    def _again(self, start: int, size: int) -> Callable[[], Read] | None:
        reopen = self.reopen
        if reopen is None:
            return None

        def opened() -> Read:
            inner = reopen(start)
            left = size

            def read(count: int) -> bytes:
                nonlocal left
                data = inner(min(count, left)) if left else b""
                left -= len(data)
                return data

            return read

        return opened


def _cut_short(read: MemberBytes) -> list[tuple[str, int | None]]:
    size = read.size_at_open
    if size is None or read.count >= size:
        return []
    message = (
        f"The archive ends in this member, after {read.count:,} of its {size:,} bytes. What came before was read; fetch"
        " the archive again for the rest."
    )
    return [(message, None)]


def _name(block: bytes) -> str:
    """Return the name in a header; ustar gives long ones in two parts."""
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return decoded(prefix + b"/" + name if prefix else name, _FALLBACK)


def _take_pax(extension: _Extension, data: bytes) -> None:
    """Read pax records, ``LENGTH KEY=VALUE`` and a line feed each, as far as they are whole."""
    at = 0
    while at < len(data):
        digits, space, _ = data[at : at + 12].partition(b" ")
        if not space or not digits.isdigit() or int(digits) <= len(digits) + 1:
            return
        end = at + int(digits)
        key, _, value = data[at + len(digits) + 1 : end - 1].partition(b"=")
        if key == b"path":
            extension.name = decoded(value, _FALLBACK)
        elif key == b"size" and value.isdigit() and len(value) < 20:
            extension.size = int(value)
        elif key.startswith(b"GNU.sparse."):
            extension.sparse = True
        at = end
