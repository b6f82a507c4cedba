"""Write dedup/simplified.tsv: OpenCC's traditional-to-simplified mapping, character by character.

Run it with the package ``opencc`` installed, after a new OpenCC release whose table should be taken over. A changed
table changes signatures, so it is a change of the format version too.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import opencc

TARGET = Path(__file__).parent.parent / "dedup" / "simplified.tsv"
HAN = [*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x323B0)]


def main() -> None:
    """Convert every Han character alone and keep the pairs that differ."""
    convert = opencc.OpenCC("t2s").convert
    pairs = [(chr(point), convert(chr(point))) for point in HAN]
    rows = [f"{old}\t{new}" for old, new in pairs if len(new) == 1 and new != old]
    head = f"# Traditional and simplified Han characters, from OpenCC {version('opencc')} (t2s), Apache-2.0."
    TARGET.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(rows)} pairs\n")


if __name__ == "__main__":
    main()
