"""From facts to what the template of a page lays out: rows with their shares, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from taoxi.corpus.differences import differences
from taoxi.corpus.page.charts import columns
from taoxi.corpus.page.choice import SIZES, Pair
from taoxi.corpus.page.facts import Facts
from taoxi.corpus.page.gather import LENGTHS, Line, Piece, Site, Text
from taoxi.corpus.report import Lost

LISTED = 12
"""Rows of a table that is not complete."""

SHOWN = 2
"""Pieces of a kind and reason that are shown in their places."""

CONTEXT = 40
"""Characters beside a difference that are shown of what is the same."""

CHANGED = 400
"""Characters of a difference that are shown."""

PLACES = 10
"""Differences of two texts that are shown."""

COMPARED = 8_000
"""Characters of two texts that are compared; a page is no place to wait for more."""


STEP = 0.025
"""Width of a class of similarities."""

REASONS = ("exact", "near", "template", "contained")
"""Why whole documents are removed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on the way of the texts: how much went there (or is there, at its ends), as counts and per cent of all.

    ``start`` and ``end`` of documents and characters say where its bar begins and ends.
    """

    name: str
    documents: int | None
    characters: int
    document_bar: tuple[float, float]
    character_bar: tuple[float, float]
    end: bool = False


@dataclass(frozen=True, slots=True)
class Class:
    """A class of a histogram: its label and its counts."""

    label: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as SVG, and the numbers that it shows."""

    svg: str
    classes: list[Class]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of two texts beside each other: ``same``, ``removed`` or ``kept`` (who has it), or a ``gap``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A removed document beside its leader."""

    pair: Pair
    removed: Text
    leader: Text
    stretches: list[Stretch]
    more: int
    identical: bool
    cut: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A cluster: the leader, how many it stands for, and what is known of the first members."""

    leader: str
    copies: int
    text: Text | None
    members: list[tuple[Pair, Text | None]]


@dataclass(frozen=True, slots=True)
class Losses:
    """A site with what it lost."""

    name: str
    site: Site
    alarm: dict[str, Any] | None


def funnel(facts: Facts) -> list[Step]:
    """Return the way of the texts: all that was read, what was no document, the documents, what went, and what is kept.

    The documents and what is kept are the figures of the manifest. Bars are shares of all that was read.
    """
    counts, rows, characters = facts.counts, facts.gathered.rows, facts.gathered.characters
    removed = counts["removed"]
    kept = counts["kept"], counts.get("characters_kept", facts.gathered.characters_kept)

    def sizes(*names: str) -> int:
        return sum(size for name, size in characters.items() if name.startswith(names))

    records = sum(count for name, count in rows.items() if name.startswith("record/"))
    aside = characters["chrome/page"] + characters["chrome/tail"]
    outside = [
        ("unreadable", records, sizes("record/")),
        ("separator", None, sizes("separator/")),
        ("aside", None, aside),
    ]
    inside = [
        ("empty", removed.get("empty", 0), 0),
        ("chrome", None, sizes("chrome/") - aside),
        ("furniture", None, sizes("furniture/")),
        ("joined", None, 0),
        ("passage", None, sizes("passage/")),
        *((reason, removed.get(reason, 0), characters[f"document/{reason}"]) for reason in REASONS),
    ]
    found = counts["documents"], counts.get("characters", kept[1] + sum(stage[2] for stage in inside))
    inside[3] = ("joined", None, max(0, found[1] - kept[1] - sum(stage[2] for stage in inside)))
    outside, inside = ([stage for stage in stages if stage[1] or stage[2]] for stages in (outside, inside))
    total = (found[0] + sum(stage[1] or 0 for stage in outside), found[1] + sum(stage[2] for stage in outside))

    def whole(name: str, sums: tuple[int, int]) -> Step:
        bars = [(0.0, percent(part, all_)) for part, all_ in zip(sums, total, strict=True)]
        return Step(name, sums[0], sums[1], bars[0], bars[1], end=True)

    first = [whole("read", total), *_waterfall(outside, total, total)] if outside else []
    return [*first, whole("found", found), *_waterfall(inside, found, total), whole("kept", kept)]


Stage = tuple[str, int | None, int]
"""What left: its name, documents (None where it is no whole ones) and characters."""


