"""``lines``: damage clean texts with wraps, pages and watermarks, mend them, and count what was joined and removed."""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.damage import Damaged, Stamps, paged, stamps, wrapped
from benchmarks.tables import markdown, percent
from taoxi.normalize.characters.walk import normalize_documents
from taoxi.normalize.lines import JOIN_RULES, RULES, count, decide, mend, restore
from taoxi.normalize.splitting.split import split

TOGETHER = 8
"""Texts of one source: what its pages repeat is known from all of them."""

SHOWN = 6
"""Errors of a kind that are shown."""

CONTINUATION = 0x80
"""The top bits of a byte that does not start a character in UTF-8."""

OWN = Path(__file__).with_name("lines_texts.jsonl")


@dataclass(slots=True)
class Score:
    """Counts of one kind of damage; breaks are those between two characters of the content.

    ``between``: breaks that pages made behind a full stop and that stay. Nothing in a text of paragraphs tells them
    from the ends of paragraphs, so they are counted apart.
    """

    made: int = 0
    joined: int = 0
    wrong: int = 0
    between: int = 0
    items: int = 0
    removed: int = 0
    content: int = 0
    lost: int = 0

    def add(self, other: Score) -> None:
        """Add the counts of other texts."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def f1(self) -> float:
        """The harmonic mean of the share of joins that are right and the share of made breaks that are joined."""
        whole = self.made + self.joined + self.wrong
        return 2 * self.joined / whole if whole else 1.0


def normalized(texts: Sequence[str]) -> list[str]:
    """Return texts as character normalization leaves them."""
    utf8, offsets = buffer(texts)
    done = normalize_documents(utf8, offsets)
    return parts(done.text, done.offsets)


def buffer(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return texts one after another in UTF-8, and their bounds."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def parts(utf8: np.ndarray, offsets: np.ndarray) -> list[str]:
    """Return the texts of a buffer."""
    data = bytes(utf8)
    return [data[start:end].decode() for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]


def read(path: Path) -> Iterator[str]:
    """Yield the documents of a file: the longest field of a CSV row, ``text`` of JSON lines, or a split text."""
    if path.suffix == ".csv":
        csv.field_size_limit(1 << 30)
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from (max(row, key=len) for row in list(csv.reader(file))[1:])
    elif path.suffix == ".jsonl":
        with path.open("rb") as lines:
            yield from (json.loads(line)["text"] for line in lines)
    else:
        (text,) = normalized([path.read_text(encoding="utf-8", errors="replace")])
        yield from (text[p.start : p.end].strip("\n") for p in split(text) if p.kind.value == "document")


def cleaned(texts: Sequence[str]) -> list[str]:
    """Return texts as mending leaves them: what is damaged now was whole before."""
    utf8, offsets = buffer(texts)
    groups = np.zeros(len(texts), np.int64)
    done = mend(utf8, offsets, groups, decide(count(utf8, offsets, groups)))
    return parts(done.utf8, done.offsets)


def compare(  # noqa: PLR0913, PLR0917 - what went in, what came out, and where to count it
    damaged: Damaged, mended: str, joined: str, gone: Sequence[bool], how: str, score: dict[str, Score]
) -> list[str]:
    """Count what mending did to a text; return what it did wrong, to be shown.

    Args:
        damaged: the text as it was damaged.
        mended: what mending made of it.
        joined: the same with everything removed back in its place.
        gone: for each character of ``joined`` whether it was removed.
        how: the kind of damage.
        score: the counts by kind, to be added to.
    """
    before = [at for at, char in enumerate(damaged.text) if _counts(char)]
    after = [at for at, char in enumerate(joined) if _counts(char)]
    if [damaged.text[at] for at in before] != [joined[at] for at in after]:
        raise SystemExit(f"Mending changed the text itself: {mended[:80]!r}. That must never happen; see mend.")
    went = {place: gone[at] for place, at in zip(before, after, strict=True)}
    errors = []
    lines = score["lines"]
    for kind, start, end in damaged.items:
        own = [went[at] for at in range(start, end) if at in went]
        score[kind].items += 1
        score[kind].removed += all(own)
        if not all(own):
            errors.append(f"{kind} left: {damaged.text[max(0, start - 20) : end + 20]!r}")
    content = [at for at in before if damaged.content[at]]
    lines.content += len(content)
    lost = [at for at in content if went[at]]
    lines.lost += len(lost)
    errors += [f"lost: {damaged.text[max(0, at - 20) : at + 10]!r}" for at in lost[:1]]
    whole_text = [at for at, char in enumerate(damaged.clean) if _counts(char)]
    stays = [k for k, at in enumerate(content) if not went[at]]
    kept = [at for at, char in enumerate(mended) if _counts(char)]
    still = [
        place for at, place in zip((at for at in before if not went[at]), kept, strict=True) if damaged.content[at]
    ]
    content = [content[k] for k in stays]
    clean = _broken(damaged.clean, [whole_text[k] for k in stays])
    made = _broken(damaged.text, content)
    left = _broken(mended, still)
    for place, (whole, parted, now) in enumerate(zip(clean, made, left, strict=True)):
        if parted and not whole:
            unknowable = how == "pages" and now and damaged.text[content[place]] in "。!?.;:"
            lines.between += unknowable
            lines.made += not unknowable
            lines.joined += not now
            if now and not unknowable:
                errors.append(f"not joined: {_around(damaged.text, content[place])}")
        elif whole and not now:
            lines.wrong += 1
            errors.append(f"wrongly joined: {_around(damaged.text, content[place])}")
    return errors


def _around(text: str, at: int) -> str:
    return repr(text[max(0, at - 30) : at + 40])


def _counts(char: str) -> bool:
    """Tell whether a character is compared; a hyphen may go with a break."""
    return not char.isspace() and char != "-"


def _broken(text: str, places: Sequence[int]) -> list[bool]:
    """Return whether a line break follows each of the characters at the places, before the next of them."""
    return ["\n" in text[at:after] for at, after in pairwise(places)]


def measure(texts: Sequence[str], how: str, rng: random.Random, score: dict[str, Score]) -> list[str]:
    """Damage the texts of one source in one way, mend them, and count; return what went wrong."""
    stamp = stamps(rng) if how != "wrapped" else Stamps(None, None, ())
    made = [wrapped(t, rng) if how == "wrapped" else paged(t, stamp, rng, layout=how == "pages_wrapped") for t in texts]
    utf8, offsets = buffer([damaged.text for damaged in made])
    groups = np.zeros(len(made), np.int64)
    done = mend(utf8, offsets, groups, decide(count(utf8, offsets, groups)))
    errors = []
    for row, (damaged, mended) in enumerate(zip(made, parts(done.utf8, done.offsets), strict=True)):
        own = [stretch for stretch in done.removed if stretch.row == row]
        joined = restore(mended.encode(), own)
        gone = np.zeros(len(joined), bool)
        for stretch in own:
            gone[stretch.start : stretch.end] = True
        firsts = (np.frombuffer(joined, np.uint8) & 0xC0) != CONTINUATION
        errors += [
            f"[{how}] {said}" for said in compare(damaged, mended, joined.decode(), gone[firsts].tolist(), how, score)
        ]
    return errors


def unchanged(texts: Sequence[str], score: Score) -> list[str]:
    """Mend texts that are whole, and count what was joined or removed all the same."""
    utf8, offsets = buffer(texts)
    groups = np.zeros(len(texts), np.int64)
    done = mend(utf8, offsets, groups, decide(count(utf8, offsets, groups)))
    score.content += sum(map(len, texts))
    score.lost += sum(len(stretch.text.decode()) for stretch in done.removed)
    score.wrong += int(done.changes[:, [RULES.index(rule) for rule in JOIN_RULES]].sum())
    return [f"[whole] removed: {stretch.text.decode()!r}" for stretch in done.removed]


HOWS = ("wrapped", "pages", "pages_wrapped")


def score_all(
    sources: Sequence[Sequence[str]], prose: Sequence[str], rounds: int, rng: random.Random
) -> tuple[list[list[str]], list[str]]:
    """Damage all sources so often in every way; return the rows of the table and what went wrong."""
    rows: list[list[str]] = []
    errors: list[str] = []
    pooled: defaultdict[str, defaultdict[str, Score]] = defaultdict(lambda: defaultdict(Score))
    for name, groups, times in (("given texts", sources, rounds), ("own prose and Latin", [prose], 8 * rounds)):
        for how in HOWS:
            score: defaultdict[str, Score] = defaultdict(Score)
            for _ in range(times):
                for group in groups:
                    errors += measure(normalized(group), how, rng, score)
            if score:
                rows.append(_row(name, how, score))
            for kind, counts in score.items():
                pooled[how][kind].add(counts)
    if sources:
        rows += [_row("all", how, score) for how, score in pooled.items()]
    return rows, errors


def main(arguments: Sequence[str]) -> int:
    """Run the command ``lines``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lines", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, help="clean texts: .txt, .csv, .jsonl, or folders of them")
    parser.add_argument("--part", choices=["tuned", "held-out", "all"], default="all", help="which texts of the paths")
    parser.add_argument("--rounds", type=int, default=5, help="times that each source is damaged (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from (default %(default)s)")
    parser.add_argument("--show", type=int, default=SHOWN, help="errors to show of each kind (default %(default)s)")
    args = parser.parse_args(arguments)
    files = [file for path in args.paths for file in (sorted(path.rglob("*.*")) if path.is_dir() else [path])]
    known = [list(read(file)) for file in files if file.suffix in {".txt", ".csv", ".jsonl"}]
    real = [text for texts in known if texts for text in cleaned(normalized(texts))]
    if args.part != "all":
        real = real[args.part == "held-out" :: 2]
    own = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    prose = [entry["text"] for entry in own if entry["kind"] in {"prose", "latin"}]
    sources = [real[at : at + TOGETHER] for at in range(0, len(real), TOGETHER)]
    rows, errors = score_all(sources, prose, args.rounds, random.Random(args.seed))
    whole = Score()
    errors += unchanged(normalized([entry["text"] for entry in own]), whole)
    errors += unchanged(real, whole)
    print(
        markdown(
            [
                "texts",
                "damage",
                "breaks",
                "F1",
                "wrong joins",
                "behind a stop",
                "numbers",
                "heads",
                "watermarks",
                "inside",
                "lost",
            ],
            rows,
        )
    )
    print(f"\nWhole texts: {whole.wrong:,} joins, {whole.lost:,} of {whole.content:,} characters removed.\n")
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for error in errors:
        kinds[error.split(":")[0]].append(error)
    for kind, said in sorted(kinds.items()):
        print(f"{kind}: {len(said):,}")
        for error in random.Random(1).sample(said, min(args.show, len(said))):
            print(f"  {error}")
    return 0


def _row(name: str, how: str, score: dict[str, Score]) -> list[str]:
    lines = score["lines"]
    kinds = [score.get(kind, Score()) for kind in ("page_number", "running_head", "watermark", "inside")]
    shares = [f"{percent(kind.removed, kind.items)} of {kind.items}" if kind.items else "–" for kind in kinds]
    lost = f"{100 * lines.lost / lines.content:.4f}%" if lines.content else "–"
    return [name, how, f"{lines.made:,}", f"{lines.f1:.4f}", f"{lines.wrong:,}", f"{lines.between:,}", *shares, lost]
