"""From the passes over what was looked at to the figures of a look."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from taoxi.corpus.guard import chrome_alarms, document_alarms
from taoxi.corpus.judging import concatenated
from taoxi.corpus.looking.advice import command_of, options_of, remarks
from taoxi.corpus.looking.bench import Bench, counts, parts
from taoxi.corpus.looking.growth import MODEL, MODEL_OF_REASON, estimated
from taoxi.corpus.looking.pairs import pairs_of
from taoxi.corpus.looking.passes import Looked, placed
from taoxi.corpus.looking.report import EncodingRow, Figure, FormatRow, Look, MarkRow, SiteRow, Threshold
from taoxi.corpus.looking.sampling import Plan
from taoxi.corpus.options import LAYOUT_RULES, LOWEST_SIMILARITY, Options
from taoxi.corpus.spool import unit_batches
from taoxi.dedup.chrome.counts import site_hashes
from taoxi.dedup.judge import Verdicts
from taoxi.normalize.characters.rules import RULES
from taoxi.normalize.model import Source

STEPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""Similarities at which the documents are judged."""

HIGH = 0.9
"""With the lowest and that of the options, the similarity at which the growth of copies is measured; the figures of the
others are interpolated."""

HALVINGS = (4, 2, 1)
"""Into how many parts the sample is dealt to see how copies grow."""

MISSED = 3
"""Copies of which none may be seen by chance, once in twenty, where one is expected to be."""

ALL = "all"
"""What stands for all reasons together."""

SINGLE = 1.1
"""Documents that small files may hold on the average to be taken for files of one document."""

SITES = 12
"""Sites that are listed."""

MARKS = 8
"""Watermarks, and running heads, that are listed."""

NINE_OF_TEN = 1.645
"""Standard errors on either side of an estimate between which nine of ten true values lie."""