def _waterfall(stages: list[Stage], start: tuple[int, int], total: tuple[int, int]) -> Iterator[Step]:
    left = start
    for name, documents, characters in stages:
        rest = left[0] - (documents or 0), left[1] - characters
        bars = [(percent(low, whole), percent(high, whole)) for low, high, whole in zip(rest, left, total, strict=True)]
        yield Step(name, documents, characters, bars[0], bars[1])
        left = rest


def percent(part: float, whole: float) -> float:
    """Return a share for the length of a bar."""
    return round(100 * part / whole, 3) if whole else 0.0


def similarities(facts: Facts) -> Chart | None:
    """Return how similar the removed documents were to their leaders, from the threshold on."""
    values = np.concatenate([np.zeros(0), *facts.gathered.choice.similar.values()])
    if not len(values):
        return None
    threshold = float(facts.options.get("similarity", 0.7))
    first = int(np.floor(threshold / STEP + 1e-9)) - 1  # a class that is empty shows where the threshold is
    edges = np.arange(first, round(1 / STEP) + 1) * STEP
    counts = [np.histogram(found, edges)[0].tolist() for found in facts.gathered.choice.similar.values()]
    labels = [f"{edge:.1%}".replace(".0%", "%") for edge in edges[:-1].tolist()]
    both = [near + contained for near, contained in zip(*counts, strict=True)]
    written = [label if k % 2 else "" for k, label in enumerate(labels)]
    svg = columns(written, [both], mark=1, kept=False)
    classes = [
        Class(f"{labels[k]}–{edges[k + 1]:.1%}".replace(".0%", "%"), tuple(found[k] for found in counts))
        for k in range(len(labels))
    ]
    return Chart(svg, [each for each in classes if any(each.counts)])


def cluster_sizes(facts: Facts) -> Chart | None:
    """Return how many kept documents stand for how many."""
    choice = facts.gathered.choice
    if not choice.leaders:
        return None
    counts = [max(0, facts.counts["kept"] - choice.leaders), *choice.sizes]
    ends = [*(f"–{end - 1}" if end - start > 1 else "" for start, end in pairwise(SIZES)), "+"]
    labels = ["1", *(f"{start}{end}" for start, end in zip(SIZES, ends, strict=True))]
    while len(counts) > 4 and not counts[-1]:  # noqa: PLR2004 - a chart of fewer looks lost
        counts.pop()
    labels = labels[: len(counts)]
    return Chart(
        columns(labels, [counts]), [Class(label, (count,)) for label, count in zip(labels, counts, strict=True)]
    )


def lengths(facts: Facts) -> Chart | None:
    """Return how long texts were before and after documents were removed."""
    before, after = facts.gathered.before.tolist(), facts.gathered.after.tolist()
    if not any(before) or not facts.complete:
        return None
    starts = [0, *LENGTHS]
    ends = [*(f"–{_short(end)}" for end in LENGTHS), "+"]
    labels = [f"{_short(start)}{end}" for start, end in zip(starts, ends, strict=True)]
    low = next(k for k, count in enumerate(before) if count)
    high = len(before) - next(k for k, count in enumerate(reversed(before)) if count)
    svg = columns(
        [_short(start) + ("+" if start == starts[-1] else "") for start in starts[low:high]],
        [before[low:high], after[low:high]],
    )
    return Chart(svg, [Class(labels[k], (before[k], after[k])) for k in range(low, high)])


def _short(count: int) -> str:
    return f"{count // 1000}k" if count and count % 1000 == 0 else f"{count}"


def sites(facts: Facts) -> tuple[list[Losses], int]:
    """Return the sites with alarms, then those that lost most of their characters, and how many there are."""
    if not facts.complete:
        return [], 0
    alarms = {alarm["name"]: alarm for alarm in facts.counts.get("alarms", ())}
    found = [Losses(name, site, alarms.get(name)) for name, site in facts.gathered.sites.items()]
    found.sort(key=lambda each: (each.alarm is None, each.site.characters_kept - each.site.characters, each.name))
    return found[:LISTED], len(found)


def alarms(facts: Facts) -> list[dict[str, Any]]:
    """Return the alarms of the run, those about documents first."""
    return sorted(facts.counts.get("alarms", ()), key=lambda alarm: alarm["lost"] != Lost.DOCUMENTS)


