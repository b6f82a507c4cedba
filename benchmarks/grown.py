"""A folder whose database knows very many kept documents with generated signatures; run as a process of its own."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import orjson

from taoxi.corpus import Options, clean
from taoxi.corpus.state.store import NAME, Kept, Store
from taoxi.corpus.state.writing import add_documents, add_paragraphs
from taoxi.dedup.minhash import PERMUTATIONS
from taoxi.dedup.templates import SKETCH

AT_ONCE = 1 << 14

SHINGLES = 800
PARAGRAPHS = 8
"""Shingles and paragraphs of a generated document: those of a news article."""

FIRST = "这是语料库里的第一篇文章,它只有一句话那么长,因为要紧的是数据库里的那些。"


def grow(out: Path, documents: int, seed: int = 7) -> None:
    """Make a folder whose database knows so many kept documents that nothing else knows of."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "first.jsonl"
        source.write_bytes(orjson.dumps({"text": FIRST}))
        clean(Options(inputs=(str(source),), out=str(out), append=True))
    rng = np.random.default_rng(seed)
    with Store.open(out / NAME) as store, store.transaction():
        first = store.count()
        for start in range(0, documents, AT_ONCE):
            count = min(AT_ONCE, documents - start)
            # The least of n uniform values is all but exponential.
            values = np.minimum(rng.exponential(2**32 / SHINGLES, (count, PERMUTATIONS)), 2**32 - 2)
            ids = np.frombuffer(rng.bytes(16 * count), np.uint8).reshape(-1, 16)
            tokens, exact = np.full(count, SHINGLES, np.int32), rng.integers(0, 1 << 63, (count, 2), np.uint64)
            none = np.zeros((count, 16), np.uint8), np.zeros((count, SKETCH), np.uint32)
            add_documents(store, 1, first, Kept(ids, tokens, exact, values.astype(np.uint32), *none))
            hashes = rng.integers(0, 1 << 63, PARAGRAPHS * count, np.uint64)
            owners = np.repeat(np.arange(first, first + count), PARAGRAPHS)
            add_paragraphs(store, hashes, owners, np.full(PARAGRAPHS * count, SHINGLES // PARAGRAPHS))
            first += count


if __name__ == "__main__":
    grow(Path(sys.argv[1]), int(sys.argv[2]))
