"""``html``: the main text of pages against what a person cut out of them, and the time that one page takes."""

from __future__ import annotations

import argparse
import gc
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import last_core, pinned
from benchmarks.tables import markdown

TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff]+")
"""A Han character, or a run of letters and digits of other scripts."""

ROUNDS = 5
SPLITS = 50
"""Random halves of the pages; how far their means lie apart says what the mean over all is worth."""

Extractor = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Score:
    """How well the text of a page was found."""

    f1: float
    precision: float
    recall: float


def score(found: str, wanted: str) -> Score:
    """Compare two texts by their tokens, each counted as often as it occurs."""
    have, want = Counter(TOKEN.findall(found)), Counter(TOKEN.findall(wanted))
    both = (have & want).total()
    if not both:
        return Score(0.0, 0.0, 0.0)
    precision, recall = both / have.total(), both / want.total()
    return Score(2 * precision * recall / (precision + recall), precision, recall)


def ours(raw: bytes) -> str:
    """Decode a page and return its main text, as a run does."""
    from taoxi.normalize.encodings.declared import declared  # noqa: PLC0415 - as above
    from taoxi.normalize.encodings.decoding import decode  # noqa: PLC0415 - after the pinning
    from taoxi.normalize.web.html import extract  # noqa: PLC0415 - as above

    found = extract(decode(raw, declared(raw)).utf8)
    text = bytearray(found.text)
    for start, end, _ in reversed(found.aside):
        del text[start:end]
    return text.decode()


def peers() -> dict[str, Extractor]:
    """Return the extractors of other libraries that are installed, fed with decoded text."""
    from taoxi.normalize.encodings.decoding import decode  # noqa: PLC0415 - as above

    found: dict[str, Extractor] = {}
    try:
        from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415 - may be missing
    except ImportError:
        pass
    else:
        found["resiliparse"] = lambda raw: extract_plain_text(decode(raw).as_text(), main_content=True)
    try:
        import trafilatura  # noqa: PLC0415 - may be missing
    except ImportError:
        pass
    else:
        found["trafilatura"] = lambda raw: trafilatura.extract(decode(raw).as_text()) or ""
    return found


def halves(scores: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and the highest mean over random halves."""
    rng = random.Random(0)
    means = [statistics.fmean(rng.sample(scores, max(1, len(scores) // 2))) for _ in range(SPLITS)]
    return min(means), max(means)


def milliseconds(extract: Extractor, pages: Sequence[bytes], rounds: int) -> float:
    """Return the mean time of a page in the fastest of several rounds."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        for raw in pages:
            extract(raw)
        best = min(best, time.perf_counter() - start)
    return best / len(pages) * 1e3


def main(argv: Sequence[str]) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks html", description=__doc__)
    parser.add_argument("folder", type=Path, help="with original/NAME.html, any encoding, and cleaned/NAME.txt, UTF-8")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--peers", action="store_true", help="measure other libraries that are installed too")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the N pages that were read worst")
    args = parser.parse_args(argv)
    files = sorted(path for path in (args.folder / "original").iterdir() if path.suffix == ".html")
    raws = [path.read_bytes() for path in files]
    cleaned = [(args.folder / "cleaned" / f"{path.stem}.txt").read_bytes().decode("utf-8", "replace") for path in files]
    rows = []
    with pinned(last_core()):
        for name, extract in {"taoxi": ours, **(peers() if args.peers else {})}.items():
            scores = [score(extract(raw), text) for raw, text in zip(raws, cleaned, strict=True)]
            low, high = halves([each.f1 for each in scores])
            means = (statistics.fmean(getattr(each, part) for each in scores) for part in ("f1", "precision", "recall"))
            took = milliseconds(extract, raws, args.rounds)
            rows.append([name, *(f"{mean:.3f}" for mean in means), f"{low:.3f}-{high:.3f}", f"{took:.2f}"])
            if name == "taoxi":
                worst = sorted(zip(scores, files, strict=True), key=lambda pair: pair[0].f1)[: args.worst]
    print(markdown([f"{len(raws)} pages", "F1", "precision", "recall", "F1 of halves", "ms a page"], rows))
    for each, path in worst:
        print(f"{each.f1:.3f} (precision {each.precision:.3f}, recall {each.recall:.3f})  {path.name}")
    return 0
