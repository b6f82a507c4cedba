"""What signatures and exact hashes depend on, so that those of different versions are never compared."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from taoxi.dedup import fold
from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, SEED, SHINGLE, SHORTEST

FORMAT = 2
"""The form of the tables."""

SIGNATURE = 1
"""To be raised whenever a text gets another signature, exact hash or paragraphs than before; a test holds some."""

NORMALIZER = 1
"""To be raised whenever the rules make another text of the same characters; a test holds some."""


FACTS = 3
"""To be raised whenever two texts give another sketch of facts than before; a test holds some."""


@cache
def _fold() -> str:
    """Return a digest of the table of the fold."""
    return hashlib.blake2b(fold.table().tobytes(), digest_size=8).hexdigest()


class DamagedError(Exception):
    """The database cannot be read, or is of an older form: it is to be made again."""


def stamps() -> dict[str, str]:
    """Return what the state of this version depends on, by name."""
    head = files("taoxi.dedup").joinpath("simplified.tsv").read_text("utf-8").partition("\n")[0]
    return {
        "signature": str(SIGNATURE),
        "normalizer": str(NORMALIZER),
        "facts": str(FACTS),
        "fold": _fold(),
        "opencc": head.partition("OpenCC ")[2].partition(" ")[0],
        "shingle": str(SHINGLE),
        "shortest": str(SHORTEST),
        "permutations": str(PERMUTATIONS),
        "seed": str(SEED),
        "bands": f"{BANDS}x{ROWS}",
    }
