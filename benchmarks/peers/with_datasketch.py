"""datasketch: signatures and index by the library; each document is looked up among those that were kept before it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from datasketch import MinHash, MinHashLSH

from benchmarks.peers.catalogue import DEFAULT
from benchmarks.peers.greedy import write_verdicts
from benchmarks.peers.shingling import grams, portions, read

PERMUTATIONS = 128
BANDS, ROWS, THRESHOLD = 25, 5, 0.7


def tuned(texts: list[str]) -> Iterator[MinHash]:
    """Yield signatures of shingles that are hashed already: the fastest way that the library has."""

    def documents() -> Iterator[list[int]]:
        for hashes, starts in portions(texts):
            low = hashes & 0xFFFFFFFF
            for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
                yield low[start:end].tolist()

    yield from MinHash.generator(documents(), num_perm=PERMUTATIONS, hashfunc=int)


def documented(texts: list[str]) -> Iterator[MinHash]:
    """Yield signatures as the first page of the documentation makes them."""
    for text in texts:
        sketch = MinHash()
        for gram in grams(text):
            sketch.update(gram.encode())
        yield sketch


def detect(sketches: Iterable[MinHash], index: MinHashLSH, threshold: float) -> list[int]:
    """Return for each document its own row, or that of a kept one that reaches the threshold."""
    kept: dict[int, MinHash] = {}
    leaders = []
    for row, sketch in enumerate(sketches):
        found = [] if sketch.is_empty() else sorted(index.query(sketch))
        nearest = max(
            ((sketch.jaccard(kept[other]) if threshold else 1.0, -other) for other in found), default=(-1.0, 0)
        )
        if found and nearest[0] >= threshold:
            leaders.append(-nearest[1])
            continue
        leaders.append(row)
        kept[row] = sketch
        index.insert(row, sketch, check_duplication=False)
    return leaders


def main(docs: Path, out: Path, settings: str) -> None:
    """Detect, and write what stays."""
    numbers, texts = read(docs)
    if settings == DEFAULT:
        leaders = detect(documented(texts), MinHashLSH(), 0.0)
    else:
        leaders = detect(tuned(texts), MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS)), THRESHOLD)
    write_verdicts(out, numbers, leaders)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
