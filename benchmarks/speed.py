"""``speed``: whole runs of ``taoxi clean`` against the bare baseline, in alternation on one core."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import Usage, last_core, measure, pinned
from benchmarks.tables import markdown

BARE = "bare"
ROUNDS = 3
MB = 1e6


def commands(docs: Path) -> dict[str, list[str]]:
    """Return the commands that are compared; each writes ``out…`` into the folder that it runs in."""
    clean = [sys.executable, "-m", "taoxi.cli", "clean", str(docs), "--jobs", "1", "--quiet", "-o"]
    return {
        BARE: [sys.executable, str(Path(__file__).with_name("bare.py")), str(docs), "out.jsonl"],
        "clean -o out/": [*clean, "out"],
        "clean -o out.jsonl": [*clean, "out.jsonl"],
    }


def compare(docs: Path, work: Path, rounds: int) -> tuple[dict[str, Usage], dict[str, list[Usage]]]:
    """Return what each command took in a warm-up and in each of ``rounds`` rounds."""
    warm: dict[str, Usage] = {}
    taken: dict[str, list[Usage]] = {name: [] for name in commands(docs)}
    for number in range(rounds + 1):
        for name, command in commands(docs).items():
            with tempfile.TemporaryDirectory(dir=work) as folder:
                usage = measure(command, Path(folder))
            if number:
                taken[name].append(usage)
            else:
                warm[name] = usage
    return warm, taken


def report(taken: dict[str, list[Usage]], size: int) -> str:
    """Return the table: ratios of wall times within a round, and of the least processor times."""
    bare = taken[BARE]
    rows = []
    for name, usages in taken.items():
        walls = [usage.seconds for usage in usages]
        ratios = [usage.seconds / other.seconds for usage, other in zip(usages, bare, strict=True)]
        processor = min(usage.processor for usage in usages)
        rows.append(
            [
                name,
                f"{min(walls):.2f}",
                f"{statistics.median(walls):.2f}",
                f"{size / MB / min(walls):.0f}",
                f"{processor:.2f}",
                f"{max(usage.peak for usage in usages) / MB:.0f}",
                f"{min(ratios):.2f}",
                f"{statistics.median(ratios):.2f}",
                f"{processor / min(usage.processor for usage in bare):.2f}",
            ]
        )
    head = [
        "command",
        "min s",
        "median s",
        "MB/s",
        "CPU s",
        "peak MB",
        "× bare, min",
        "× bare, median",
        "× bare, CPU",
    ]
    return markdown(head, rows)


def main(arguments: Sequence[str]) -> int:
    """Run the command ``speed``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("docs", type=Path, metavar="DOCS.jsonl")
    parser.add_argument("--repeat", type=int, default=ROUNDS, metavar="N", help=f"counted rounds (default {ROUNDS})")
    parser.add_argument("--core", type=int, default=last_core(), help="the core that all run on (default: the last)")
    parser.add_argument(
        "--work", type=Path, help="folder for the outputs, which are deleted (default: a temporary one)"
    )
    args = parser.parse_args(arguments)
    docs = args.docs.resolve()
    size = docs.stat().st_size
    work = Path(tempfile.mkdtemp(prefix="taoxi-speed-", dir=args.work))
    try:
        with pinned(args.core):
            warm, taken = compare(docs, work, args.repeat)
    finally:
        shutil.rmtree(work)
    print(f"{docs.name}: {size / MB:.1f} MB, {args.repeat} rounds in alternation on core {args.core}, whole processes.")
    walls = ", ".join(f"{name} {usage.seconds:.2f} s" for name, usage in warm.items())
    print(f"A warm-up run of each came first and is not counted: it fills the caches of pages and kernels ({walls}).\n")
    print(report(taken, size))
    return 0
