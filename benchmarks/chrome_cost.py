"""``chrome-cost``: what learning and removing chrome costs: time on generated sites, memory on distinct lines."""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.chrome import joined
from benchmarks.pages import Site, articles, read_texts
from benchmarks.tables import markdown, percent
from benchmarks.templates import TUNED
from taoxi.corpus import Options, clean
from taoxi.dedup.chrome import Counts, Tally, count, learn, scan, strip
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


def cost(texts: Sequence[str], pages: int, folder: Path) -> list[list[str]]:
    """Time each step on so many pages, and a run on those of them that are no copies of others."""
    made: list[tuple[str, str]] = []
    for name, template in TUNED.items():
        found = articles(texts, PAGES_OF_TEMPLATE, random.Random(name))
        made.extend((name, page.text) for page in Site(name, template, 1).pages(found))
    random.Random(1).shuffle(made)
    seconds = {"scan": 0.0, "count": 0.0, "tally": 0.0, "learn": 0.0, "strip": 0.0}
    size = 0
    batches = []
    for start in range(0, len(made), BATCH):
        part = made[start : start + BATCH]
        batches.append((*joined([text for _, text in part]), [name for name, _ in part]))
    count(*batches[0])  # kernels are loaded before they are timed
    rounds = max(1, pages // len(made))
    with Tally(folder) as tally:
        for number in range(rounds):
            for utf8, offsets, sites in batches:
                # Each round is other sites, or the pages would be copies.
                named = [f"{site}-{number}" for site in sites]
                begin = time.process_time()
                lines = scan(utf8, offsets)
                seconds["scan"] += time.process_time() - begin
                begin = time.process_time()
                counts = count(utf8, offsets, named, lines)
                seconds["count"] += time.process_time() - begin
                begin = time.process_time()
                tally.add(counts)
                seconds["tally"] += time.process_time() - begin
                size += len(utf8)
        begin = time.process_time()
        chrome = learn(tally)
        seconds["learn"] = time.process_time() - begin
    strip(*batches[0], chrome.known)
    for number in range(rounds):
        for utf8, offsets, sites in batches:
            named = [f"{site}-{number}" for site in sites]
            lines = scan(utf8, offsets)
            begin = time.process_time()
            strip(utf8, offsets, named, chrome.known, lines)
            seconds["strip"] += time.process_time() - begin
    whole = sum(seconds.values())
    run = rounds * clean_run(batches, folder)
    rows = [[step, f"{s:.2f}", f"{size / MB / s:,.0f}"] for step, s in seconds.items()]
    rows.append([f"all, {rounds * len(made):,} pages", f"{whole:.2f}", f"{size / MB / whole:,.0f}"])
    rows.append([f"a run of today, {size / MB:,.0f} MB", f"{run:.2f}", f"{size / MB / run:,.0f}"])
    return [*rows, ["share of a run with chrome", percent(round(1e3 * whole), round(1e3 * (run + whole))), "–"]]


def clean_run(batches: Sequence[tuple[NDArray[np.uint8], NDArray[np.int64], list[str]]], folder: Path) -> float:
    """Return the processor's seconds for a run on the same pages, in this process."""
    docs = folder / "docs.jsonl"
    with docs.open("wb") as out:
        for utf8, offsets, sites in batches:
            for k, site in enumerate(sites):
                text = utf8[offsets[k] : offsets[k + 1]].tobytes().decode()
                out.write(orjson.dumps({"text": text, "url": f"https://{site}.example/{k}"}) + b"\n")
    begin = time.process_time()
    clean(Options(inputs=(str(docs),), out=str(folder / "out"), jobs=1))
    return time.process_time() - begin


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
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="taoxi-chrome-") as name:
        rows = memory(args.lines, Path(name))
    print(markdown([f"{args.lines:,} distinct lines", "s", "MB more at the peak"], rows), "\n")
    with tempfile.TemporaryDirectory(prefix="taoxi-chrome-") as name:
        print(markdown(["step", "s", "MB/s"], cost(read_texts(args.texts), args.pages, Path(name))))
    return 0
