"""Write the row ``traditional`` of common.tsv: the traditional forms of the characters of ``simplified``.

The other rows are written by hand: the most frequent characters of a language, the most frequent first. Run this after
a change of the row ``simplified`` or of dedup/simplified.tsv.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "normalize" / "encodings" / "common.tsv"
FORMS = ROOT / "dedup" / "simplified.tsv"
LAST_COMMON = b"\xc6\x7e"
"""The last code of Big5 for a frequently used character; rarer forms of the same character lie behind it."""


def main() -> None:
    """Replace each simplified character by its traditional forms, in their order."""
    rows = dict(line.split("\t") for line in TARGET.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    forms: dict[str, list[str]] = {}
    for line in FORMS.read_text(encoding="utf-8").splitlines():
        if line[:1] != "#":
            old, new = line.split("\t")
            forms.setdefault(new, []).append(old)
    written = dict.fromkeys(
        form for char in rows["simplified"] for form in (char, *forms.get(char, ())) if _is_common(form)
    )
    rows["traditional"] = "".join(written)
    head = [line for line in TARGET.read_text(encoding="utf-8").splitlines() if line[:1] == "#"]
    TARGET.write_text("\n".join([*head, *(f"{name}\t{row}" for name, row in rows.items())]) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(written)} traditional characters\n")


def _is_common(char: str) -> bool:
    return b"\xa4\x40" <= char.encode("big5", "ignore") <= LAST_COMMON


if __name__ == "__main__":
    main()
