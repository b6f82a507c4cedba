"""rensa: its deduplicator, which checks candidates by their signatures; and its fastest way, which only flags."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from rensa import RMinHash, RMinHashDeduplicator, RMinHashLSH

from benchmarks.peers.catalogue import DEFAULT, FLAGS
from benchmarks.peers.greedy import keep_or_drop, write_verdicts
from benchmarks.peers.shingling import grams, hashed, read

PERMUTATIONS = 128
BANDS, THRESHOLD = 16, 0.7
SEED = 42
DOCUMENTED_THRESHOLD = 0.8


def flags(texts: list[str]) -> list[bool]:
    """Return which documents share a band with another one."""
    hashes, starts = hashed(texts)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, starts, PERMUTATIONS, SEED)
    index = RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    return list(index.query_duplicate_flags_matrix_one_shot(matrix))


def main(docs: Path, out: Path, settings: str) -> None:
    """Detect, and write what stays."""
    numbers, texts = read(docs)
    if settings == FLAGS:
        out.mkdir(parents=True, exist_ok=True)
        np.save(out / "flags.npy", np.array(flags(texts)))
        return
    if settings == DEFAULT:
        deduplicator = RMinHashDeduplicator(DOCUMENTED_THRESHOLD, PERMUTATIONS, use_lsh=True)
        kept = deduplicator.add_pairs((str(row), text.split()) for row, text in enumerate(texts))
    else:
        deduplicator = RMinHashDeduplicator(THRESHOLD, PERMUTATIONS, use_lsh=True, num_bands=BANDS, seed=SEED)
        kept = deduplicator.add_pairs((str(row), grams(text)) for row, text in enumerate(texts))
    write_verdicts(out, numbers, keep_or_drop(kept))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
