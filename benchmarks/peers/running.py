"""How the rows of the catalogue are run: the command, its environment, and what it leaves behind."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers.catalogue import PEERS, ROWS, Row
from benchmarks.peers.environments import cache, installed
from benchmarks.truth import Truth

LAUNCH = Path(__file__).with_name("launch.py")
OUT = "out"
VERDICTS = "verdicts.tsv"

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
"""All run on one core, where more threads would only wait for each other."""

Verdicts = dict[int, int | None]
"""The number of the document that each goes for: its own if it stays, None if the peer does not tell."""


def command(python: Path, row: Row, docs: Path) -> list[str]:
    """Return the command of a row; it writes ``out`` into the folder that it runs in."""
    return [str(python), str(LAUNCH), PEERS[row.peer].script, str(docs), OUT, row.settings]


def variables(folder: Path) -> dict[str, str]:
    """Return the environment of a row: one thread, no network, and caches that go with the folder it runs in."""
    home = str(folder / "caches")
    return {**THREADS, "HF_HUB_OFFLINE": "1", "HF_HOME": home, "DATA_JUICER_CACHE_HOME": home, "DAFT_PROGRESS_BAR": "0"}


def read_verdicts(path: Path) -> Verdicts:
    """Read what ``greedy.write_verdicts`` wrote."""
    verdicts: Verdicts = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        number, leader = map(int, line.split("\t"))
        verdicts[number] = leader if leader >= 0 else None
    return verdicts


def check(verdicts: Verdicts, truth: Truth) -> None:
    """Make sure that verdicts are about the documents of a truth.

    Raises:
        SystemExit: if they are not.
    """
    if verdicts.keys() != truth.keys():
        raise SystemExit("The verdicts are about other documents. Name an empty folder with --outputs.")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that run peers."""
    parser.add_argument("--peers", action="store_true", help="run the peers too, each in an environment of its own")
    parser.add_argument(
        "--environments",
        type=Path,
        default=cache(),
        metavar="FOLDER",
        help="where their environments are, or are made at first use (default: under the user's cache)",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=[*PEERS, *(row.name for row in ROWS)],
        metavar="PEER",
        help="of the peers, only these",
    )
    parser.add_argument(
        "--outputs",
        type=Path,
        metavar="FOLDER",
        help="keep the verdicts of the peers here; `quality` reads what `speed` left and runs what is missing",
    )


def chosen(only: Iterable[str] | None) -> list[Row]:
    """Return the rows that were asked for by the name of a peer or of a row; all of them without names."""
    names = None if only is None else set(only)
    return [row for row in ROWS if names is None or row.peer in names or row.name in names]


def ready(rows: list[Row], environments: Path) -> tuple[dict[Row, Path], dict[str, str]]:
    """Return the interpreter of each row whose peer could be installed, and why the other peers could not."""
    names = list(dict.fromkeys(row.peer for row in rows))
    pythons, missing = installed(names, environments)
    return {row: pythons[row.peer] for row in rows if row.peer in pythons}, missing
