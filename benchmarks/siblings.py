"""``siblings``: of texts of one template with other facts, how many go as copies; and how many copies stay for fear.

Texts of ``siblings_kinds`` are filled and cleaned together with copies of them. A text that goes for another text of
its kind, and not for a copy of itself, is a sibling that was removed: counted alone, and beside the copies, where one
that was edited may come first, and edits hide what little two siblings differ in. A copy that stays beside its
original, though they are similar enough, was kept for fear.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import siblings_languages as more
from benchmarks import siblings_short as short
from benchmarks.cleaned import pairwise, read_folder
from benchmarks.siblings_held import HELD, LANGUAGES
from benchmarks.siblings_kinds import BODIES, SEEN, TUNED
from benchmarks.siblings_made import COPIES, fill
from benchmarks.tables import markdown, percent
from benchmarks.truth import ALONE, BASE, Truth, read_truth
from taoxi.corpus import Options, clean
from taoxi.corpus.options import DEFAULT_SIMILARITY

PARAGRAPHS = 3
"""Paragraphs that all texts of a kind have in common: notices end in pages of such. Without, few are similar enough."""

_LANGUAGES = more.LANGUAGES | short.LANGUAGES | LANGUAGES

_SETS = (
    ("Kinds that thresholds were chosen on", TUNED),
    ("Kinds that were held out once, and seen since", SEEN | more.SEEN | short.SEEN),
    ("Kinds that are held out", HELD),
)

SIBLINGS_REMOVED = 0.005
COPIES_KEPT = 0.01
"""Shares that are too many."""


@dataclass(slots=True)
class Score:
    """What became of the texts or copies of a kind: how many there were, were similar enough, and went wrong."""

    all: int = 0
    similar: int = 0
    wrong: int = 0


@dataclass(slots=True)
class Result:
    """The scores of texts by their kind, and of copies by theirs; numbers of those that went wrong."""

    texts: dict[str, Score] = field(default_factory=dict)
    copies: dict[str, Score] = field(default_factory=dict)
    wrong: list[int] = field(default_factory=list)

    @property
    def removed(self) -> tuple[int, int]:
        """How many texts went as copies of others, and of how many."""
        return sum(score.wrong for score in self.texts.values()), sum(score.all for score in self.texts.values())

    @property
    def feared(self) -> tuple[int, int]:
        """How many copies were kept for fear, and of how many that are similar enough."""
        return sum(score.wrong for score in self.copies.values()), sum(score.similar for score in self.copies.values())

    @property
    def good(self) -> bool:
        """Whether both are few enough."""
        (removed, texts), (feared, copies) = self.removed, self.feared
        return removed <= SIBLINGS_REMOVED * texts and feared <= COPIES_KEPT * copies


def texts_of(kinds: dict[str, str], count: int, seed: int) -> list[tuple[str, str]]:
    """Return so many texts of each kind, each once, with their kinds."""
    rng = random.Random(seed)
    found = []
    for number, (kind, template) in enumerate(kinds.items()):
        language = _LANGUAGES.get(kind)
        bodies = more.BODIES[language] if language else BODIES
        body = "\n".join(bodies[(number + k) % len(bodies)] for k in range(PARAGRAPHS))
        seen: set[str] = set()
        while len(seen) < count:
            text = f"{fill(template, rng)}\n{body}"
            if text not in seen:
                seen.add(text)
                found.append((kind, text))
    return found


def measure(kinds: dict[str, str], count: int, copies: int, seed: int, **options: object) -> Result:
    """Clean texts of some kinds with copies of theirs, and count.

    Args:
        kinds: their templates.
        count: how many texts of each.
        copies: of how many of these there is a copy of each sort.
        seed: what the generators start from.
        options: those of the run that are not the defaults.
    """
    rng = random.Random(seed + 1)
    texts = texts_of(kinds, count, seed)
    planted: list[tuple[str, int, str]] = []  # the sort of a copy, the number of its original, its text
    for number in [n for n in range(len(texts)) if n % count < copies]:
        for sort, copier in COPIES.items():
            text = copier(texts[number][1], rng)
            if text != texts[number][1]:
                planted.append((sort, number, text))
    owners = [*range(len(texts)), *(original for _, original, _ in planted)]
    with TemporaryDirectory() as folder:
        docs, out = Path(folder) / "docs.jsonl", Path(folder) / "out"
        lines = [text for _, text in texts] + [text for _, _, text in planted]
        order = rng.sample(range(len(lines)), len(lines))
        docs.write_text(
            "".join(f"{json.dumps({'id': n, 'text': lines[n]}, ensure_ascii=False)}\n" for n in order), encoding="utf-8"
        )
        clean(Options(inputs=(str(docs),), out=str(out), chrome="off", split="none", **options))  # type: ignore[arg-type]
        cleaned = read_folder(out)
        result = Result()
        for number, (kind, _) in enumerate(texts):
            score = result.texts.setdefault(kind, Score())
            score.all += 1
            removal = cleaned.removed.get(number)
            if removal is not None and (removal.leader is None or owners[removal.leader] != number):
                score.wrong += 1
                result.wrong.append(number)
        pairs = [(len(texts) + k, original) for k, (_, original, _) in enumerate(planted)]
        similar = pairwise(cleaned, pairs, DEFAULT_SIMILARITY).tolist()
        for (number, original), (sort, _, _), alike in zip(pairs, planted, similar, strict=True):
            score = result.copies.setdefault(sort, Score())
            score.all += 1
            score.similar += alike
            if alike and number in cleaned.kept and original in cleaned.kept:
                score.wrong += 1
                result.wrong.append(number)
    return result


def feared(truth: Truth, out: Path, similarity: float) -> Score:
    """Count the planted copies of a cleaned corpus that stay beside their base, though they are similar enough."""
    cleaned = read_folder(out)
    bases = {planted.cluster: number for number, planted in truth.items() if planted.kind == BASE}
    pairs = [(n, bases[planted.cluster]) for n, planted in truth.items() if planted.kind not in ALONE]
    similar = pairwise(cleaned, pairs, similarity).tolist()
    both = [
        alike and n in cleaned.kept and base in cleaned.kept for (n, base), alike in zip(pairs, similar, strict=True)
    ]
    return Score(len(pairs), sum(similar), sum(both))


def report(result: Result) -> str:
    """Return the tables to print."""
    rows = [[kind, f"{s.all:,}", f"{s.wrong:,}", percent(s.wrong, s.all)] for kind, s in result.texts.items()]
    removed, texts = result.removed
    rows.append(["all texts", f"{texts:,}", f"{removed:,}", percent(removed, texts)])
    head = ["sort of copy", "planted", "similar", "kept for fear", "share"]
    kept = [
        [sort, f"{s.all:,}", f"{s.similar:,}", f"{s.wrong:,}", percent(s.wrong, s.similar)]
        for sort, s in result.copies.items()
    ]
    wrong, similar = result.feared
    planted = sum(score.all for score in result.copies.values())
    kept.append(["all copies", f"{planted:,}", f"{similar:,}", f"{wrong:,}", percent(wrong, similar)])
    return f"{markdown(['kind', 'texts', 'removed', 'share'], rows)}\n\n{markdown(head, kept)}"


def main(arguments: Sequence[str]) -> int:
    """Run the command ``siblings``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks siblings", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="texts of each kind (default %(default)s)")
    parser.add_argument("--copies", type=int, default=40, help="texts of each kind with copies (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what the generators start from (default %(default)s)")
    parser.add_argument(
        "--planted", nargs=2, type=Path, metavar=("TRUTH", "OUT"), help="count in a cleaned corpus of known copies, too"
    )
    args = parser.parse_args(arguments)
    good = True
    for title, kinds in _SETS:
        result = measure(kinds, args.count, args.copies, args.seed)
        beside = result.removed
        result.texts = measure(kinds, args.count, 0, args.seed).texts
        good = good and result.good
        print(f"{title}:\n\n{report(result)}\n")
        print(
            f"Beside these copies, {beside[0]:,} of {beside[1]:,} texts were removed: an edited copy may come first.\n"
        )
    if args.planted:
        score = feared(read_truth(args.planted[0]), args.planted[1], DEFAULT_SIMILARITY)
        print(f"Planted copies: {score.all:,}, similar {score.similar:,}, kept for fear {score.wrong:,}.")
        good = good and score.wrong <= COPIES_KEPT * score.similar
    return 0 if good else 1
