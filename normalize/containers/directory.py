"""Find the members of a ZIP archive: by its directory, or by their own headers without one (PKWARE's APPNOTE)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from taoxi.normalize.containers.names import decoded
from taoxi.normalize.containers.store import Store

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
DESCRIPTOR, END64, LOCATOR64 = b"PK\x07\x08", b"PK\x06\x06", b"PK\x06\x07"

MAX_MEMBERS = 1_000_000
"""Members of one archive that are read; the list of them takes some 400 bytes each."""

_TAIL = 22 + 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_WINDOW = 1 << 20
_UTF8 = 0x800
_HAS_DESCRIPTOR = 0x8
_UNKNOWN = 0xFFFFFFFF
_FAT = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What a directory, or a local header, says of a member; ``start`` is where its local header is."""

    name: str
    flags: int
    method: int
    crc: int
    stored: int
    size: int
    start: int
    mode: int


@dataclass(frozen=True, slots=True)
class Directory:
    """The members of an archive; ``trouble`` is what a person should know of how they were found."""

    entries: list[Entry]
    trouble: str | None = None


def directory_of(store: Store) -> Directory:
    """List the members of an archive, whatever is left of it."""
    place = _central(store)
    if place is not None:
        offset, size, shift = place
        entries = list(_listed(store, offset, size, shift))
        whole = entries and not isinstance(entries[-1], str)
        if whole or not size:
            return _limited([entry for entry in entries if not isinstance(entry, str)])
    found = _limited(list(_walked(store)))
    count = len(found.entries)
    return Directory(
        found.entries,
        "The ZIP archive has no whole directory at its end, as if it were cut short; by their own headers"
        f" {count:,} member{'s were' if count != 1 else ' was'} found. Fetch the archive again for the rest.",
    )


def _limited(entries: list[Entry]) -> Directory:
    if len(entries) <= MAX_MEMBERS:
        return Directory(entries)
    return Directory(
        entries[:MAX_MEMBERS],
        f"The archive has more than {MAX_MEMBERS:,} members; those beyond were not read."
        " Unpack it and name the folder.",
    )


def _central(store: Store) -> tuple[int, int, int] | None:
    """Return where the directory is, its bytes, and by how much all offsets are off; None if there is none."""
    base = max(0, store.size - _TAIL)
    tail = store.at(base, _TAIL)
    at = len(tail)
    while (at := tail.rfind(END, 0, at)) >= 0:
        if len(tail) - at < _END.size:
            continue
        *_, size, offset, _comment = _END.unpack_from(tail, at)
        end = base + at
        locator = store.at(end - 20, 20) if end >= 20 else b""
        if locator.startswith(LOCATOR64):
            record = store.at(int.from_bytes(locator[8:16], "little"), _END64.size)
            if len(record) == _END64.size and record.startswith(END64):
                *_, size, offset = _END64.unpack(record)
                end = int.from_bytes(locator[8:16], "little")
        start = end - size
        if start >= 0 and (not size or store.at(start, 4) == CENTRAL):
            return start, size, start - offset
        if store.at(offset, 4) == CENTRAL:
            return offset, size, 0
    return None


def _listed(store: Store, offset: int, size: int, shift: int) -> Iterator[Entry | str]:
    """Yield the entries of a directory, and a word at the end if it is not whole."""
    end = offset + size
    window = b""
    base = at = 0
    count = 0
    while offset < end and count <= MAX_MEMBERS:
        if at + 3 * 0xFFFF + _CENTRAL.size > len(window):
            base, at = offset, 0
            window = store.at(base, min(_WINDOW, end - base))
        if len(window) - at < _CENTRAL.size or window[at : at + 4] != CENTRAL:
            yield "damaged"
            return
        (_, made, _, flags, method, _, _, crc, stored, full, named, extra, comment, _, _, outer, start) = (
            _CENTRAL.unpack_from(window, at)
        )
        name = window[at + _CENTRAL.size :][:named]
        more = window[at + _CENTRAL.size + named :][:extra]
        full, stored, start = _wide(more, [full, stored, start])
        yield Entry(
            _name(name, flags, more, fat=made >> 8 == _FAT),
            flags,
            method,
            crc,
            stored,
            full,
            start + shift,
            outer >> 16,
        )
        step = _CENTRAL.size + named + extra + comment
        at += step
        offset += step
        count += 1


def _walked(store: Store) -> Iterator[Entry]:
    """Yield the members that have a header of their own, from the start on."""
    at: int | None = 0
    count = 0
    while at is not None and count <= MAX_MEMBERS:
        head = store.at(at, _LOCAL.size)
        if len(head) < _LOCAL.size or not head.startswith(LOCAL):
            at = _find(store, LOCAL, at + 1)
            continue
        _, _, flags, method, _, _, crc, stored, full, named, extra = _LOCAL.unpack(head)
        data = at + _LOCAL.size + named + extra
        raw = store.at(at + _LOCAL.size, named + extra)
        full, stored, _ = _wide(raw[named:], [full, stored, 0])
        if flags & _HAS_DESCRIPTOR and not stored:
            stored, crc, full = _described(store, data)
        yield Entry(_name(raw[:named], flags, raw[named:], fat=False), flags, method, crc, stored, full, at, 0)
        count += 1
        at = data + stored


def _described(store: Store, start: int) -> tuple[int, int, int]:
    """Return bytes, checksum and size of a member that tells them behind its content; -1 for what nobody tells."""
    at: int | None = start
    while at is not None and (at := _find(store, DESCRIPTOR, at)) is not None:
        crc, *short = struct.unpack("<3L", store.at(at + 4, 12).ljust(12, b"\0"))
        long = struct.unpack("<2Q", store.at(at + 8, 16).ljust(16, b"\0"))
        for stored, full in (short, long):
            if stored == at - start:
                return stored, crc, full
        at += 1
    return max(0, store.size - start), -1, -1


def _find(store: Store, signature: bytes, at: int) -> int | None:
    """Return the next place of a signature."""
    while at < store.size:
        window = store.at(at, _WINDOW)
        found = window.find(signature)
        if found >= 0:
            return at + found
        at += max(1, len(window) - len(signature) + 1)
    return None


def _wide(extra: bytes, numbers: list[int]) -> list[int]:
    """Replace the numbers that stand in 64 bits among the extra fields."""
    for kind, data in _fields(extra):
        if kind == 1:
            wide = iter(struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8]))
            return [next(wide, number) if number == _UNKNOWN else number for number in numbers]
    return numbers


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        yield kind, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _name(raw: bytes, flags: int, extra: bytes, *, fat: bool) -> str:
    """Return a name: as its flag says, by Info-ZIP's field for Unicode, or by what its bytes look like."""
    name = None
    if flags & _UTF8:
        name = raw.decode("utf-8", "backslashreplace")
    else:
        for kind, data in _fields(extra):
            if kind == 0x7075 and len(data) > 5 and data[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
                name = data[5:].decode("utf-8", "backslashreplace")
    if name is None:
        name = decoded(raw, "cp437")
    return name.replace("\\", "/") if fat and "/" not in name else name
