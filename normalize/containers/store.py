"""A file that is read at any place: what ZIP and Parquet need, whose directories stand at their ends."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from types import TracebackType
from typing import Self

from taoxi.normalize.containers.compression import Read
from taoxi.normalize.containers.expansion import Budget
from taoxi.normalize.containers.opening import CHUNK, Opened


class Store:
    """An open file; what the system does not let us read is as if the file ended there.

    Attributes:
        path: what the system opens.
        size: its bytes.
        full: whether a copy broke off because the input may not become larger.
    """

    def __init__(self, path: str, *, full: bool = False) -> None:
        """Open the file.

        Raises:
            OSError: if it cannot be opened.
        """
        self.path = path
        self.full = full
        self._file = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115 - __exit__ closes it
        self.size = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def at(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset`` on, fewer only at the end."""
        parts = []
        try:
            self._file.seek(offset)
            while size > 0 and (part := self._file.read(size)):
                parts.append(part)
                size -= len(part)
        except (OSError, ValueError):
            pass
        return b"".join(parts)

    def reader(self, offset: int, size: int, count: Callable[[int], object] = lambda _: None) -> Read:
        """Return a reader of ``size`` bytes from ``offset`` on, which tells ``count`` how many it took."""
        end = offset + size

        def read(most: int) -> bytes:
            nonlocal offset
            data = self.at(offset, min(most, end - offset, CHUNK))
            offset += len(data)
            count(len(data))
            return data

        return read


class Copy(Store):
    """A file of our own that holds what cannot be read at any place itself; it is gone when it is closed."""

    def __init__(self, opened: Opened, folder: str | None, budget: Budget, moved: Callable[[], object]) -> None:
        """Copy all that is left of a source.

        Args:
            opened: the source.
            folder: where the copy is made, None for the system's own place.
            budget: what the input may take; a copy counts as what a stream became.
            moved: called after each step.

        Raises:
            OSError: if the copy cannot be written.
        """
        with tempfile.NamedTemporaryFile(dir=folder, prefix="copy-", delete=False) as file:
            self._name = file.name
            full = False
            try:
                while not full and (chunk := opened.read(CHUNK)):
                    full = not budget.take(len(chunk))
                    if not full:
                        file.write(chunk)
                    moved()
            except BaseException:
                os.unlink(file.name)  # noqa: PTH108
                raise
        super().__init__(self._name, full=full)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close and remove the copy."""
        super().__exit__(kind, error, trace)
        os.unlink(self._name)  # noqa: PTH108
