"""``append``: what it costs to add documents to a corpus of very many, whose signatures are generated."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import Usage, last_core, measure, pinned
from benchmarks.tables import markdown

MB = 1e6


def taken(docs: Path, folder: Path, known: Path | None) -> Usage:
    """Return what it takes to clean a file into a copy of a folder, or into a new one."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    if known is not None:
        shutil.copytree(known, out)
    words = [] if known is None else ["--append"]
    command = [sys.executable, "-m", "taoxi.cli", "clean", str(docs), "--jobs", "1", "--quiet", "-o", str(out), *words]
    return measure(command, folder)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks append", description=__doc__)
    parser.add_argument("docs", type=Path, help="JSONL of the documents that are added")
    parser.add_argument("--known", type=int, nargs="+", default=[100_000, 1_000_000, 3_000_000])
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, of which the fastest counts")
    args = parser.parse_args(arguments)
    rows: list[tuple[str, ...]] = []
    docs = args.docs.resolve()
    with tempfile.TemporaryDirectory() as name, pinned(last_core()):
        folder = Path(name)
        alone = min((taken(docs, folder, None) for _ in range(args.rounds)), key=lambda usage: usage.processor)
        rows.append(("none, no --append", f"{alone.processor:.2f}", "", f"{alone.peak / MB:.0f}", ""))
        for known in args.known:
            grown = folder / str(known)
            measure([sys.executable, "-m", "benchmarks.grown", str(grown), str(known)], Path.cwd())
            size = (grown / "state.duckdb").stat().st_size / known
            usage = min((taken(docs, folder, grown) for _ in range(args.rounds)), key=lambda usage: usage.processor)
            more = usage.processor - alone.processor
            rows.append(
                (f"{known:,}", f"{usage.processor:.2f}", f"{more:.2f}", f"{usage.peak / MB:.0f}", f"{size:.0f}")
            )
            shutil.rmtree(grown)
    print(markdown(("known documents", "processor s", "more s", "peak MB", "state bytes a document"), rows))
    return 0