def found(looked: Looked, plan: Plan, sources: Sequence[Source], options: Options) -> Look:
    """Return what was found; nothing of the spool is needed afterwards."""
    inventory, roll = looked.inventory, looked.roll
    scale = _Scale.of(looked, plan)
    known = [source.size for source in sources if source.error is None and not source.hidden]
    weights = scale.weights(looked, scale.documents)
    heavy = scale.weights(looked, scale.characters)
    characters = concatenated(looked.characters)
    judged = _Judged.of(looked, options, scale.share(len(roll), float(weights.sum())), float(weights.sum()))
    changes = [*inventory.changes.tolist(), *roll.changes.tolist()]
    changed = {rule: count for rule, count in zip((*RULES, *LAYOUT_RULES), changes, strict=True) if count}
    problems = tuple(placed(problem, looked.windows) for _, problem in inventory.problems)
    suggested, why = options_of(looked, options)
    rows = inventory.table(None).to_pylist()
    chrome, _ = chrome_alarms(roll)
    labels = [source.label for source in inventory.sources]
    spread = scale.spread(looked)
    empty = looked.empty if plan.whole else round(looked.empty * scale.mean(weights))
    removed = judged.reasons()
    if looked.empty:
        removed["empty"] = Figure(looked.empty, empty, looked.empty, empty if plan.whole else 2 * empty + 3)
    return Look(
        sources=len(sources) if not plan.whole else len(inventory),
        bytes=None if any(size < 0 for size in known) and not plan.whole else scale.bytes(known, looked),
        looked_sources=len(looked.read) if not plan.whole else len(inventory),
        looked_bytes=sum(looked.read.values()),
        whole=plan.whole,
        fronts=tuple(looked.fronts),
        documents=_figure(len(roll) + looked.empty, float(weights.sum()) + empty, spread),
        characters=_figure(int(characters.sum()), float((characters * heavy).sum()), spread),
        removed=removed,
        formats=tuple(_formats(rows)),
        encodings=tuple(_encodings(rows)),
        sites=tuple(_sites(looked, weights, characters * heavy)),
        site_count=len(roll.site_names),
        similarity=options.similarity,
        thresholds=judged.thresholds(),
        pairs=tuple(pairs_of(looked, judged.verdicts[LOWEST_SIMILARITY], judged.members, STEPS)),
        lines=looked.repeated.rows(),
        marks=tuple(_marks(looked)),
        changes=changed,
        problems=problems,
        alarms=(*document_alarms(roll, judged.whole(), labels), *chrome),
        command=command_of(options, suggested),
        advice=(*why, *remarks(changed, problems)),
        seconds=0.0,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """For how many documents, and for how many characters, one of each input stands; 1 where all was looked at."""

    documents: dict[str, float]
    characters: dict[str, float]
    sampled: bool

    @classmethod
    def of(cls, looked: Looked, plan: Plan) -> _Scale:
        """Scale large inputs by their bytes. Of small ones that hold a document each, their numbers are known."""
        documents: dict[str, float] = {}
        characters: dict[str, float] = {}
        names = [source.name for source in looked.inventory.sources]
        held = Counter(names[order] for order in concatenated(looked.roll.orders).tolist())
        small = [part.source.name for part in plan.parts if part.stratum in plan.files]
        single = sum(held[name] for name in small) <= SINGLE * len(small)
        read = sum(looked.read.get(name, 0) for name in small)
        size = sum(plan.sizes[stratum] for stratum in plan.files)
        drawn = Counter(part.stratum for part in plan.parts)
        for part in plan.parts:
            name, stratum = part.source.name, part.stratum
            if stratum in plan.files:
                characters[name] = max(1.0, size / read) if read else 1.0
                documents[name] = plan.files[stratum] / drawn[stratum] if single else characters[name]
            elif plan.sizes.get(stratum) and looked.read.get(name):
                documents[name] = characters[name] = max(1.0, plan.sizes[stratum] / looked.read[name])
        return cls(documents, characters, sampled=not plan.whole)

    def weights(self, looked: Looked, factors: dict[str, float]) -> NDArray[np.float64]:
        """Return for how many each document stands (float64, n)."""
        by_order = np.array([factors.get(source.name, 1.0) for source in looked.inventory.sources])
        return by_order[concatenated(looked.roll.orders)] if len(by_order) else np.zeros(0)

    def share(self, seen: int, whole: float) -> float:
        """Return the share of the documents that was looked at."""
        return seen / whole if self.sampled and whole else 1.0

    @staticmethod
    def mean(weights: NDArray[np.float64]) -> float:
        """Return for how many records one stands that gave no document."""
        return float(weights.mean()) if len(weights) else 1.0

    def spread(self, looked: Looked) -> float:
        """Return the relative error of a scaled count: what is drawn together varies in how much it holds."""
        if not self.sampled or not looked.groups or not any(len(groups) for groups in looked.groups):
            return 0.0
        _, held = np.unique(np.concatenate(looked.groups), return_counts=True)
        varies = float(held.std() / held.mean()) if len(held) > 1 else 1.0
        return NINE_OF_TEN * varies / math.sqrt(len(held))

    @staticmethod
    def bytes(known: Sequence[int], looked: Looked) -> int:
        """Return the bytes of all inputs as stored; of a pipe that was read to its end, what came out."""
        return sum(size for size in known if size >= 0) + sum(size for name, size in looked.read.items() if name == "-")


@dataclass(frozen=True)
class _Judged:
    """The documents judged at every step.

    ``members`` (int64) are the numbers of those that are in company, on which ``verdicts`` are, by similarity;
    ``parts`` holds the verdicts' counts in parts of the sample, by similarity and in the order of ``HALVINGS``.
    """

    count: int
    similarity: float
    share: float
    documents: float
    members: NDArray[np.int64]
    verdicts: dict[float, Verdicts]
    parts: dict[float, list[dict[str, int]]]

    @classmethod
    def of(cls, looked: Looked, options: Options, share: float, documents: float) -> _Judged:
        if looked.shared is None:
            raise ValueError("These documents have not been signed. Pass them first.")
        texts = [unit_batches(unit, looked.shelf)[0].column("text") for unit in range(looked.units)]
        bench = Bench.of(looked.roll, looked.shared, options, texts)
        company = bench.company()
        members = np.flatnonzero(company)
        bench = bench.part(company)
        steps = sorted({*STEPS, options.similarity})
        verdicts = {step: bench.judge(step) for step in steps}
        grown: dict[float, list[dict[str, int]]] = {}
        if share < 1.0:
            groups = np.concatenate([np.zeros(0, np.uint64), *looked.groups])[members]
            curves = sorted({LOWEST_SIMILARITY, options.similarity, HIGH})
            grown = {step: [counts(verdicts[step])] for step in curves}
            for many in HALVINGS[-2::-1]:
                benches = [bench.part(part) for part in parts(groups, many)]
                for step in curves:
                    each = [counts(part.judge(step)) for part in benches]
                    grown[step].insert(0, {reason: sum(c[reason] for c in each) for reason in each[0]})
        return cls(len(looked.roll), options.similarity, share, documents, members, verdicts, grown)

    def whole(self) -> Verdicts:
        """Return the verdicts of a run on all documents."""
        own = self.verdicts[self.similarity]
        verdict, leader = np.zeros(self.count, np.uint8), np.full(self.count, -1, np.int64)
        figure = np.full(self.count, np.nan)
        verdict[self.members], figure[self.members] = own.verdict, own.similarity
        leader[self.members] = np.where(own.leader >= 0, self.members[own.leader], -1) if len(own.leader) else -1
        return replace(own, verdict=verdict, leader=leader, similarity=figure)

    def reasons(self) -> dict[str, Figure]:
        """Return how many documents a run removes, by reason."""
        seen = counts(self.verdicts[self.similarity])
        return {reason: self._figure(self.similarity, count, reason) for reason, count in seen.items() if count}

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return what each step removes."""
        rows = []
        for step, verdicts in sorted(self.verdicts.items()):
            seen = counts(verdicts)
            near, removed = self._figure(step, seen["near"], "near"), self._figure(step, sum(seen.values()), ALL)
            rows.append(Threshold(step, near, removed))
        return tuple(rows)

    def _figure(self, step: float, seen: int, reason: str) -> Figure:
        """Return a figure at a similarity, from how those at the measured similarities around it grow."""
        if self.share >= 1.0:
            return Figure.counted(seen)
        most = self._most(step)
        if not seen:
            return Figure(0, 0, 0, round(min(MISSED / self.share**2, most)))
        measured = sorted(self.parts)
        growth = [self.growth.get((reason, at), (1.0, 1.0, 1.0)) for at in measured]
        factors = [float(np.interp(step, measured, [factor[k] for factor in growth])) for k in range(3)]
        best, low, high = (round(max(seen, min(seen * factor, most))) for factor in factors)
        return Figure(seen, best, low, high)

    def _most(self, step: float) -> float:
        """Return how many documents may go: those that stay in the sample are no copies of each other."""
        return self.documents - (self.count - sum(counts(self.verdicts[step]).values()))

    @cached_property
    def growth(self) -> dict[tuple[str, float], tuple[float, float, float]]:
        """By how much counts of the sample are to be multiplied (best, least, most), by reason and similarity."""
        judged = {}
        for step, sums in self.parts.items():
            for reason in sums[0]:
                judged[reason, step] = [part[reason] for part in sums]
            judged[ALL, step] = [sum(part.values()) for part in sums]
        judged = {which: counted for which, counted in judged.items() if counted[-1]}
        if not judged:
            return {}
        found = np.array(list(judged.values()), np.float64)
        most = np.array([self._most(step) for _, step in judged])
        model = np.array([MODEL if reason == ALL else MODEL_OF_REASON for reason, _ in judged])
        shares = self.share / np.array(HALVINGS)
        factors = estimated(shares, found / HALVINGS, found, most, model) / found[:, -1:]
        return {which: (row[0], row[1], row[2]) for which, row in zip(judged, factors.tolist(), strict=True)}


def _figure(seen: int, estimate: float, spread: float) -> Figure:
    whole = max(seen, round(estimate))
    return Figure(seen, whole, max(seen, round(whole * (1 - spread))), round(whole * (1 + spread)))


def _formats(rows: Sequence[dict[str, object]]) -> Iterator[FormatRow]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        for place, value in enumerate((1, row["bytes"], row["records"], row["documents"])):
            sums[str(row["format"])][place] += int(str(value or 0))
    for name, values in sorted(sums.items(), key=lambda item: (-item[1][1], item[0])):
        yield FormatRow(name, *values)


def _encodings(rows: Sequence[dict[str, object]]) -> Iterator[EncodingRow]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        if row["encoding"] is None or not row["records"]:
            continue
        bad = int(str(row["bad_bytes"] or 0))
        for place, value in enumerate((1, bad > 0, bad)):
            sums[str(row["encoding"])][place] += int(value)
    for name, values in sorted(sums.items(), key=lambda item: (-item[1][0], item[0])):
        yield EncodingRow(name, *values)


def _sites(looked: Looked, weights: NDArray[np.float64], characters: NDArray[np.float64]) -> Iterator[SiteRow]:
    names = list(looked.roll.site_names)
    own = concatenated(looked.roll.sites)
    documents = np.bincount(own, weights, len(names))
    sizes = np.bincount(own, characters, len(names))
    for place in sorted(range(len(names)), key=lambda k: (-documents[k], names[k]))[:SITES]:
        yield SiteRow(names[place], round(float(documents[place])), round(float(sizes[place])))


def _marks(looked: Looked) -> Iterator[MarkRow]:
    """Yield what looks stamped on texts, what was seen most first."""
    if looked.learned is None:
        return
    names = list(looked.roll.site_names)
    by_hash = dict(zip(site_hashes(names).view(np.int64).tolist(), names, strict=True))
    marks, heads = [], []
    for group, known in looked.learned.marks.items():
        site = by_hash.get(group, "")
        for mark in known.watermarks:
            told = mark.evidence
            marks.append(MarkRow(site, "watermark", mark.text, told.count, round(told.share, 4), told.neighbours))
        for text, told in known.heads.items():
            heads.append(MarkRow(site, "running_head", text, told.count, round(told.share, 4), told.neighbours))
    for rows in (marks, heads):
        yield from sorted(rows, key=lambda row: (-row.seen, row.site, row.text))[:MARKS]
