"""``chrome``: learn and remove the chrome of generated sites around real articles, and count lines right and wrong."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.pages import CHROME, CONTENT, Page, Site, articles, read_texts
from benchmarks.tables import markdown, percent
from benchmarks.templates import TUNED
from benchmarks.templates_held import HELD_OUT, SEEN
from taoxi.dedup.chrome import Chrome, Reason, Stripped, count, learn, strip

SIZES = (5, 20, 100, 1000)


@dataclass(slots=True)
class Score:
    """Lines of chrome that went and stayed, and of content that went, the latter in characters too."""

    gone: int = 0
    left: int = 0
    wrong: int = 0
    wrong_characters: int = 0
    characters: int = 0
    seconds: float = 0.0
    size: int = 0
    mistakes: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall of chrome lines."""
        return 2 * self.gone / max(1, 2 * self.gone + self.left + self.wrong)

    def add(self, other: Score) -> None:
        """Add the counts of another site."""
        for name in ("gone", "left", "wrong", "wrong_characters", "characters", "seconds", "size"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def joined(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return texts one after another in UTF-8, and their bounds."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def rest(texts: Sequence[str], stripped: Stripped) -> list[str]:
    """Return the texts without their stretches."""
    cuts: dict[int, list[tuple[int, int]]] = {}
    for row, start, end, *_ in stripped.stretches.tolist():
        cuts.setdefault(row, []).append((start, end))
    left = []
    for row, text in enumerate(texts):
        data, at, kept = text.encode(), 0, b""
        for start, end in cuts.get(row, []):
            kept, at = kept + data[at:start], end
        left.append((kept + data[at:]).decode())
    return left


def measure(pages: Sequence[Page], *, learned: bool = True) -> Score:
    """Strip the pages of one site; with ``learned`` false, by the lexicon alone."""
    texts = [page.text for page in pages]
    utf8, offsets = joined(texts)
    sites = ["site"] * len(pages)
    begin = time.perf_counter()
    chrome = learn(count(utf8, offsets, sites)) if learned else Chrome.empty()
    stripped = strip(utf8, offsets, sites, chrome.known)
    score = Score(seconds=time.perf_counter() - begin, size=len(utf8))
    gone = np.zeros(len(utf8) + 1, np.bool_)
    for row, start, end, *_ in stripped.stretches.tolist():
        gone[offsets[row] + start : offsets[row] + end] = True
    for row, page in enumerate(pages):
        at = int(offsets[row])
        for line, kind in page.lines:
            while utf8[at] == ord("\n"):
                at += 1
            went = bool(gone[at])
            at += len(line.encode())
            if kind == CHROME:
                score.gone += went
                score.left += not went
                if not went:
                    score.mistakes["left", line] += 1
            elif kind == CONTENT:
                score.characters += len(line)
                score.wrong += went
                score.wrong_characters += len(line) * went
                if went:
                    score.mistakes["WRONG", line] += 1
    return score


def table(results: dict[str, dict[int, Score]], sizes: Sequence[int]) -> str:
    """Return F1 by template and number of pages, and the content wrongly removed."""
    rows = []
    for name, by_size in results.items():
        cells = [f"{by_size[size].f1:.3f}" if size in by_size else "–" for size in sizes]
        rows.append(
            [
                name,
                *cells,
                percent(sum(s.wrong_characters for s in by_size.values()), sum(s.characters for s in by_size.values())),
            ]
        )
    totals = {size: Score() for size in sizes}
    for by_size in results.values():
        for size, score in by_size.items():
            totals[size].add(score)
    wrong, all_of = sum(t.wrong_characters for t in totals.values()), sum(t.characters for t in totals.values())
    means = [f"{np.mean([r[size].f1 for r in results.values()]):.3f}" for size in sizes]
    rows.append(["mean of sites", *means, percent(wrong, all_of)])
    rows.append(["all lines", *(f"{totals[size].f1:.3f}" for size in sizes), percent(wrong, all_of)])
    return markdown(["F1 of chrome lines by pages", *map(str, sizes), "content removed"], rows)


def evaluate(
    templates: dict[str, str], texts: Sequence[str], sizes: Sequence[int], seed: int, show: int
) -> dict[str, dict[int, Score]]:
    """Measure each template at each size."""
    results: dict[str, dict[int, Score]] = {}
    for name, template in templates.items():
        for size in sizes:
            found = articles(texts, size, random.Random(f"{name} {size} {seed}"))
            score = measure(Site(name, template, seed + size).pages(found))
            results.setdefault(name, {})[size] = score
            for (what, line), times in score.mistakes.most_common(show):
                print(f"  {name} {size}: {what} {times}x {line[:70]}")
    return results


def whole(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Strip each text as a site of its own; return what went, with its reason."""
    utf8, offsets = joined(texts)
    stripped = strip(utf8, offsets, list(map(str, range(len(texts)))), Chrome.empty().known)
    return [
        (Reason(why).name.lower(), texts[row].encode()[start:end].decode().strip())
        for row, start, end, why, *_ in stripped.stretches.tolist()
    ]


def main(arguments: Sequence[str]) -> int:
    """Run the command ``chrome``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chrome", description=__doc__)
    parser.add_argument("texts", type=Path, nargs="+", help="files or folders with clean texts to cut articles from")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="pages per site (default: %(default)s)")
    parser.add_argument("--only", nargs="*", help="templates to measure (default: all)")
    parser.add_argument("--clean", type=Path, nargs="*", default=[], help="texts without chrome: what goes of them?")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the N commonest mistakes of each site")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from (default %(default)s)")
    args = parser.parse_args(arguments)
    texts = read_texts(args.texts)
    for title, templates in (("Tuned on", TUNED), ("Seen", SEEN), ("Held out", HELD_OUT)):
        chosen = {name: text for name, text in templates.items() if not args.only or name in args.only}
        if chosen:
            print(f"{title}: {len(chosen)} templates.\n")
            results = evaluate(chosen, texts, args.sizes, args.seed, args.show)
            print(table(results, args.sizes), "\n")
    if args.clean:
        clean = read_texts(args.clean)
        lost = whole(clean)
        print(f"{len(clean)} clean texts, each a site of its own: {len(lost)} stretches go.")
        for reason, text in lost:
            print(f"  {reason}: {text[:100]!r}")
    return 0