def samples(facts: Facts) -> list[Sample]:
    """Return removed documents beside their leaders."""
    texts = facts.gathered.texts
    found = []
    for pair in facts.gathered.choice.pairs:
        removed, leader = texts.get(pair.id), texts.get(pair.leader)
        if removed is None or leader is None:
            continue
        stretches, more = _stretches(leader.text[:COMPARED], removed.text[:COMPARED])
        cut = max(removed.characters, leader.characters) > COMPARED
        found.append(Sample(pair, removed, leader, stretches, more, pair.id == pair.leader, cut))
    return found


def _stretches(leader: str, removed: str) -> tuple[list[Stretch], int]:
    """Return where two texts differ with a little of what is the same, and in how many places more they do."""
    found = differences(leader, removed)
    stretches: list[Stretch] = []
    places = 0
    for number, each in enumerate(found):
        if each.same:
            last = number == len(found) - 1
            stretches += _context(each.left, first=number == 0, last=last)
            continue
        places += 1
        if places <= PLACES:
            for kind, text in (("kept", each.left), ("removed", each.right)):
                if text:
                    stretches.append(Stretch(kind, text[:CHANGED]))
                    if len(text) > CHANGED:
                        stretches.append(Stretch("gap", str(len(text) - CHANGED)))
        if places == PLACES:
            rest = sum(not other.same for other in found[number + 1 :])
            if rest:
                return stretches, rest
    return stretches, 0


def _context(text: str, *, first: bool, last: bool) -> list[Stretch]:
    """Return what is the same between two differences, its middle left out where that is long."""
    if len(text) <= 2 * CONTEXT + 20:
        return [Stretch("same", text)]
    head = [] if first else [Stretch("same", text[:CONTEXT])]
    tail = [] if last else [Stretch("same", text[-CONTEXT:])]
    if first and last:
        head = [Stretch("same", text[: 2 * CONTEXT])]
    left = len(text) - sum(len(each.text) for each in (*head, *tail))
    return [*head, Stretch("gap", str(left)), *tail]


def clusters(facts: Facts) -> list[Group]:
    """Return the largest clusters."""
    texts = facts.gathered.texts
    return [
        Group(
            cluster.leader,
            cluster.copies,
            texts.get(cluster.leader),
            [(pair, texts.get(pair.id)) for pair in cluster.members],
        )
        for cluster in facts.gathered.choice.clusters
    ]


def pieces(facts: Facts) -> list[tuple[str, int, int, list[Piece]]]:
    """Return for each kind and reason of piece: rows, characters, and some of them, those in their places first."""
    gathered = facts.gathered
    found = []
    for name, count in sorted(gathered.rows.items(), key=lambda item: (-gathered.characters[item[0]], item[0])):
        if name.split("/")[0] in {"document", "break"}:
            continue
        shown = sorted(gathered.pieces.get(name, ()), key=lambda piece: piece.before is None)[:SHOWN]
        found.append((name, count, gathered.characters[name], shown))
    return found


def lines(facts: Facts, kind: str) -> list[tuple[str, str, Line]]:
    """Return what was cut most often of a kind: reason, text, and how often."""
    known = facts.gathered.lines[kind]
    often = sorted((item for item in known.items() if item[1].count > 1), key=lambda item: (-item[1].count, item[0]))
    return [(key.split("/", 1)[0], key.split("/", 1)[1], line) for key, line in often[:LISTED]]


def encodings(facts: Facts) -> list[tuple[str, int, int, int, int]]:
    """Return for each encoding its sources, documents, bytes and bad bytes, the most documents first."""
    found: dict[str, list[int]] = {}
    for row in facts.sources.select(["encoding", "documents", "bytes", "bad_bytes"]).to_pylist():
        sums = found.setdefault(row["encoding"] or "", [0, 0, 0, 0])
        for place, count in enumerate((1, row["documents"], row["bytes"], row["bad_bytes"])):
            sums[place] += count or 0
    rows = [(name, sums[0], sums[1], sums[2], sums[3]) for name, sums in found.items()]
    return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))


def damaged(facts: Facts) -> tuple[list[dict[str, Any]], int]:
    """Return the first sources with an error or with bad bytes, and how many there are."""
    columns_ = ["source", "member", "encoding", "bad_bytes", "error"]
    rows = [row for row in facts.sources.select(columns_).to_pylist() if row["error"] or row["bad_bytes"]]
    return rows[:LISTED], len(rows)
