"""Texts of kept documents, read back from the output by their ids: those that siblings are compared with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from taoxi.corpus.finding import among, rows_where
from taoxi.corpus.options import Passages
from taoxi.corpus.output import Output
from taoxi.corpus.restoring import RESTORE, documents
from taoxi.corpus.reworking import judged_texts
from taoxi.dedup.memory import Texts


def kept_texts(output: Output, run: int, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the ids and texts, as they were judged, of some documents that a run keeps.

    Of Parquet, only row groups that hold one are read.

    Raises:
        OutputError: if a file of the run is missing or damaged.
    """
    wanted = sorted(set(ids))
    restored = output.manifests[run].get("command") == RESTORE
    if restored or output.manifests[run]["options"].get("passages") != Passages.CUT:
        judged = judged_texts(output, run) if restored else {}
        for row in rows_where(output, "corpus", run, "id", among(wanted), "", ["id", "text"]):
            yield row["id"], judged.get(str(row["id"])) or row["text"]
        return
    chosen = frozenset(wanted)
    for document in documents(output, run):
        if document.kept and document.successor is None and document.row["id"] in chosen:
            yield document.row["id"], document.judged


class TextFile:
    """Texts one after another in a file that is gone when it is closed, mapped into memory as they are asked for."""

    def __init__(self, folder: Path | None) -> None:
        """Start with none, in a folder that has room."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as this
        self._size = 0
        self._spans: dict[bytes, tuple[int, int]] = {}
        self._mapped = np.zeros(0, np.uint8)

    def add(self, id_: bytes, text: bytes) -> None:
        """Append a text, unless it is there."""
        if id_ not in self._spans:
            self._file.write(text)
            self._spans[id_] = self._size, len(text)
            self._size += len(text)

    def load(self, output: Output, runs: Iterable[int], ids: set[bytes]) -> None:
        """Append the texts of documents that some runs keep."""
        for run in runs:
            missing = [id_.hex() for id_ in ids - self._spans.keys()]
            if not missing:
                return
            for name, text in kept_texts(output, run, missing):
                self.add(bytes.fromhex(name), text.encode())

    def addresses(self, ids: Iterable[bytes]) -> Texts:
        """Return where the texts of n ids are, as long as nothing is added; address 0 for one that is not there."""
        self._file.flush()
        if self._size:
            self._mapped = np.memmap(self._file, np.uint8, "r", shape=(self._size,))
        base = self._mapped.ctypes.data
        spans = [self._spans.get(id_) for id_ in ids]
        found = [(0, 0) if span is None else (base + span[0], span[1]) for span in spans]
        return np.array(found, np.uint64).reshape(-1, 2)


def id_bytes(ids: NDArray[np.uint8]) -> list[bytes]:
    """Return n ids (uint8, n by 16) one by one."""
    return [bytes(id_) for id_ in ids]
