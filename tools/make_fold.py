"""Write dedup/fold.tsv: what comparison sees of each character, as ``taoxi.dedup.fold.build`` works it out.

To work it out takes an eighth of a second, and the result would depend on the version of Python, whose Unicode data it
comes from: signatures of one run could not be compared with those of another. A test compares the file with what is
worked out anew. A changed file changes signatures, so it is a change of the format version too.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import numpy as np

from taoxi.dedup.fold import KIND_SHIFT, POINT_MASK, build

TARGET = Path(__file__).parent.parent / "dedup" / "fold.tsv"


def main() -> None:
    """Write a line per run of characters that are of one kind and move by one distance."""
    table = build().astype(np.int64)
    points = np.flatnonzero(table)
    kinds, shifts = table[points] >> KIND_SHIFT, (table[points] & POINT_MASK) - points
    new = (np.diff(points) != 1) | (np.diff(kinds) != 0) | (np.diff(shifts) != 0)
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])
    ends = np.append(starts[1:], len(points)) - 1
    head = (
        f"# First and last code point, kind, and distance to what it folds to; Unicode {unicodedata.unidata_version}."
    )
    rows = zip(
        *(column.tolist() for column in (points[starts], points[ends], kinds[starts], shifts[starts])), strict=True
    )
    lines = ["\t".join(map(str, row)) for row in rows]
    TARGET.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(lines)} runs\n")


if __name__ == "__main__":
    main()
