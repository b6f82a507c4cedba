"""The sources that earlier runs have read, and how an unchanged one is told from one to read again."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from taoxi.corpus.state.store import Store
from taoxi.corpus.state.writing import Times
from taoxi.normalize.model import Source

SETTLED = 2_000_000_000
"""Nanoseconds that a file must have been left alone for its times to vouch for it: some file systems count in twos."""


class SeenSources:
    """What is known of the sources of a run.

    Attributes:
        times: the times of the files that were looked at, by the name of their source.
    """

    def __init__(self, store: Store, sources: Sequence[Source]) -> None:
        """Look up what is known of some sources and their members."""
        names = pa.table({"source": [source.name for source in sources]})  # noqa: F841 - the query names it
        rows = store.sql.sql("SELECT * FROM sources SEMI JOIN names USING (source)").to_arrow_table().to_pylist()
        self._rows: dict[tuple[str, str | None], dict[str, Any]] = {(row["source"], row["member"]): row for row in rows}
        self.times: dict[str, Times] = {}

    def unchanged(self, source: Source) -> dict[str, Any] | None:
        """Return the row of a source that an earlier run has read to its end, if it holds the same bytes now.

        A file whose size, times and inode are those that it had when it was read is not read again; any other of the
        same size is, to compare its hash. What could not be read, or not all of it, is tried again.
        """
        row = self._rows.get((source.name, None))
        if source.path == "-" or source.error is not None:
            return None
        try:
            found = os.stat(source.path)  # noqa: PTH116 - paths stay the strings that the system gave
        except OSError:
            return None
        settled = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED
        times = (found.st_mtime_ns, found.st_ctime_ns, found.st_ino) if settled else (None, None, None)
        self.times[source.name] = times
        if row is None or row["error"] is not None or row["sha256"] is None or row["bytes"] != found.st_size:
            return None
        if settled and times == (row["modified"], row["changed"], row["inode"]):
            return row
        return row if _sha256(source.path) == row["sha256"] else None

    def told(self, source: str, member: str | None, sha256: str | None, error: str | None) -> bool:
        """Return whether an earlier run has found just this in a source."""
        row = self._rows.get((source, member))
        return row is not None and row["sha256"] == sha256 and row["error"] == error


def _sha256(path: str) -> str | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - paths stay the strings that the system gave
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
