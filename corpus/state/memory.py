"""What a run with ``--append`` asks of the runs before it, and what it leaves to those after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.output import Output
from taoxi.corpus.state.known import Encounter
from taoxi.corpus.state.sources import SeenSources
from taoxi.corpus.state.store import Kept, Store, matrix
from taoxi.corpus.state.writing import add_chrome, add_documents, add_run, add_sources
from taoxi.dedup.chrome import Chrome
from taoxi.dedup.chrome.counts import KEYS, PAGE, site_hashes
from taoxi.dedup.chrome.learning import SCHEMA
from taoxi.normalize.model import Source


class Memory:
    """The database of a folder in the hands of one run.

    Attributes:
        sources: what is known of the sources of the run.
        documents: the new documents, and which of the old ones they may repeat.
        kept: how many documents earlier runs keep.
        runs: the numbers of these runs.
    """

    def __init__(self, store: Store, sources: Sequence[Source]) -> None:
        """Look up what is known of the sources of the run."""
        self._store = store
        self._sql = store.sql
        self.sources = SeenSources(store, sources)
        self.documents = Encounter(store)
        self.kept = store.count()
        self.runs = list(store.runs())

    @property
    def output(self) -> Output:
        """The folder."""
        return Output(self._store.path.parent)

    def chrome(self, sites: Iterable[str]) -> Chrome:
        """Return what earlier runs learned of some sites."""
        names = sorted(set(sites))
        wanted = pa.table({"site": pa.array(names, pa.string()), "hash": site_hashes(names)})  # noqa: F841 - the query names it
        table = self._sql.sql(
            "SELECT * FROM chrome_lines SEMI JOIN wanted USING (site) ORDER BY site, line"
        ).to_arrow_table()
        found = self._sql.sql(
            "SELECT site, keys FROM chrome_contents SEMI JOIN wanted ON wanted.hash = chrome_contents.site"
        ).to_arrow_table()
        contents = np.zeros(len(found), PAGE)
        contents["site"] = found.column("site").to_numpy()
        contents["keys"] = matrix(found.column("keys"), KEYS)
        return Chrome(table.cast(SCHEMA).combine_chunks(), contents)

    def remember(
        self,
        run: int,
        manifest: str,
        numbers: NDArray[np.int64],
        kept: Iterable[Kept],
        sources: pa.Table,
        chrome: Chrome | None,
    ) -> None:
        """Enter the run, whose manifest is there, into the database.

        Args:
            run: its number.
            manifest: the digest of its manifest.
            numbers: which of the documents that it met are kept (int64, ascending).
            kept: these documents, some at a time.
            sources: its sources (rows of ``SOURCES``).
            chrome: what it learned of sites.
        """
        first = self.kept
        with self._store.transaction():
            at = first
            for some in kept:
                add_documents(self._store, run, at, some)
                at += len(some.ids)
            places = pa.table({"document": numbers, "number": np.arange(first, first + len(numbers))})  # noqa: F841 - the query names it
            self._sql.execute(
                "INSERT INTO paragraphs SELECT hash, number, tokens FROM met_paragraphs JOIN places USING (document)"
                " ORDER BY number"
            )
            own = sources.filter(pa.compute.equal(sources.column("run"), run))
            names = own.column("source").to_pylist()
            members = own.column("member").to_pylist()
            times = {
                row: self.sources.times[name]
                for row, (name, member) in enumerate(zip(names, members, strict=True))
                if member is None and name in self.sources.times
            }
            add_sources(self._store, own, times)
            if chrome is not None:
                add_chrome(self._store, chrome)
            add_run(self._store, run, manifest)
