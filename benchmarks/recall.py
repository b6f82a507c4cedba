"""``recall``: of the planted copies, how many did a run find, by kind and edit rate; and what did it remove wrongly."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cleaned import Cleaned, pairwise, read_folder
from benchmarks.tables import markdown, percent
from benchmarks.truth import ALONE, BASE, Truth, generate, read_truth
from taoxi.corpus import Options, clean
from taoxi.corpus.options import DEFAULT_SIMILARITY

EXAMPLES = 5
"""Wrong removals that are shown one by one: enough to see what they have in common."""


@dataclass(slots=True)
class Score:
    """Counts of the copies of one kind and rate.

    ``found``: copy and base are not both kept. ``settled``: the copy went, or is what the base went for; a copy that
    stays beside another one is found when the base went, but not settled, so the settled are all that could go less
    what is left over. ``pairwise``: copy and base would be found if there were no other document.
    """

    planted: int = 0
    found: int = 0
    settled: int = 0
    pairwise: int = 0


@dataclass(slots=True)
class Result:
    """The scores by kind and rate, and figures of the whole.

    ``reasons`` counts removed documents; ``wrong`` lists those whose leader belongs to another cluster, ``leaderless``
    those without a kept leader, ``lost`` documents in neither corpus nor ledger, ``vanished`` clusters of which nothing
    is kept.
    """

    scores: dict[tuple[str, float], Score] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[int] = field(default_factory=list)
    leaderless: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    vanished: set[int] = field(default_factory=set)
    documents: int = 0
    kept: int = 0
    clusters: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing was removed wrongly and nothing was lost."""
        return not (self.wrong or self.leaderless or self.lost or self.vanished)


def score(truth: Truth, cleaned: Cleaned, similarity: float = DEFAULT_SIMILARITY) -> Result:
    """Compare what was planted with what a run did.

    Args:
        truth: what was planted.
        cleaned: what the run left.
        similarity: share of equal signature values from which the run took a document for a copy.
    """
    result = Result(documents=len(truth), kept=len(cleaned.kept))
    bases = {planted.cluster: number for number, planted in truth.items() if planted.kind == BASE}
    result.lost = [number for number in truth if number not in cleaned.rows]
    copies = [n for n, planted in truth.items() if planted.kind not in ALONE and n in cleaned.rows]
    pairs = [(number, bases[truth[number].cluster]) for number in copies]
    alone = pairwise(cleaned, pairs, similarity).tolist()
    for (number, base), together in zip(pairs, alone, strict=True):
        planted = truth[number]
        kept = number in cleaned.kept
        line = result.scores.setdefault((planted.kind, planted.rate), Score())
        line.planted += 1
        line.found += not (kept and base in cleaned.kept)
        line.settled += not kept or (base in cleaned.removed and cleaned.removed[base].leader == number)
        line.pairwise += together
    for number, removal in sorted(cleaned.removed.items()):
        result.reasons[removal.reason] += 1
        if removal.leader is None:
            result.leaderless.append(number)
        elif truth[removal.leader].cluster != truth[number].cluster:
            result.wrong.append(number)
    clusters = {planted.cluster for planted in truth.values()}
    result.clusters = len(clusters)
    result.vanished = clusters - {truth[number].cluster for number in cleaned.kept}
    return result


def report(result: Result, truth: Truth, cleaned: Cleaned) -> str:
    """Return the tables and figures to print."""
    return "\n".join([_kinds(result), "", _reasons(result, truth, cleaned), "", *_totals(result)])


def _kinds(result: Result) -> str:
    head = ["kind", "rate", "planted", "found", "share", "settled", "share", "as a pair", "share"]
    rows = [_row(kind, f"{rate:g}" if rate else "", line) for (kind, rate), line in sorted(result.scores.items())]
    total = Score(*(sum(getattr(line, name) for line in result.scores.values()) for name in Score.__slots__))
    return markdown(head, [*rows, _row("all copies", "", total)])


