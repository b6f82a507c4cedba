"""``memory``: the peak memory of whole runs on more and more documents, and what a kept document adds to it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks import figures
from benchmarks.processes import clean_command
from benchmarks.tables import markdown
from benchmarks.watching import Memory, watch

DOCUMENTS = (100_000, 200_000, 400_000, 800_000)
CHARACTERS = 200
"""Characters of a document: short ones, because memory that grows with the number of documents is looked for."""

JOBS = 2
MOST_EACH, MOST_CONSTANT = 400.0, 500e6
"""Bytes a kept document and bytes before the first one that a run may take."""

MB = 1e6


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line: bytes of a run without documents, and bytes that each document adds."""

    constant: float
    each: float


def fit(points: Sequence[tuple[int, int]]) -> Line:
    """Return the line of least squares through documents and bytes.

    Raises:
        ValueError: with fewer than two different numbers of documents.
    """
    count = len(points)
    mean_x = sum(x for x, _ in points) / count if count else 0.0
    mean_y = sum(y for _, y in points) / count if count else 0.0
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        raise ValueError("A line needs two different numbers of documents.")
    each = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return Line(mean_y - each * mean_x, each)


def make(kind: str, docs: Path, out: Path, documents: int, characters: int | None = None) -> None:
    """Write documents of a kind of ``larger`` in a process of its own, so that this one stays small."""
    words = [kind, str(docs), str(out), str(documents)]
    words += [] if characters is None else ["--characters", str(characters)]
    subprocess.run([sys.executable, str(Path(__file__).with_name("larger.py")), *words], check=True)


def kept(out: Path) -> int:
    """Return how many documents a run kept, by its manifest."""
    (manifest,) = (out / "runs").glob("*.json")
    return int(orjson.loads(manifest.read_bytes())["counts"]["kept"])


def main(arguments: Sequence[str]) -> int:
    """Run the command ``memory``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks memory", description=__doc__)
    parser.add_argument("docs", type=Path, metavar="DOCS.jsonl")
    parser.add_argument(
        "--documents", type=int, nargs="+", default=DOCUMENTS, metavar="N", help="how many (default %(default)s)"
    )
    parser.add_argument("--characters", type=int, default=CHARACTERS, metavar="N", help="of each (default %(default)s)")
    parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help="processes (default %(default)s)")
    parser.add_argument("--work", type=Path, help="folder for inputs and outputs (default: a temporary one)")
    figures.add_option(parser)
    args = parser.parse_args(arguments)
    if len(set(args.documents)) < 2:  # noqa: PLR2004 - a line
        parser.error("Name two different numbers of documents: a line is laid through what they take.")
    measured: list[tuple[int, int, int, Memory]] = []
    for documents in args.documents:
        with tempfile.TemporaryDirectory(prefix="taoxi-memory-", dir=args.work) as name:
            folder = Path(name)
            source = folder / "docs.jsonl"
            make("larger", args.docs.resolve(), source, documents, args.characters)
            memory = watch(clean_command(source, "out", jobs=args.jobs), folder)
            measured.append((documents, source.stat().st_size, kept(folder / "out"), memory))
    lines = {name: fit([(one[2], getattr(one[3], name)) for one in measured]) for name in ("resident", "own")}
    rows = [
        [f"{documents:,}", f"{size / MB:.0f}", f"{stayed:,}", f"{one.resident / MB:.0f}", f"{one.own / MB:.0f}"]
        for documents, size, stayed, one in measured
    ]
    print(f"Peaks of the sum over all processes of `clean --jobs {args.jobs}`, looked at ten times a second.\n")
    print(markdown(["documents", "MB", "kept", "peak MB", "without mapped files"], rows))
    for name, line in lines.items():
        print(f"\n{name}: {line.constant / MB:.0f} MB, and {line.each:.0f} bytes for each kept document.")
    rows_json = [
        {"documents": documents, "bytes": size, "kept": stayed, "resident": one.resident, "own": one.own}
        for documents, size, stayed, one in measured
    ]
    fitted = {name: {"constant": line.constant, "each": line.each} for name, line in lines.items()}
    figures.save(args.json, "memory", {"jobs": args.jobs, "rows": rows_json, "fit": fitted})
    line = lines["own"]
    return 0 if line.each <= MOST_EACH and line.constant < MOST_CONSTANT else 1
