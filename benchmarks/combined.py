"""``combined``: recall of copies that are width-flipped and edited at once, planted in documents of a given corpus."""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from benchmarks.recall import measure
from benchmarks.truth import BASE, Planted, Truth, read_truth, write_truth
from taoxi.corpus.options import DEFAULT_SIMILARITY

RATES = (0.0, 0.005, 0.01, 0.02)
"""Shares of edited characters; 0 is the flip of width alone."""

ORIGINALS = 3000
"""Documents that copies are made of: 0.1% of recall is three copies, and the run takes seconds."""

_FIRST, _LAST = 0x21, 0x7E
_AWAY = 0xFF01 - _FIRST
FLIP = {
    **{point: point + _AWAY for point in range(_FIRST, _LAST + 1)},
    **{point + _AWAY: point for point in range(_FIRST, _LAST + 1)},
    0x20: 0x3000,
    0x3000: 0x20,
}
"""Half-width ASCII to full-width and back, for ``str.translate``."""


def edit(text: str, rate: float, alphabet: str, rng: random.Random) -> str:
    """Return the text with characters deleted, replaced or followed by another, a third of ``rate`` each.

    Line breaks are left alone, because both copies of a page have them.
    """
    out = []
    for char in text:
        draw = 3 * rng.random()
        if char == "\n" or draw >= 3 * rate:
            out.append(char)
        elif draw >= 2 * rate:
            out += [char, rng.choice(alphabet)]
        elif draw >= rate:
            out.append(rng.choice(alphabet))
    return "".join(out)


def originals(docs: Path, truth: Path | None, count: int) -> list[str]:
    """Return at most ``count`` texts from all over a corpus; with its truth, only firsts of clusters.

    Without the truth of a corpus that holds copies, these would count as wrong removals.
    """
    known = None if truth is None else read_truth(truth)
    texts = []
    with docs.open("rb") as lines:
        for line in lines:
            document = orjson.loads(line)
            if known is None or known[int(document["id"])].kind == BASE:
                texts.append(str(document["text"]))
    return texts[:: max(1, len(texts) // count)][:count]


def plant(texts: Sequence[str], seed: int) -> Iterator[tuple[str, Planted]]:
    """Yield each text, then its copies."""
    alphabet = "".join(sorted({char for text in texts for char in text if "\u4e00" <= char <= "\u9fff"}))
    rng = random.Random(seed)
    for cluster, text in enumerate(texts):
        yield text, Planted(cluster, BASE, 0.0)
        for rate in RATES:
            copy = edit(text.translate(FLIP), rate, alphabet, rng)
            yield copy, Planted(cluster, "width+edit" if rate else "width", rate)


def write(planted: Sequence[tuple[str, Planted]], docs: Path, truth: Path, seed: int) -> None:
    """Write documents in random order, numbered, and what they are."""
    shuffled = random.Random(seed).sample(planted, len(planted))
    with docs.open("wb") as out:
        for number, (text, _) in enumerate(shuffled):
            out.write(orjson.dumps({"id": number, "text": text}, option=orjson.OPT_APPEND_NEWLINE))
    known: Truth = {number: how for number, (_, how) in enumerate(shuffled)}
    write_truth(truth, known)


def main(arguments: Sequence[str]) -> int:
    """Run the command ``combined``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks combined", description=__doc__)
    parser.add_argument("docs", type=Path, metavar="DOCS.jsonl")
    parser.add_argument(
        "--truth",
        type=Path,
        help="the truth of DOCS.jsonl: copy only firsts of clusters (default: truth.tsv beside it, if any)",
    )
    parser.add_argument("--take", type=int, default=ORIGINALS, help="documents to copy (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from (default %(default)s)")
    parser.add_argument(
        "--similarity", type=float, default=DEFAULT_SIMILARITY, help="that of the run (default %(default)s)"
    )
    parser.add_argument("--work", type=Path, help="a folder to keep documents, truth and output in")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="taoxi-combined-") as scratch:
        folder = args.work or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        docs, truth = folder / "docs.jsonl", folder / "truth.tsv"
        beside = args.docs.with_name("truth.tsv")
        texts = originals(args.docs, args.truth or (beside if beside.exists() else None), args.take)
        write(list(plant(texts, args.seed)), docs, truth, args.seed)
        print(
            f"{len(texts):,} documents of {args.docs.name}, {len(RATES)} copies of each, all of them width-flipped.\n"
        )
        return measure(docs, truth, folder / "out", args.similarity)
