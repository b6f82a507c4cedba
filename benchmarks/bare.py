"""The bare baseline: read JSONL line by line, parse, serialize, write; nothing else.

No program that looks at every document in Python can be faster by much, so its time is the unit of ``speed``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import orjson


def main(source: str, target: str) -> None:
    """Copy ``source`` to ``target`` through objects."""
    with Path(source).open("rb") as lines, Path(target).open("wb") as out:
        out.writelines(orjson.dumps(orjson.loads(line), option=orjson.OPT_APPEND_NEWLINE) for line in lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
