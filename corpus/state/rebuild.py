"""Make the database of a folder again from the files of its runs, or bring it up to date with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.files import locked_folder, output_errors
from taoxi.corpus.options import OutputError, Passages
from taoxi.corpus.output import Output, read_table
from taoxi.corpus.report import Listener, Notice
from taoxi.corpus.restoring import RESTORE, documents
from taoxi.corpus.reworking import judged_texts
from taoxi.corpus.schema import text_buffers, text_ids
from taoxi.corpus.sites import SITES, chrome_of
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.state.store import NAME, Kept, Store, reading
from taoxi.corpus.state.writing import add_chrome, add_documents, add_paragraphs, add_run, add_sources
from taoxi.corpus.warm import warm
from taoxi.dedup.sign import exact_keys, sign

AT_ONCE = 1 << 12
"""Documents that are signed together."""


def digest(out: Path, run: int) -> str:
    """Return the digest of the manifest of a run, by which the database knows it."""
    return hashlib.blake2b((out / "runs" / f"{run:06}.json").read_bytes(), digest_size=16).hexdigest()


def recall(out: Path, scratch: Path | None, tell: Listener) -> Store:
    """Open the database of a folder and bring it up to date with the runs in force; make it again if need be.

    Raises:
        DamagedError: if damage shows only now, or the disk is full.
        OutputError: if it is of another version, or open elsewhere, or if files of a run are missing or damaged.
    """
    path = out / NAME
    output = Output(out)
    manifests = {run: digest(out, run) for run in output.runs}
    store = _opened(path, scratch, output, manifests, tell)
    try:
        with reading():
            known = store.runs()
            for run in [run for run in manifests if run not in known]:
                with store.transaction():
                    _add(store, output, run, manifests[run])
    except BaseException:
        store.sql.close()
        raise
    return store


def _opened(path: Path, scratch: Path | None, output: Output, manifests: dict[int, str], tell: Listener) -> Store:
    """Return the database if it knows the first runs of the folder and no others, else an empty one."""
    if not path.exists():
        return Store.create(path, scratch)
    try:
        store = Store.open(path, scratch)
        with reading():
            known = store.runs()
    except DamagedError as error:
        tell(Notice(f"{path} is damaged ({error}). It is made again from the corpus."))
        return Store.create(path, scratch)
    fresh = [run for run in manifests if run not in known]
    withdrawn = any("withdraws" in output.manifests[run] for run in fresh)
    if known == dict(list(manifests.items())[: len(known)]) and not withdrawn:
        return store
    store.sql.close()
    why = (
        "holds texts that are not in the corpus any more" if withdrawn else "does not belong to the runs of the folder"
    )
    tell(Notice(f"{path} {why}. It is made again from the corpus."))
    return Store.create(path, scratch)


def remake(out: str | Path, *, wait: bool = False, listener: Listener | None = None) -> None:
    """Make the database of a folder again; nobody may be writing the folder.

    Raises:
        UsageError: if it holds no run, or another run is writing it.
        OutputError: if files of a run are damaged, or the database cannot be written.
    """
    tell = listener or (lambda _event: None)
    Output.open(out)
    warm(tell)
    with locked_folder(Path(out), add=True, wait=wait) as staging, output_errors(out):
        try:
            rebuild(Path(out), staging, tell).sql.close()
        except DamagedError as error:
            raise OutputError(f"{Path(out) / NAME} could not be written: {error}. Make room, and run again.") from error


def rebuild(out: Path, scratch: Path | None, tell: Listener) -> Store:
    """Make the database of a folder again, whatever is there."""
    with reading():
        Store.create(out / NAME, scratch).sql.close()
    return recall(out, scratch, tell)


def _add(store: Store, output: Output, run: int, manifest: str) -> None:
    """Enter a run from its files."""
    first = store.count()
    for kept, hashes, places in signed(output, run):
        add_documents(store, run, first, kept)
        add_paragraphs(store, hashes, places[:, 0] + first, places[:, 3])
        first += len(kept.ids)
    for sources in output.tables("sources", run):
        own = sources.filter(pa.compute.equal(sources.column("run"), run))
        add_sources(store, own, {})
    tables = [table for file in output.files("chrome", run) for table in read_table(output.path / file.path, SITES)]
    if tables:
        add_chrome(store, chrome_of(pa.concat_tables(tables)))
    add_run(store, run, manifest)


def signed(output: Output, run: int) -> Iterator[tuple[Kept, NDArray[np.uint64], NDArray[np.int64]]]:
    """Sign the kept documents of a run anew; yield some at a time, with their paragraphs (as in ``Signed``).

    Raises:
        OutputError: if files of the run are missing or damaged.
    """
    cut = output.manifests[run].get("command") != RESTORE  # lines that came back may repeat what stands before them
    for texts, ids in _kept(output, run):
        offsets, data = text_buffers(texts)
        found = sign(data, offsets, cut=cut)
        exact = exact_keys(found.exact, text_ids(texts))
        yield Kept(ids, found.tokens, exact, found.signatures), found.paragraphs, found.paragraph_places


def _kept(
    output: Output, run: int
) -> Iterator[tuple[pa.LargeStringArray, np.ndarray[tuple[int, int], np.dtype[np.uint8]]]]:
    """Yield the kept documents of a run: their texts as they were judged, and their ids."""
    if output.manifests[run].get("command") == RESTORE:
        yield from _restored(output, run)
        return
    if output.manifests[run]["options"].get("passages") != Passages.CUT:
        for table in output.tables("corpus", run):
            yield table.column("text").combine_chunks(), _ids(table.column("id").to_pylist())
        return
    texts: list[str] = []
    names: list[str] = []
    for document in documents(output, run):
        if document.kept and document.successor is None:
            texts.append(document.judged)
            names.append(document.row["id"])
        if len(texts) == AT_ONCE:
            yield pa.array(texts, pa.large_string()), _ids(names)
            texts, names = [], []
    if texts:
        yield pa.array(texts, pa.large_string()), _ids(names)


def _restored(
    output: Output, run: int
) -> Iterator[tuple[pa.LargeStringArray, np.ndarray[tuple[int, int], np.dtype[np.uint8]]]]:
    judged = judged_texts(output, run)
    for table in output.tables("corpus", run):
        names = table.column("id").to_pylist()
        texts = table.column("text").combine_chunks()
        if judged.keys() & set(names):
            said = zip(names, texts.to_pylist(), strict=True)
            texts = pa.array([judged.get(name, text) for name, text in said], pa.large_string())
        yield texts, _ids(names)


def _ids(names: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer(bytes.fromhex("".join(names)), np.uint8).reshape(-1, 16)
