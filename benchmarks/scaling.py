"""``scaling``: time per megabyte on larger and larger inputs, on one core and on two, and on very large clusters."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import figures
from benchmarks.memory import make
from benchmarks.processes import Usage, clean_command, last_core, measure, pinned
from benchmarks.tables import markdown

FACTORS = (1, 2, 4, 8)
"""Sizes in multiples of the given corpus."""

ROUNDS = 2
CLUSTERS = {"near": (25_000, 100_000), "exact": (250_000, 1_000_000)}
"""Documents of one cluster: pages that differ in a few characters, and exact copies."""

MB = 1e6


@dataclass(frozen=True, slots=True)
class Point:
    """What a size took: the least of some rounds, and the most memory of any."""

    name: str
    size: int
    seconds: float
    processor: float
    peak: int


def least(name: str, size: int, usages: Sequence[Usage]) -> Point:
    """Return the least of some runs on an input of ``size`` bytes."""
    return Point(
        name,
        size,
        min(usage.seconds for usage in usages),
        min(usage.processor for usage in usages),
        max(usage.peak for usage in usages),
    )


def table(points: Sequence[Point], *, processor: bool = True) -> str:
    """Return a table in which the time per byte is compared with the first point's."""
    first = points[0]
    rows = [
        [
            point.name,
            f"{point.size / MB:.0f}",
            f"{point.seconds:.1f}",
            f"{point.processor:.1f}",
            f"{point.size / MB / point.seconds:.1f}",
            f"{point.peak / MB:.0f}",
            f"{_each(point, processor=False) / _each(first, processor=False):.2f}",
            *([f"{_each(point, processor=True) / _each(first, processor=True):.2f}"] if processor else []),
        ]
        for point in points
    ]
    head = ["input", "MB", "min s", "CPU s", "MB/s", "peak MB", "time per MB", *(["CPU per MB"] if processor else [])]
    return markdown(head, rows)


def _each(point: Point, *, processor: bool) -> float:
    return (point.processor if processor else point.seconds) / point.size


def run_all(sources: dict[str, Path], rounds: int, work: Path, jobs: int = 1) -> list[Point]:
    """Clean every input in every round, in alternation, and return the least of each."""
    taken: dict[str, list[Usage]] = {name: [] for name in sources}
    for _ in range(rounds):
        for name, source in sources.items():
            with tempfile.TemporaryDirectory(dir=work) as folder:
                taken[name].append(measure(clean_command(source, "out", jobs=jobs), Path(folder)))
    return [least(name, source.stat().st_size, taken[name]) for name, source in sources.items()]


def sizes(docs: Path, factors: Sequence[int], rounds: int, work: Path) -> list[Point]:
    """Measure multiples of a corpus."""
    with docs.open("rb") as lines:
        documents = sum(1 for _ in lines)
    sources = {}
    for factor in factors:
        sources[f"{factor} ×"] = source = work / f"{factor}.jsonl"
        make("larger", docs, source, factor * documents)
    return run_all(sources, rounds, work)


def clusters(docs: Path, kind: str, counts: Sequence[int], rounds: int, work: Path) -> list[Point]:
    """Measure one cluster of more and more documents."""
    sources = {}
    for count in counts:
        sources[f"{count:,} {kind}"] = source = work / f"{kind}-{count}.jsonl"
        make(kind, docs, source, count)
    return run_all(sources, rounds, work)


def jobs(docs: Path, rounds: int, work: Path, cores: Sequence[int]) -> list[Point]:
    """Measure one corpus with ``--jobs 1`` and with more, in alternation, on all cores."""
    taken: dict[int, list[Usage]] = {count: [] for count in cores}
    for _ in range(rounds):
        for count in cores:
            with tempfile.TemporaryDirectory(dir=work) as folder:
                taken[count].append(measure(clean_command(docs, "out", jobs=count), Path(folder)))
    size = docs.stat().st_size
    return [least(f"--jobs {count}", size, usages) for count, usages in taken.items()]


def main(arguments: Sequence[str]) -> int:
    """Run the command ``scaling``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scaling", description=__doc__)
    parser.add_argument("docs", type=Path, metavar="DOCS.jsonl")
    parser.add_argument(
        "--factors",
        type=int,
        nargs="+",
        default=FACTORS,
        metavar="N",
        help="multiples of the corpus (default %(default)s); 86 makes 10 GB of one of 117 MB",
    )
    parser.add_argument("--repeat", type=int, default=ROUNDS, metavar="N", help="rounds (default %(default)s)")
    parser.add_argument("--core", type=int, default=last_core(), help="the core of single runs (default: the last)")
    parts = ["sizes", "jobs", *CLUSTERS]
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts, help="what is measured (default: all)")
    parser.add_argument("--work", type=Path, help="folder for inputs and outputs (default: a temporary one)")
    figures.add_option(parser)
    args = parser.parse_args(arguments)
    docs = args.docs.resolve()
    found: dict[str, list[Point]] = {}
    many = range(1, min(2, os.cpu_count() or 1) + 1)
    with tempfile.TemporaryDirectory(prefix="taoxi-scaling-", dir=args.work) as name:
        work = Path(name)
        # A first run, which is not counted: it may have to compile the kernels.
        measure(clean_command(docs, "out"), work)
        steps: dict[str, Callable[[], list[Point]]] = {
            "sizes": lambda: sizes(docs, args.factors, args.repeat, work),
            "jobs": lambda: jobs(docs, args.repeat, work, many),
            **{kind: partial(clusters, docs, kind, counts, args.repeat, work) for kind, counts in CLUSTERS.items()},
        }
        print(f"`clean -o out/`, the least of {args.repeat} rounds in alternation; input and output on disk.")
        for part in args.parts:
            with pinned(None if part == "jobs" else args.core):
                found[part] = steps[part]()
            print(f"\n{table(found[part], processor=part != 'jobs')}", flush=True)
            if part == "jobs" and len(found[part]) > 1:
                one, two = found[part]
                print(f"\n{one.seconds / two.seconds:.2f} times as fast with two processes.")
            points = {key: [_plain(point) for point in points] for key, points in found.items()}
            figures.save(args.json, "scaling", points)
    return 0


def _plain(point: Point) -> dict[str, object]:
    return {name: getattr(point, name) for name in Point.__slots__}
