"""Write dedup/permutations.tsv: the permutations of datasketch that signatures are made with.

datasketch takes a third of a second to import, because of SciPy; a run does not need more of it than these numbers. A
test compares them with the installed datasketch.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from datasketch import MinHash

from taoxi.dedup.minhash import PERMUTATIONS, SEED

TARGET = Path(__file__).parent.parent / "dedup" / "permutations.tsv"


def main() -> None:
    """Write a multiplier and an offset a line."""
    a, b = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32").permutations
    head = f"# Multipliers and offsets of datasketch {version('datasketch')}, scheme affine32, seed {SEED}."
    rows = [f"{factor}\t{offset}" for factor, offset in zip(a.tolist(), b.tolist(), strict=True)]
    TARGET.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(rows)} permutations\n")


if __name__ == "__main__":
    main()
