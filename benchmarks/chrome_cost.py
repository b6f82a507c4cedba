"""``chrome-cost``: what learning and removing chrome costs: time of whole runs on generated sites, memory on lines."""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson

from benchmarks.pages import Site, articles, read_texts
from benchmarks.processes import Usage, last_core, measure, pinned
from benchmarks.tables import markdown, percent
from benchmarks.templates import TUNED
from taoxi.dedup.chrome import Counts, Tally, learn
from taoxi.dedup.chrome.counts import PAGE, RECORD

BATCH = 2000
"""Pages of a batch: some 8 MB."""

LINES_OF_PAGE = 50
COMMON = 0.02
"""Share of lines that are those of the site."""

PAGES_OF_TEMPLATE = 1000
"""Different pages made of each template; where more are asked for, they come again on other sites."""

MB = 1e6


def peak() -> float:
    """Return the most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_apart(texts: Sequence[str], pages: int, docs: Path) -> int:
    """Write up to so many generated pages, each with a text of its own, and return how many; a template is a site."""
    each = min(pages, len(texts)) // len(TUNED)
    made: list[tuple[str, str]] = []
    for place, (name, template) in enumerate(TUNED.items()):
        own = [text.split("\n") for text in texts[place * each : (place + 1) * each]]
        made.extend((name, page.text) for page in Site(name, template, 1).pages(own))
    random.Random(1).shuffle(made)
    with docs.open("wb") as out:
        for k, (name, text) in enumerate(made):
            out.write(orjson.dumps({"text": text, "url": f"https://{name}.example/{k}"}) + b"\n")
    return len(made)


def write(texts: Sequence[str], pages: int, docs: Path) -> int:
    """Write about so many generated pages, and return how many; each thousand of a template is a site of its own."""
    made: list[tuple[str, str]] = []
    for name, template in TUNED.items():
        found = articles(texts, PAGES_OF_TEMPLATE, random.Random(name))
        made.extend((name, page.text) for page in Site(name, template, 1).pages(found))
    random.Random(1).shuffle(made)
    rounds = max(1, pages // len(made))
    with docs.open("wb") as out:
        for number in range(rounds):
            for k, (name, text) in enumerate(made):
                out.write(orjson.dumps({"text": text, "url": f"https://{name}-{number}.example/{k}"}) + b"\n")
    return rounds * len(made)


def cost(docs: Path, pages: int, rounds: int) -> str:
    """Return the table of runs with chrome and without, in alternation on one core."""
    command = [sys.executable, "-m", "taoxi.cli", "clean", str(docs), "--jobs", "1", "--quiet", "-o", "out", "--chrome"]
    taken: dict[str, list[Usage]] = {"off": [], "on": []}
    with pinned(last_core()):
        for number in range(rounds + 1):
            for word, usages in taken.items():
                with tempfile.TemporaryDirectory(dir=docs.parent) as folder:
                    usage = measure([*command, word], Path(folder))
                if number:  # the first one fills the caches
                    usages.append(usage)
    off, on = (min(usage.processor for usage in usages) for usages in taken.values())
    size = docs.stat().st_size / MB
    rows = [
        [f"`--chrome {word}`", f"{least:.2f}", f"{size / least:.0f}", f"{max(u.peak for u in taken[word]) / MB:,.0f}"]
        for word, least in (("off", off), ("on", on))
    ]
    rows.append(["share of chrome", percent(round(1e3 * (on - off)), round(1e3 * on)), "–", "–"])
    return markdown([f"{pages:,} pages, {size:,.0f} MB", "CPU s", "MB/s", "peak MB"], rows)


def memory(lines: int, folder: Path) -> list[list[str]]:
    """Tally and learn from pages of lines that are nearly all different; return time and memory."""
    rng = np.random.default_rng(1)
    before = peak()
    begin = time.process_time()
    with Tally(folder) as tally:
        for _ in range(max(1, lines // (BATCH * LINES_OF_PAGE))):
            pages = np.zeros(BATCH, PAGE)
            pages["site"] = rng.integers(0, 100, BATCH)
            pages["keys"] = rng.integers(0, 1 << 32, (BATCH, 8), np.uint32)
            records = np.zeros(BATCH * LINES_OF_PAGE, RECORD)
            records["line"] = rng.integers(1, 1 << 63, len(records), np.uint64)
            records["page"] = np.repeat(np.arange(BATCH), LINES_OF_PAGE)
            common = rng.random(len(records)) < COMMON
            records["line"][common] = pages["site"][records["page"][common]] * 1000 + rng.integers(1, 9, common.sum())
            records["next"] = rng.integers(0, 1 << 32, len(records), np.uint32)
            tally.add(Counts(pages, records, {site: str(site) for site in range(100)}))
        tallied = time.process_time() - begin
        after = peak()
        chrome = learn(tally)
    learned = time.process_time() - begin - tallied
    return [
        ["tally", f"{tallied:.1f}", f"{after - before:,.0f}"],
        [f"learn ({len(chrome.table):,} rows)", f"{learned:.1f}", f"{peak() - before:,.0f}"],
    ]


def main(arguments: Sequence[str]) -> int:
    """Run the command ``chrome-cost``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chrome-cost", description=__doc__)
    parser.add_argument("texts", type=Path, nargs="+", help="files or folders with clean texts to cut articles from")
    parser.add_argument("--pages", type=int, default=100_000, help="pages to time (default %(default)s)")
    parser.add_argument("--lines", type=int, default=10_000_000, help="distinct lines to count (default %(default)s)")
    parser.add_argument("--apart", action="store_true", help="each text is the article of one page only")
    parser.add_argument("--repeat", type=int, default=2, help="runs of each kind (default %(default)s)")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="taoxi-chrome-") as name:
        rows = memory(args.lines, Path(name))
    print(markdown([f"{args.lines:,} distinct lines", "s", "MB more at the peak"], rows), "\n")
    with tempfile.TemporaryDirectory(prefix="taoxi-chrome-") as name:
        docs = Path(name) / "docs.jsonl"
        pages = (write_apart if args.apart else write)(read_texts(args.texts), args.pages, docs)
        print(cost(docs, pages, args.repeat))
    return 0
