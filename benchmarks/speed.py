"""``speed``: whole runs of ``taoxi clean`` against the bare baseline, and the peers', in alternation on one core."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks import figures
from benchmarks.peers import running
from benchmarks.peers.catalogue import PEERS
from benchmarks.peers.environments import last_error
from benchmarks.processes import Failed, Usage, clean_command, last_core, measure, pinned
from benchmarks.tables import markdown

BARE, OURS = "bare", "clean -o out/"
ROUNDS = 3
ONCE = 60.0
"""Seconds of processor time after which a peer is not run again: a second run tells little more for its price."""
MB = 1e6


@dataclass(frozen=True, slots=True)
class Run:
    """A command that writes ``out…`` into the folder that it runs in; ``asked`` says what of, if it is a peer's."""

    command: list[str]
    asked: str = ""
    writes: bool = True


@dataclass(slots=True)
class Taken:
    """What each command took in each counted round; ``warm`` was before them, ``failed`` says why one has nothing."""

    counted: dict[str, list[Usage]] = field(default_factory=dict)
    warm: dict[str, Usage] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def commands(docs: Path) -> dict[str, Run]:
    """Return taoxi's commands and the baseline."""
    return {
        BARE: Run([sys.executable, str(Path(__file__).with_name("bare.py")), str(docs), "out.jsonl"]),
        OURS: Run(clean_command(docs, "out")),
        "clean -o out.jsonl": Run(clean_command(docs, "out.jsonl")),
    }


def compare(  # noqa: PLR0913 - what is run, how, and what becomes of it
    runs: dict[str, Run],
    work: Path,
    rounds: int,
    *,
    once: float = ONCE,
    outputs: Path | None = None,
    after: Callable[[Taken], None] = lambda _: None,
) -> Taken:
    """Run everything in alternation: a warm-up of taoxi and the baseline, then the rounds.

    Args:
        runs: what is run, by name.
        work: where the folders are made that they run in.
        rounds: how often each is counted.
        once: seconds of processor time after which a peer is not run again.
        outputs: where the verdicts of peers and what they say are kept.
        after: called with everything so far after each process, so that an interrupted run leaves something.
    """
    taken = Taken({name: [] for name in runs})
    for number in range(rounds + 1):
        for name, run in runs.items():
            known = taken.counted[name]
            if run.asked and (number == 0 or name in taken.failed or (known and known[-1].processor > once)):
                continue
            with tempfile.TemporaryDirectory(dir=work) as folder:
                try:
                    usage = _run(name, run, Path(folder), outputs)
                except Failed as error:
                    if not run.asked:
                        raise
                    taken.failed[name] = str(error)
                    continue
            if number:
                known.append(usage)
            else:
                taken.warm[name] = usage
            after(taken)
    return taken


def _run(name: str, run: Run, folder: Path, outputs: Path | None) -> Usage:
    if not run.asked:
        return measure(run.command, folder)
    log = folder / "log.txt"
    try:
        usage = measure(run.command, folder, running.variables(folder), log)
    except Failed as error:
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        raise Failed(last_error(said) if said else str(error)) from error
    verdicts = folder / running.OUT / running.VERDICTS
    if outputs is not None and verdicts.exists():
        kept = outputs / name
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(verdicts, kept)
    return usage


def report(taken: dict[str, list[Usage]], size: int) -> str:
    """Return the table of taoxi and the baseline: ratios of wall times within a round, and of processor times."""
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


