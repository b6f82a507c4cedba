"""What an archive gives for each member, and the bytes of a member as they come out of it."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from taoxi.normalize.containers.compression import Read


class MemberKind(enum.StrEnum):
    """Why a member is not read; the word stands in the column ``format`` of the sources."""

    ENCRYPTED = "encrypted"
    LINK = "link"
    DEVICE = "device"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive, which is read before the next one is asked for.

    ``name`` is its path, made printable; ``size`` what the archive says of its bytes. ``open`` is None for one that is
    not read: then ``kind`` and ``message`` say why.
    """

    name: str
    size: int
    open: Callable[[], MemberBytes] | None = None
    kind: MemberKind = MemberKind.UNREADABLE
    message: str = ""


class MemberBytes:
    """The bytes of a member, read once, counted and hashed on the way: a ``Raw`` of ``opening``."""

    opened = True
    error: OSError | None = None

    def __init__(
        self,
        read: Read,
        size: int | None,
        reopen: Callable[[], Read] | None = None,
        verdict: Callable[[MemberBytes], list[tuple[str, int | None]]] | None = None,
        update: Callable[[bytes], object] | None = None,
    ) -> None:
        """Read with ``read``.

        Args:
            read: returns up to so many of the next bytes, none at the end.
            size: how many there should be, None if the archive does not say.
            reopen: reads the same bytes anew, None where that is impossible.
            verdict: returns what was wrong once all were read.
            update: sees all bytes as they are read.
        """
        self.size_at_open = size
        self.count = 0
        self._read = read
        self._reopen = reopen
        self._verdict = verdict
        self._update = update
        self._hash = hashlib.sha256()

    @property
    def can_reopen(self) -> bool:
        """Whether ``reopen`` gives the same bytes again."""
        return self._reopen is not None

    def size(self) -> int | None:
        """Return the size as it is now: a member has none but that of the archive."""
        return None

    def read(self, size: int) -> bytes:
        """Return up to ``size`` of the next bytes, none at the end."""
        data = self._read(size)
        self.count += len(data)
        self._hash.update(data)
        if self._update is not None:
            self._update(data)
        return data

    def reopen(self) -> Read:
        """Return a second reader from the start."""
        return (lambda _size: b"") if self._reopen is None else self._reopen()

    def digest(self) -> str:
        """Return the SHA-256 of what was read."""
        return self._hash.hexdigest()

    def verdict(self) -> list[tuple[str, int | None]]:
        """Return what was wrong with the bytes once all were read."""
        return [] if self._verdict is None else self._verdict(self)

    def close(self) -> None:
        """Leave the archive open: the next member comes out of it too."""
