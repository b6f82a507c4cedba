"""The database as an index of datasketch, for programs that ask it what they have seen before."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from taoxi.corpus import manifest
from taoxi.corpus.files import output_errors, publish
from taoxi.corpus.options import DEFAULT_SIMILARITY, UsageError
from taoxi.corpus.schema import text_buffers
from taoxi.corpus.state.known import SCANNED
from taoxi.corpus.state.rebuild import digest
from taoxi.corpus.state.stamps import DamagedError
from taoxi.corpus.state.store import NAME, Store, matrix, reading
from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, SHORTEST, as_datasketch
from taoxi.dedup.sign import sign


def as_index(out: Path) -> Any:  # noqa: ANN401 - the library has no types
    """Return the kept documents of a folder as a ``datasketch.MinHashLSH`` whose keys are their ids.

    It answers ``query(minhash_of(text))``. Texts too short to be signed are not in it.

    Raises:
        UsageError: if the folder has no database, a damaged one, or one that does not know all runs.
    """
    from datasketch import MinHashLSH

    path = out / NAME
    if not path.exists():
        raise UsageError(f"{out} has no {NAME}. Make it with 'taoxi state {out} --rebuild'.")
    index = MinHashLSH(threshold=DEFAULT_SIMILARITY, num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    try:
        with reading(), Store.open(path, read_only=True) as store:
            if store.runs() != {run: digest(out, run) for run in manifest.runs(out)}:
                raise UsageError(f"{path} lags behind the runs. Make it again with 'taoxi state {out} --rebuild'.")
            rows = store.sql.sql(
                "SELECT replace(id::VARCHAR, '-', '') AS id, signature FROM documents WHERE tokens >= ?"
                " ORDER BY number",
                params=[SHORTEST],
            )
            for batch in rows.to_arrow_reader(SCANNED):
                signatures = matrix(batch.column("signature"), PERMUTATIONS)
                for name, signature in zip(batch.column("id").to_pylist(), signatures, strict=True):
                    # A text that was restored beside its copy has its id twice.
                    index.insert(name, as_datasketch(signature), check_duplication=False)
    except DamagedError as error:
        raise UsageError(f"{path} is damaged ({error}). Make it again with 'taoxi state {out} --rebuild'.") from error
    return index


def export_index(out: Path, file: Path) -> int:
    """Write ``as_index`` to a file as a pickle; return how many documents are in it.

    Raises:
        UsageError: as ``as_index``, or if the file is there already.
        OutputError: if it cannot be written.
    """
    if file.exists():
        raise UsageError(f"{file} is already there. Choose another name, or remove it first.")
    index = as_index(out)
    staged = file.with_name(f".{file.name}.new")
    with output_errors(file):
        try:
            staged.write_bytes(pickle.dumps(index))
            publish(staged, file)
        finally:
            staged.unlink(missing_ok=True)
    return len(index.keys)


def minhash_of(text: str) -> Any:  # noqa: ANN401 - the library has no types
    """Return the MinHash of a normalized text, as the database holds it, for a query to ``as_index``."""
    import pyarrow as pa

    offsets, data = text_buffers(pa.array([text], pa.large_string()))
    return as_datasketch(np.ascontiguousarray(sign(data, offsets).signatures[0]))
