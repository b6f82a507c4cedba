"""Make the database of a folder again from the files of its runs, or bring it up to date with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taoxi.corpus.files import locked_folder, output_errors
from taoxi.corpus.kept_texts import TextFile, id_bytes
from taoxi.corpus.options import OutputError, Passages
from taoxi.corpus.output import Output, read_table
from taoxi.corpus.report import Listener, Notice
from taoxi.corpus.restoring import RESTORE, documents, successors
from taoxi.corpus.reworking import judged_texts
from taoxi.corpus.schema import CORPUS, text_buffers, text_ids
from taoxi.corpus.sites import SITES, chrome_of
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.state.store import NAME, Kept, Store, id_rows, reading
from taoxi.corpus.state.writing import add_chrome, add_documents, add_paragraphs, add_run, add_sources
from taoxi.corpus.warm import warm
from taoxi.dedup.memory import addresses
from taoxi.dedup.sign import exact_keys, sign
from taoxi.dedup.templates import SKETCH, compare_all

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
            now = successors(output)
            for run in [run for run in manifests if run not in known]:
                with store.transaction():
                    _add(store, output, run, manifests[run], now, scratch)
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


def _add(store: Store, output: Output, run: int, manifest: str, now: Mapping[str, str], scratch: Path | None) -> None:
    """Enter a run from its files."""
    first = store.count()
    for kept, hashes, places in signed(output, run, now, scratch):
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


def signed(
    output: Output, run: int, now: Mapping[str, str], scratch: Path | None
) -> Iterator[tuple[Kept, NDArray[np.uint64], NDArray[np.int64]]]:
    """Sign the kept documents of a run anew; yield some at a time, with their paragraphs (as in ``Signed``).

    ``now`` are the ``successors`` of texts, ``scratch`` is a folder for the texts of the first documents of families.

    Raises:
        OutputError: if files of the run are missing or damaged.
    """
    cut = output.manifests[run].get("command") != RESTORE  # lines that came back may repeat what stands before them
    firsts = _firsts(output, run, now, scratch)
    for texts, ids, templates in _kept(output, run, now):
        offsets, data = text_buffers(texts)
        found = sign(data, offsets, cut=cut)
        exact = exact_keys(found.exact, text_ids(texts))
        facts = _facts(texts, templates, firsts)
        kept = Kept(ids, found.tokens, exact, found.signatures, templates, facts)
        yield kept, found.paragraphs, found.paragraph_places


def _firsts(output: Output, run: int, now: Mapping[str, str], scratch: Path | None) -> TextFile:
    """Return the texts of the first documents of the families that documents of a run belong to."""
    column = pa.schema([CORPUS.field("template")])
    ids = {name for table in output.tables("corpus", run, column) for name in table.column("template").to_pylist()}
    texts = TextFile(scratch)
    wanted = {bytes.fromhex(now.get(name, name)) for name in ids if name}
    texts.load(output, [number for number in output.runs if number <= run or now], wanted)
    return texts


def _facts(texts: pa.LargeStringArray, templates: NDArray[np.uint8], firsts: TextFile) -> NDArray[np.uint32]:
    """Return the facts of documents: sketches of what tells them from the first of their families."""
    facts = np.zeros((len(templates), SKETCH), np.uint32)
    rows = np.flatnonzero(templates.any(1))
    if len(rows):
        offsets, data = text_buffers(texts)
        count = len(rows)
        where = np.concatenate([firsts.addresses(id_bytes(templates[rows])), addresses(data, offsets)[rows]])
        facts[rows] = compare_all(where, np.column_stack([np.arange(count), np.arange(count, 2 * count)]))[2]
    return facts


Judged = tuple[pa.LargeStringArray, NDArray[np.uint8], NDArray[np.uint8]]
"""Texts as they were judged, their ids, and those of the first documents of their families."""


def _kept(output: Output, run: int, now: Mapping[str, str]) -> Iterator[Judged]:
    """Yield the kept documents of a run; ``now`` are the ids of texts that stand in the place of others."""
    if output.manifests[run].get("command") == RESTORE:
        yield from _restored(output, run, now)
        return
    if output.manifests[run]["options"].get("passages") != Passages.CUT:
        for table in output.tables(
            "corpus", run, pa.schema([CORPUS.field(name) for name in ("id", "text", "template")])
        ):
            names = [table.column(name).to_pylist() for name in ("id", "template")]
            yield table.column("text").combine_chunks(), _ids(names[0]), _ids(names[1], now)
        return
    kept = (each for each in documents(output, run) if each.kept and each.successor is None)
    while some := list(islice(kept, AT_ONCE)):
        texts = pa.array([document.judged for document in some], pa.large_string())
        templates = [document.row.get("template") for document in some]
        yield texts, _ids([document.row["id"] for document in some]), _ids(templates, now)


def _restored(output: Output, run: int, now: Mapping[str, str]) -> Iterator[Judged]:
    judged = judged_texts(output, run)
    for table in output.tables("corpus", run):
        names = table.column("id").to_pylist()
        texts = table.column("text").combine_chunks()
        if judged.keys() & set(names):
            said = zip(names, texts.to_pylist(), strict=True)
            texts = pa.array([judged.get(name, text) for name, text in said], pa.large_string())
        yield texts, _ids(names), _ids(table.column("template").to_pylist(), now)


def _ids(names: Sequence[str | None], now: Mapping[str, str] | None = None) -> NDArray[np.uint8]:
    return id_rows([(now or {}).get(name, name) if name else "0" * 32 for name in names])