def against(runs: dict[str, Run], taken: Taken, size: int) -> str:
    """Return the table of the peers beside taoxi, the fastest by processor time first."""
    ours = taken.counted[OURS]
    least = {name: min(usage.processor for usage in usages) for name, usages in taken.counted.items() if usages}
    rows = []
    for name in sorted(least, key=least.__getitem__):
        usages, run = taken.counted[name], runs[name]
        if not run.asked and name != OURS:
            continue
        walls = [usage.seconds for usage in usages]
        rows.append(
            [
                name,
                "corpus" if run.writes else "detection",
                str(len(usages)),
                f"{min(walls):.1f}",
                f"{statistics.median(walls):.1f}",
                f"{least[name]:.1f}",
                f"{size / MB / least[name]:.1f}",
                f"{max(usage.peak for usage in usages) / MB:.0f}",
                f"{min(walls) / min(usage.seconds for usage in ours):.2f}",
                f"{least[name] / least[OURS]:.2f}",
                run.asked,
            ]
        )
    head = [
        "tool",
        "does",
        "runs",
        "min s",
        "median s",
        "CPU s",
        "MB/CPU s",
        "peak MB",
        "× ours",
        "× ours, CPU",
        "asked for",
    ]
    return markdown(head, rows)


def as_json(runs: dict[str, Run], taken: Taken, docs: Path) -> dict[str, object]:
    """Return everything that was measured."""
    rows = [
        {
            "name": name,
            "asked": runs[name].asked,
            "writes": runs[name].writes,
            "seconds": [usage.seconds for usage in usages],
            "processor": [usage.processor for usage in usages],
            "peak": [usage.peak for usage in usages],
        }
        for name, usages in taken.counted.items()
    ]
    return {"bytes": docs.stat().st_size, "rows": rows, "failed": taken.failed}


def add_peers(runs: dict[str, Run], docs: Path, only: Sequence[str] | None, environments: Path) -> dict[str, str]:
    """Add the peers' commands to ``runs``; return why some peers could not be installed."""
    pythons, missing = running.ready(running.chosen(only), environments)
    for row, python in pythons.items():
        runs[row.name] = Run(running.command(python, row, docs), row.asked, PEERS[row.peer].writes)
    return missing


def main(arguments: Sequence[str]) -> int:
    """Run the command ``speed``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=__doc__)
    parser.add_argument("docs", type=Path, metavar="DOCS.jsonl")
    parser.add_argument("--repeat", type=int, default=ROUNDS, metavar="N", help=f"counted rounds (default {ROUNDS})")
    parser.add_argument(
        "--once",
        type=float,
        default=ONCE,
        metavar="S",
        help="run a peer that took so many seconds once (default %(default)g)",
    )
    parser.add_argument("--core", type=int, default=last_core(), help="the core that all run on (default: the last)")
    parser.add_argument(
        "--work", type=Path, help="folder for the outputs, which are deleted (default: a temporary one)"
    )
    running.add_options(parser)
    figures.add_option(parser)
    args = parser.parse_args(arguments)
    docs = args.docs.resolve()
    size = docs.stat().st_size
    runs = commands(docs)
    missing = add_peers(runs, docs, args.only, args.environments.resolve()) if args.peers else {}
    work = Path(tempfile.mkdtemp(prefix="taoxi-speed-", dir=args.work))

    def after(taken: Taken) -> None:
        figures.save(args.json, "speed", as_json(runs, taken, docs) | {"missing": missing})

    try:
        with pinned(args.core):
            taken = compare(runs, work, args.repeat, once=args.once, outputs=args.outputs, after=after)
    finally:
        shutil.rmtree(work)
    spec = find_spec("taoxi.cli")
    print(f"taoxi of {Path(spec.origin).parent.parent if spec and spec.origin else '?'}")
    print(f"{docs.name}: {size / MB:.1f} MB, {args.repeat} rounds in alternation on core {args.core}, whole processes.")
    walls = ", ".join(f"{name} {usage.seconds:.2f} s" for name, usage in taken.warm.items())
    print(f"A warm-up run of each came first and is not counted: it fills the caches of pages and kernels ({walls}).\n")
    print(report({name: usages for name, usages in taken.counted.items() if not runs[name].asked}, size))
    if args.peers:
        print(f"\nThe peers, without a warm-up, in the same rounds:\n\n{against(runs, taken, size)}")
        for name, reason in {**missing, **taken.failed}.items():
            print(f"\n{name}: {reason}")
    return 0