def _row(kind: str, rate: str, line: Score) -> list[str]:
    return [
        kind,
        rate,
        f"{line.planted:,}",
        f"{line.found:,}",
        percent(line.found, line.planted),
        f"{line.settled:,}",
        percent(line.settled, line.planted),
        f"{line.pairwise:,}",
        percent(line.pairwise, line.planted),
    ]


def _reasons(result: Result, truth: Truth, cleaned: Cleaned) -> str:
    wrong = Counter(cleaned.removed[number].reason for number in result.wrong)
    rows = [[reason, f"{count:,}", f"{wrong[reason]:,}"] for reason, count in sorted(result.reasons.items())]
    rows.append(["all", f"{result.reasons.total():,}", f"{wrong.total():,}"])
    lines = [markdown(["removed as", "documents", "leader of another cluster"], rows)]
    for number in result.wrong[:EXAMPLES]:
        removal = cleaned.removed[number]
        leader = -1 if removal.leader is None else removal.leader
        lines.append(
            f"- document {number} ({truth[number].kind}) went as {removal.reason} at {removal.similarity:.3f}"
            f" for document {leader} ({truth[leader].kind}) of another cluster"
        )
    return "\n".join(lines)


def _totals(result: Result) -> list[str]:
    removable = result.documents - result.clusters
    removed = result.reasons.total()
    right = removed - len(result.wrong) - len(result.leaderless)
    lines = [
        f"{result.documents:,} documents in {result.clusters:,} clusters; {result.kept:,} kept, {removed:,} removed.",
        f"Removed rightly: {right:,} of {removable:,} that could go ({percent(right, removable)}).",
        f"Clusters with nothing left: {len(result.vanished):,}.",
        f"Removed without a kept leader: {len(result.leaderless):,}.",
        f"Neither kept nor in the ledger: {len(result.lost):,}.",
    ]
    if not result.sound:
        lines.append("The run is NOT sound: the last three figures and the leaders of another cluster must be 0.")
    return lines


def measure(docs: Path, truth: Path, out: Path, similarity: float) -> int:
    """Clean ``docs`` into ``out``, print the report, and return 1 if the run is not sound."""
    clean(Options(inputs=(str(docs),), out=str(out), overwrite=True, jobs=1, similarity=similarity))
    return show(truth, out, similarity)


def show(truth: Path, out: Path, similarity: float) -> int:
    """Print the report on a cleaned folder, and return 1 if the run is not sound."""
    known, cleaned = read_truth(truth), read_folder(out)
    result = score(known, cleaned, similarity)
    print(report(result, known, cleaned))
    return 0 if result.sound else 1


def main(arguments: Sequence[str]) -> int:
    """Run the command ``recall``."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks recall",
        description=__doc__,
        usage="%(prog)s TRUTH.tsv OUT [--similarity S]\n"
        "       %(prog)s --make FOLDER --generator SCRIPT [--docs N] [--seed N] [--similarity S] DUMP...",
    )
    parser.add_argument(
        "paths", nargs="+", help="the truth and the folder that clean wrote; or dumps for the generator"
    )
    parser.add_argument(
        "--similarity", type=float, default=DEFAULT_SIMILARITY, help="that of the run (default %(default)s)"
    )
    parser.add_argument(
        "--make", type=Path, metavar="FOLDER", help="generate docs.jsonl and truth.tsv here, clean them too"
    )
    parser.add_argument(
        "--generator", type=Path, metavar="SCRIPT", help="the generator: SCRIPT DUMP... --docs --seed --out"
    )
    parser.add_argument("--docs", type=int, default=50_000, help="documents to generate (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what the generator starts from (default %(default)s)")
    args = parser.parse_args(arguments)
    if args.make is None:
        if len(args.paths) != 2:  # noqa: PLR2004 - a truth and a folder
            parser.error("Without --make, give the truth and the folder that clean wrote.")
        return show(Path(args.paths[0]), Path(args.paths[1]), args.similarity)
    if args.generator is None:
        parser.error("--make needs the script that generates the documents. Name it with --generator.")
    generate(args.generator, args.paths, args.make, args.docs, args.seed)
    return measure(args.make / "docs.jsonl", args.make / "truth.tsv", args.make / "out", args.similarity)
