"""What was planted: the cluster, kind and edit rate of each numbered document."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BASE = "base"
ALONE = frozenset({BASE, "template"})
"""Kinds that are no copies: the first of a cluster, and a document with the skeleton of another but other facts."""


@dataclass(frozen=True, slots=True)
class Planted:
    """How a document was made; ``rate`` is the share of its characters (or sentences) that were changed."""

    cluster: int
    kind: str
    rate: float


Truth = dict[int, Planted]


def read_truth(path: Path) -> Truth:
    """Read a table of number, cluster, kind and rate, separated by tabs, without a head."""
    truth = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        number, cluster, kind, rate = line.split("\t")
        truth[int(number)] = Planted(int(cluster), kind, float(rate))
    return truth


def write_truth(path: Path, truth: Truth) -> None:
    """Write what ``read_truth`` reads."""
    lines = (f"{number}\t{planted.cluster}\t{planted.kind}\t{planted.rate}\n" for number, planted in truth.items())
    path.write_text("".join(lines), encoding="utf-8")


def generate(generator: Path, dumps: Sequence[str], folder: Path, documents: int, seed: int) -> None:
    """Call a generator of corpora with known truth; it writes ``docs.jsonl`` and ``truth.tsv`` into ``folder``.

    Raises:
        SystemExit: if it fails.
    """
    words = [*dumps, "--docs", str(documents), "--seed", str(seed), "--out", str(folder)]
    if subprocess.run([sys.executable, str(generator), *words], check=False).returncode:
        raise SystemExit(f"{generator} failed. Run it alone to see why: {' '.join(words)}")
