"""The records of a block column by column, so that what most of them need takes no object for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import compress, pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.model import Lost, Record


@dataclass(slots=True)
class Columns:
    """The n records of a block; a column means what the field of ``Record`` with its name does.

    ``text`` (uint8) holds the texts in UTF-8 one after another, ``bounds`` (int64, n+1) where each begins and ends.
    ``record``, ``start`` and ``end`` are int64; all other columns are lists.
    """

    text: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    record: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    encoding: list[str]
    bad_bytes: list[int]
    title: list[str | None]
    date: list[str | None]
    url: list[str | None]
    meta: list[bytes | None]
    lost: list[Lost | None]
    aside: list[tuple[tuple[int, int, str], ...]]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.record)

    @classmethod
    def of(cls, records: Sequence[Record]) -> Self:
        """Return records as columns."""
        columns: dict[str, Any] = {name: [getattr(record, name) for record in records] for name in (*PLACES, *_LISTS)}
        columns |= {name: np.array(columns[name], np.int64) for name in PLACES}
        text, bounds = joined([_utf8(record) for record in records])
        return cls(text=text, bounds=bounds, **columns)

    @classmethod
    def plain(
        cls,
        text: NDArray[np.uint8],
        bounds: NDArray[np.int64],
        places: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
        encoding: str,
    ) -> Self:
        """Return records of nothing but a text; ``places`` are their numbers, starts and ends."""
        count = len(bounds) - 1
        columns: dict[str, Any] = {name: [None] * count for name in _LISTS}
        columns |= {"encoding": [encoding] * count, "bad_bytes": [0] * count, "aside": [()] * count}
        return cls(text, bounds, *places, **columns)

    def texts(self) -> list[bytes]:
        """Return the texts one by one."""
        data = self.text.tobytes()
        return [data[start:end] for start, end in pairwise(self.bounds.tolist())]

    def records(self) -> list[Record]:
        """Return the records one by one."""
        places = [getattr(self, name).tolist() for name in PLACES]
        names = [field.name for field in fields(Record)]
        columns = dict(zip(PLACES, places, strict=True)) | {name: getattr(self, name) for name in _LISTS}
        rows = zip(self.texts(), *(columns[name] for name in names[1:]), strict=True)
        return [Record(*row) for row in rows]

    def replaced(self, rows: list[int], records: list[Record | None]) -> Self:
        """Return the columns with other records in some rows, given in ascending order; None takes a row out."""
        parts: list[bytes | memoryview] = []
        sizes = np.diff(self.bounds)
        kept = np.ones(len(self), np.bool_)
        at = 0
        for row, record in zip(rows, records, strict=True):
            fresh = b"" if record is None else _utf8(record)
            parts += [self.text[self.bounds[at] : self.bounds[row]].data, fresh]
            sizes[row] = len(fresh)
            kept[row] = record is not None
            at = row + 1
        parts.append(self.text[self.bounds[at] : self.bounds[-1]].data)
        bounds = np.zeros(int(kept.sum()) + 1, np.int64)
        np.cumsum(sizes[kept], out=bounds[1:])
        columns: dict[str, Any] = {}
        for name in (*PLACES, *_LISTS):
            column = getattr(self, name)
            for row, record in zip(rows, records, strict=True):
                if record is not None:
                    column[row] = getattr(record, name)
            columns[name] = column[kept] if name in PLACES else list(compress(column, kept.tolist()))
        return type(self)(np.frombuffer(b"".join(parts), np.uint8), bounds, **columns)


PLACES = ("record", "start", "end")
_LISTS = tuple(field.name for field in fields(Columns))[2 + len(PLACES) :]


def joined(texts: Sequence[bytes | memoryview]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return texts one after another (uint8), and their n+1 bounds (int64)."""
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    return np.frombuffer(b"".join(texts), np.uint8), bounds


def _utf8(record: Record) -> bytes | memoryview:
    return record.text.encode() if isinstance(record.text, str) else record.text
