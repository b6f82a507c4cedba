"""``quality``: planted copies found and wrong removals, for taoxi and its peers; and taoxi against brute force."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks import figures
from benchmarks.peers import running
from benchmarks.peers.catalogue import FLAGGED, Row
from benchmarks.peers.running import Verdicts
from benchmarks.processes import Failed, clean_command, measure
from benchmarks.tables import markdown, percent
from benchmarks.truth import ALONE, Truth, read_truth

OURS = "taoxi"
FIRST = "taoxi --keep first"
"""The order that the peers have: it tells what the keeper costs or gains apart from the detection."""

SAMPLE = 5000
"""Documents that are compared with all others: some thousand pairs in the band at the threshold, in a minute."""

KINDS = [("exact", 0.0), ("width", 0.0)]
"""The first columns; kinds with a rate follow in order."""


@dataclass(slots=True)
class Tally:
    """What a tool did with planted documents.

    ``planted`` and ``found`` count copies by kind and rate; found is one unless it stays beside a document of its
    cluster that is nearer to the base, as ``left_over`` says.
    ``wrong`` counts removed documents whose leader belongs to another cluster or, where the tool names none, of whose
    cluster nothing is left; ``vanished`` clusters with nothing left.
    """

    planted: Counter[tuple[str, float]] = field(default_factory=Counter)
    found: Counter[tuple[str, float]] = field(default_factory=Counter)
    kept: int = 0
    removed: int = 0
    wrong: int = 0
    vanished: int = 0


def left_over(truth: Truth, kept: set[int]) -> set[int]:
    """Return the kept documents that stay beside another one of their cluster.

    One of each cluster has to stay: the base if it did, or else the least edited of those that did. Which one a tool
    chooses is its own affair, and so a copy is no failure for standing in for its base.
    """
    rightful: dict[int, int] = {}
    for number in sorted(kept, key=lambda number: (truth[number].kind not in ALONE, truth[number].rate, number)):
        rightful.setdefault(truth[number].cluster, number)
    return kept - set(rightful.values())


def tally(truth: Truth, verdicts: Verdicts) -> Tally:
    """Count what a tool did; ``verdicts`` has each number of ``truth`` once."""
    result = Tally()
    kept = {number for number, leader in verdicts.items() if leader == number}
    left = {truth[number].cluster for number in kept}
    over = left_over(truth, kept)
    result.kept, result.removed = len(kept), len(verdicts) - len(kept)
    result.vanished = len({planted.cluster for planted in truth.values()} - left)
    for number, leader in verdicts.items():
        planted = truth[number]
        if planted.kind not in ALONE:
            kind = planted.kind, planted.rate
            result.planted[kind] += 1
            result.found[kind] += number not in over
        if number not in kept:
            lost = planted.cluster not in left if leader is None else truth[leader].cluster != planted.cluster
            result.wrong += lost
    return result


def report(tallies: dict[str, Tally], clusters: int) -> str:
    """Return the table: a row for each tool, a column for each kind and rate."""
    kinds = {kind for tally in tallies.values() for kind in tally.planted}
    order = [*(kind for kind in KINDS if kind in kinds), *sorted(kinds - set(KINDS))]
    names = [f"{kind} {100 * rate:g}%" if rate else kind for kind, rate in order]
    rows = []
    for name, one in tallies.items():
        shares = [percent(one.found[kind], one.planted[kind]).removesuffix("%") for kind in order]
        rows.append([name, f"{one.kept:,}", *shares, f"{one.wrong:,}", f"{one.vanished:,}"])
    lines = [markdown(["tool", "kept", *names, "wrong", "vanished"], rows)]
    lines.append(f"\nPlanted copies that do not stay beside a document of their cluster, in %; {clusters:,} clusters.")
    return "\n".join(lines)


def brute_force(out: Path, sample: int, seed: int) -> tuple[str, dict[str, object], bool]:
    """Return what exact similarities say of a cleaned folder: as a text, as figures, and whether it holds."""
    from benchmarks import jaccard  # noqa: PLC0415 - as above
    from benchmarks.cleaned import read_folder  # noqa: PLC0415 - peers are measured by a process that stays small
    from taoxi.corpus.options import DEFAULT_SIMILARITY  # noqa: PLC0415 - as above

    result = jaccard.measure(read_folder(out), DEFAULT_SIMILARITY, sample, seed)
    step = round(100 * jaccard.WIDTH)
    rows = [
        [
            f"{low / 100:.2f}" if low == 100 else f"{low / 100:.2f}–{(low + step) / 100:.2f}",  # noqa: PLR2004 - percent
            f"{band.pairs:,}",
            f"{band.settled:,}",
            percent(band.settled, band.pairs),
            f"{band.siblings:,}",
        ]
        for low, band in sorted(result.bands.items())
    ]
    lines = [
        f"{result.sampled:,} of {result.documents:,} documents against all, exact Jaccard of their shingles:",
        "",
        markdown(["Jaccard", "pairs", "one went", "share", "both kept as siblings"], rows),
        "",
        (
            f"Removed as near copies: {len(result.removals):,}; exact similarity to the leader more than"
            f" {jaccard.TOLERANCE} below the threshold: {result.too_far:,};"
            f" least {min(result.removals, default=1.0):.3f}."
        ),
    ]
    if not result.holds:
        lines.append(
            "This is NOT what is asked: 99% from a band above the threshold on, 95% at it, no removal far below."
        )
    counted = {
        "sampled": result.sampled,
        "bands": {str(low): asdict(band) for low, band in sorted(result.bands.items())},
        "least": min(result.removals, default=None),
        "too_far": result.too_far,
    }
    return "\n".join(lines), counted, result.holds


def ours(out: Path) -> Verdicts:
    """Return the verdicts of a cleaned folder."""
    from benchmarks.cleaned import read_folder  # noqa: PLC0415 - as above

    cleaned = read_folder(out)
    return {number: number for number in cleaned.kept} | {
        number: removal.leader for number, removal in cleaned.removed.items()
    }


def of_peer(row: Row, python: Path | None, docs: Path, outputs: Path, work: Path) -> Verdicts:
    """Return the verdicts of a peer: those that are in ``outputs``, else those of a run now.

    Raises:
        Failed: if it fails or is not installed.
    """
    path = outputs / row.name / running.VERDICTS
    if path.exists():
        return running.read_verdicts(path)
    if python is None:
        raise Failed("not installed")
    with tempfile.TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        measure(running.command(python, row, docs), folder, running.variables(folder), folder / "log.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        (folder / running.OUT / running.VERDICTS).replace(path)
    return running.read_verdicts(path)


def add_peers(tallies: dict[str, Tally], truth: Truth, args: argparse.Namespace, work: Path) -> dict[str, str]:
    """Add a tally for each row of the peers that names what stays; return why others have none."""
    rows = [row for row in running.chosen(args.only) if (row.peer, row.settings) not in FLAGGED]
    outputs = args.outputs or work / "outputs"
    lacking = [row for row in rows if not (outputs / row.name / running.VERDICTS).exists()]
    pythons, missing = running.ready(lacking, args.environments.resolve())
    for row in rows:
        try:
            verdicts = of_peer(row, pythons.get(row), args.docs.resolve(), outputs, work)
        except Failed as error:
            missing.setdefault(row.peer if row not in pythons else row.name, str(error))
            continue
        running.check(verdicts, truth)
        tallies[row.name] = tally(truth, verdicts)
    return missing


def main(arguments: Sequence[str]) -> int:
    """Run the command ``quality``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality", description=__doc__)
    parser.add_argument("docs", type=Path, metavar="DOCS.jsonl")
    parser.add_argument(
        "truth",
        type=Path,
        nargs="?",
        metavar="TRUTH.tsv",
        help="what was planted (default: truth.tsv beside DOCS.jsonl)",
    )
    parser.add_argument(
        "--sample",
        type=int,
        default=SAMPLE,
        metavar="N",
        help="documents for brute force (default %(default)s; 0: none)",
    )
    parser.add_argument("--seed", type=int, default=1, help="what the sample starts from (default %(default)s)")
    parser.add_argument(
        "--work", type=Path, help="folder for the outputs, which are deleted (default: a temporary one)"
    )
    running.add_options(parser)
    figures.add_option(parser)
    args = parser.parse_args(arguments)
    truth = read_truth(args.truth or args.docs.with_name("truth.tsv"))
    clusters = len({planted.cluster for planted in truth.values()})
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory(prefix="taoxi-quality-", dir=args.work) as name:
        work = Path(name)
        measure(clean_command(args.docs.resolve(), "out"), work)
        tallies[OURS] = tally(truth, ours(work / "out"))
        measure([*clean_command(args.docs.resolve(), "first"), "--keep", "first"], work)
        tallies[FIRST] = tally(truth, ours(work / "first"))
        missing = add_peers(tallies, truth, args, work) if args.peers else {}
        print(report(tallies, clusters))
        for peer, reason in missing.items():
            print(f"\n{peer}: {reason}")
        counted: dict[str, object] = {}
        holds = True
        if args.sample:
            said, counted, holds = brute_force(work / "out", args.sample, args.seed)
            print(f"\n{said}")
    rows = [
        {
            "name": tool,
            "kept": one.kept,
            "wrong": one.wrong,
            "vanished": one.vanished,
            "copies": [
                {"kind": kind, "rate": rate, "planted": count, "found": one.found[kind, rate]}
                for (kind, rate), count in sorted(one.planted.items())
            ],
        }
        for tool, one in tallies.items()
    ]
    figures.save(args.json, "quality", {"rows": rows, "missing": missing, "exact": counted})
    sound = not any(tallies[name].wrong or tallies[name].vanished for name in (OURS, FIRST))
    return 0 if sound and holds else 1
