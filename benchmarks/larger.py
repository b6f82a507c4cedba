"""More documents than a corpus has: its own, and the same again with other characters; run as a process of its own.

Every repetition exchanges the Han characters of the corpus for each other in another way. What is made so has the
lengths, signs, numbers and clusters of the original, and no shingle in common with it but by chance.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

FIRST, LAST = 0x4E00, 0x9FFF
POINTS = 0x110000

PAGE = 300
"""Characters of a page of a large cluster, and of an exact copy a third of it: short, because their number counts."""

EDITS = 3
"""Characters of such a page that are changed: its similarity to the others stays near 0.8."""

Points = NDArray[np.uint32]


def texts(docs: Path) -> Iterator[str]:
    """Yield the texts of a JSONL."""
    with docs.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)["text"]


def alphabet(docs: Path) -> Points:
    """Return the Han characters that occur, in order (uint32)."""
    seen = np.zeros(POINTS, np.bool_)
    for text in texts(docs):
        seen[_points(text)] = True
    return np.flatnonzero(seen[FIRST : LAST + 1]).astype(np.uint32) + np.uint32(FIRST)


def exchange(han: Points, repetition: int) -> Points:
    """Return a table from code point to code point that permutes some characters; that of repetition 0 changes none."""
    table = np.arange(POINTS, dtype=np.uint32)
    if repetition:
        table[han] = np.random.default_rng(repetition).permutation(han)
    return table


def exchanged(text: str, table: Points) -> str:
    """Return the text with its characters exchanged."""
    return table[_points(text)].tobytes().decode("utf-32-le", "surrogatepass")


def pieces(text: str, length: int | None) -> Iterator[str]:
    """Yield the text, or what it is cut into: pieces of so many characters, without a shorter rest."""
    if length is None:
        yield text
        return
    for start in range(0, len(text) - length + 1, length):
        yield text[start : start + length]


def larger(docs: Path, documents: int, length: int | None = None) -> Iterator[str]:
    """Yield so many texts: those of the corpus, and again with other characters until there are enough."""
    han = alphabet(docs)
    left = documents
    repetition = 0
    while left > 0:
        before = left
        table = exchange(han, repetition)
        for text in texts(docs):
            for piece in pieces(text, length):
                if left <= 0:
                    return
                left -= 1
                yield exchanged(piece, table) if repetition else piece
        if left == before:
            raise SystemExit(
                f"{docs} holds no text of {length or 1} characters. Name another file or a smaller length."
            )
        repetition += 1


def cluster(docs: Path, documents: int, edits: int) -> Iterator[str]:
    """Yield so many copies of one page, each with some characters changed; without edits they are exact and shorter."""
    joined = "".join(text for _, text in zip(range(PAGE), texts(docs), strict=False))
    page = _points("".join(joined.split())[: PAGE if edits else PAGE // 3])
    han = alphabet(docs)
    rng = np.random.default_rng(1)
    for _ in range(documents):
        copy = page.copy()
        copy[rng.integers(0, len(copy), edits)] = rng.choice(han, edits)
        yield copy.tobytes().decode("utf-32-le", "surrogatepass")


def write(out: Path, produced: Iterator[str]) -> None:
    """Write texts as numbered documents."""
    with out.open("wb") as lines:
        for number, text in enumerate(produced):
            lines.write(orjson.dumps({"id": number, "text": text}, option=orjson.OPT_APPEND_NEWLINE))


def _points(text: str) -> Points:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def main() -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["larger", "near", "exact"])
    parser.add_argument("docs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("documents", type=int)
    parser.add_argument("--characters", type=int, help="cut the texts into pieces of so many characters")
    args = parser.parse_args()
    if args.kind == "larger":
        write(args.out, larger(args.docs, args.documents, args.characters))
    else:
        write(args.out, cluster(args.docs, args.documents, EDITS if args.kind == "near" else 0))


if __name__ == "__main__":
    main()
