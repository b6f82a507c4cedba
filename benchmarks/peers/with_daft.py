"""daft: reading and signatures by the engine; it has no index, so banding and check are ours."""

from __future__ import annotations

import sys
from pathlib import Path

import daft
import numpy as np
from daft import col

from benchmarks.peers.catalogue import DEFAULT
from benchmarks.peers.greedy import first_come, write_verdicts

LENGTH = 5
PERMUTATIONS, BANDS, ROWS, THRESHOLD = 128, 25, 5, 0.7
TUTORIAL_PERMUTATIONS, TUTORIAL_BANDS, TUTORIAL_ROWS = 64, 9, 7
"""9 × 7 is what the tutorial's search for the best banding finds for 64 values and 0.7."""


def main(docs: Path, out: Path, settings: str) -> None:
    """Detect, and write what stays."""
    frame = daft.read_json(str(docs))
    if settings == DEFAULT:
        text, permutations = col("text").lower().lstrip().rstrip(), TUTORIAL_PERMUTATIONS
    else:
        # Its tokens are what stands between spaces.
        text, permutations = col("text").regexp_replace("(.)", "$1 "), PERMUTATIONS
    sketches = text.minhash(num_hashes=permutations, ngram_size=LENGTH, seed=1)
    table = frame.select(col("id"), sketches.alias("signature")).to_arrow()
    numbers = [int(number) for number in table.column("id").to_pylist()]
    column = table.column("signature").combine_chunks()
    signatures = np.asarray(column.flatten()).reshape(len(numbers), -1)
    if settings == DEFAULT:
        leaders = first_come(signatures, TUTORIAL_BANDS, TUTORIAL_ROWS, 0.0)
    else:
        leaders = first_come(signatures, BANDS, ROWS, THRESHOLD)
    write_verdicts(out, numbers, leaders)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
