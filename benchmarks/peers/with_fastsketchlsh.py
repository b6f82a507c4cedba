"""FastSketchLSH: its sketches and index, and our check of its candidates; and its README's way, which only flags."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from FastSketchLSH import LSH, FastSimilaritySketch

from benchmarks.peers.catalogue import DEFAULT
from benchmarks.peers.greedy import write_verdicts
from benchmarks.peers.shingling import portions, read

SIZE = 128
BANDS, THRESHOLD = 16, 0.7
SEED = 42


def documented(texts: list[str], out: Path) -> None:
    """Flag the documents that share a band with another one."""
    sketches = FastSimilaritySketch(size=SIZE, seed=SEED).batch([sorted(set(text.lower().split())) for text in texts])
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "flags.npy", LSH(num_perm=SIZE, num_bands=BANDS).insert_and_query_duplicates(sketches))


def near(texts: list[str]) -> list[int]:
    """Return for each document its own row, or that of a kept one before it that it repeats."""
    sketcher = FastSimilaritySketch(size=SIZE, seed=SEED)
    sketches = np.concatenate(
        [sketcher.batch_csr(hashes, starts, prehashed=True, num_threads=1) for hashes, starts in portions(texts)]
    )
    index = LSH(num_perm=SIZE, num_bands=BANDS, num_threads=1)
    index.insert(sketches)
    flat, starts = index.query(sketches, format="csr")
    leaders = list(range(len(texts)))
    for row in range(len(texts)):
        found = flat[starts[row] : starts[row + 1]]
        earlier = np.unique(found[found < row]).astype(np.int64)
        earlier = earlier[[leaders[other] == other for other in earlier.tolist()]] if len(earlier) else earlier
        if len(earlier):
            agreement = (sketches[earlier] == sketches[row]).mean(axis=1)
            best = int(agreement.argmax())
            if agreement[best] >= THRESHOLD:
                leaders[row] = int(earlier[best])
    return leaders


def main(docs: Path, out: Path, settings: str) -> None:
    """Detect, and write what stays."""
    numbers, texts = read(docs)
    if settings == DEFAULT:
        documented(texts, out)
    else:
        write_verdicts(out, numbers, near(texts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
