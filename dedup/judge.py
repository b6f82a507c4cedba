"""Who stays: sequential greedy judgement against kept documents only.

Invariant (DESIGN, guarantees 2 and 3): documents are judged in one total order; a document goes iff a kept document
before it

* has the same 128-bit hash of the fold (``exact``), or
* shares an LSH bucket with it, agrees in at least ``similarity`` of all signature values, and is not a sibling of
  the same template (``near``), or
* holds paragraphs that make up four fifths of its tokens, and is no sibling (``contained``).

A sibling (``taoxi.dedup.templates``) stays, and belongs to the family of the kept document that agrees with it most.
Of the families that a document meets in its buckets it is compared with the first document, and with those members
whose facts are nearly its own (``taoxi.dedup.families``): others are hardly what it is a copy of. With ``thin``
siblings go (``template``), and nothing is asked of those that are contained.

A removed document is never compared with again, so there are no chains, and the first of every cluster stays. What
earlier runs kept comes first in the order and is not judged again. Among several kept documents the leader is the one
that agrees most, and of equals the one earliest in the order.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from taoxi.dedup.buckets import insert, mates, share_bucket
from taoxi.dedup.containers import CONTAINED, claim_all, container, enlist
from taoxi.dedup.differences import COUNTERS, MOST_FEATURES
from taoxi.dedup.families import KEYS, LISTED, Families, families, join, like
from taoxi.dedup.fold import table
from taoxi.dedup.kin import COMPARED, Kin, Memo, is_kin, memo
from taoxi.dedup.memory import Texts
from taoxi.dedup.minhash import BANDS, PERMUTATIONS, SHORTEST, matches
from taoxi.dedup.paragraphs import Shared
from taoxi.dedup.room import Room
from taoxi.dedup.templates import SKETCH
from taoxi.normalize.kernel import kernel, part
from taoxi.normalize.utf8 import Array, Number, frozen

__all__ = ["CONTAINED", "Template", "Verdict", "Verdicts", "judge"]


class Verdict(enum.IntEnum):
    """What the judge says of a document."""

    KEPT = 0
    EXACT = 1
    NEAR = 2
    CONTAINED = 3
    TEMPLATE = 4


EXACT, NEAR, CONTAINED_IN, TEMPLATE = (
    int(Verdict.EXACT),
    int(Verdict.NEAR),
    int(Verdict.CONTAINED),
    int(Verdict.TEMPLATE),
)
# Plain integers: numba compiles no enumerations into assignments.


@dataclass(frozen=True, slots=True)
class Template:
    """The families of m documents.

    ``first`` (int64) is the number of the first of the family, -1 for a document that is in none or is the first
    itself; ``facts`` (uint32, m by ``SKETCH``) are sketches of theirs.
    """

    first: NDArray[np.int64]
    facts: NDArray[np.uint32]


FEW = 16
"""Members of a family whose signatures are compared before any text is: as cheap as a fraction of a text."""


class _Places(NamedTuple):
    """What is looked up of n documents while they are judged; what is asked for first is zero.

    ``kept`` (int64) has the numbers of the kept documents. ``same`` (int32) is a hash table of open addressing with the
    numbers of those that differ in their fold, plus one. ``heads`` and ``links`` (int32) are as in
    ``taoxi.dedup.buckets``, ``stamps`` (int64, 3 by n) say whom a document has met, plus one. ``lists``, ``lengths``
    and ``pool`` (int64) are as in ``taoxi.dedup.containers``.
    """

    kept: Array
    same: Array
    heads: Array
    links: Array
    stamps: Array
    lists: Array
    lengths: Array
    pool: Array


def _places(count: int, shared: Shared, room: Room) -> _Places:
    """Return room for so many documents."""
    bits = _bits(count)
    return _Places(
        room.zeros(count, np.int64),
        room.zeros(1 << bits, np.int32),
        room.zeros((BANDS, 1 << (bits - 1)), np.int32),
        room.zeros((BANDS, count), np.int32),
        room.zeros((3, count), np.int64),
        room.zeros(shared.count, np.int64),
        room.zeros(shared.count, np.int64),
        room.zeros((len(shared.paragraphs), 2), np.int64),
    )


def no_families(count: int = 0) -> Template:
    """Return what is known of documents that are in no family."""
    return Template(np.full(count, -1, np.int64), np.zeros((count, SKETCH), np.uint32))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on n documents.

    ``verdict`` (uint8) holds a ``Verdict``, ``leader`` (int64) the number of a kept document or -1, ``similarity``
    (float64) 1 for exact, the share of equal signature values for near and template, the share of contained tokens; NaN
    if kept. ``template`` tells the families of all n. ``wanted`` (int64) are documents without which the verdicts are
    not final, because their text was not at hand; ``compared`` counts comparisons of texts.
    """

    verdict: NDArray[np.uint8]
    leader: NDArray[np.int64]
    similarity: NDArray[np.float64]
    template: Template
    wanted: NDArray[np.int64]
    compared: int

    def of(self, count: int) -> Verdicts:
        """Return the verdicts on the documents numbered below ``count``."""
        template = Template(self.template.first[:count], self.template.facts[:count])
        columns = self.verdict[:count], self.leader[:count], self.similarity[:count]
        return Verdicts(*columns, template, self.wanted, self.compared)


def judge(
    order: NDArray[np.int64],
    tokens: NDArray[np.int32],
    exact: NDArray[np.uint64],
    signatures: NDArray[np.uint32],
    shared: Shared,
    similarity: float,
    known: Template | None = None,
    *,
    texts: Texts | None = None,
    thin: bool = False,
    compared: Memo | None = None,
    room: Room | None = None,
) -> Verdicts:
    """Judge documents one after another.

    Args:
        order: the numbers of the n documents, first to be judged first (int64).
        tokens: tokens of each document (int32).
        exact: 128-bit hash of each fold, as two halves (uint64, n by 2).
        signatures: MinHash signatures (uint32, n by 128); may be a memory map.
        shared: paragraphs that several documents hold.
        similarity: share of equal signature values from which a document is a copy.
        known: the families of those at the head of the order that were kept by earlier runs, and stay.
        texts: where the texts are; without them whatever is similar is a copy.
        thin: whether siblings go.
        compared: what came of comparing these texts before, and what comes of it now.
        room: where arrays are made; in memory by default.
    """
    count = len(order)
    room = room or Room()
    verdict = np.zeros(count, np.uint8)
    leader, template = room.zeros(count, np.int64), room.zeros(count, np.int64)
    leader[:] = template[:] = -1
    figure = room.zeros(count, np.float64)
    figure[:] = np.nan
    facts = room.zeros((count, SKETCH), np.uint32)
    kin = Kin(
        room.zeros((count, 2), np.uint64) if texts is None else texts,
        table(),
        room.zeros(count, np.int64),
        np.zeros(count, np.bool_),
        np.zeros(COUNTERS, np.int64),
        np.zeros(MOST_FEATURES, np.uint32),
        np.zeros(count, np.bool_),
        np.zeros(1, np.int64),
        memo(0) if compared is None else compared,
    )
    before = no_families() if known is None else known
    firsts = before.first
    if len(firsts):
        places = np.full(count, -1, np.int64)
        places[order[: len(firsts)]] = np.arange(len(firsts))
        firsts = np.where(firsts >= 0, places[firsts], -1)
    _judge(
        frozen(order),
        frozen(tokens),
        frozen(exact),
        frozen(np.asarray(signatures)),
        shared.starts,
        shared.paragraphs,
        shared.tokens,
        frozen(firsts),
        frozen(before.facts),
        kin,
        families(count, len(shared.paragraphs), room),
        _places(count, shared, room),
        math.ceil(round(similarity * PERMUTATIONS, 6)),
        int(thin),
        verdict,
        leader,
        figure,
        template,
        facts,
    )
    wanted = np.flatnonzero(kin.wanted) if texts is not None else np.zeros(0, np.int64)
    return Verdicts(verdict, leader, figure, Template(template, facts), wanted, int(kin.tally[COMPARED]))


def _bits(count: int) -> int:
    """Return how long numbers of slots are in hash tables of so many documents."""
    return max(4, math.ceil(math.log2(count + 1)) + 1)


@part
def _better(place: Number, equal: Number, best: Number, most: Number) -> bool:
    """Tell whether a kept document is the leader rather than another one: it agrees more, or was kept first."""
    return bool(equal > most or (equal == most and place < best))


@part
def _may_lead(
    document: Number,
    first: Number,
    kept: Array,
    signatures: Array,
    needed: Number,
    known: Families,
    best: Number,
    most: Number,
) -> bool:
    """Tell whether signatures let one of a family be the leader rather than ``best``, which agrees in ``most`` values.

    Those of a large family are not looked at one by one.
    """
    if known.members[first] > FEW:
        return True
    place = np.int64(first)
    for _ in range(known.members[first] + 1):
        equal = np.int64(matches(signatures[document], signatures[kept[place]]))
        if (
            equal >= needed
            and _better(place, equal, best, most)
            and share_bucket(signatures[document], signatures[kept[place]])
        ):
            return True
        place = np.int64(known.latest[place])
    return False


@part
def _near(
    document: Number,
    found: Array,
    count: Number,
    kept: Array,
    signatures: Array,
    needed: Number,
    known: Families,
    kin: Kin,
    met: Array,
    listed: Array,
    facts: Array,
    own: Array,
) -> tuple[Number, Number]:
    """Return the place of the kept document that a document is a copy of (-1: of none), and how many values agree.

    Args:
        document: its number.
        found: bucket mates that agree enough, as from ``mates``.
        count: how many they are.
        kept: numbers of the kept documents.
        signatures: those of all documents.
        needed: in how many values a copy agrees.
        known: the families.
        kin: the texts.
        met: for each first of a family the last document that was compared with it, plus one (int64).
        listed: room for members of a family.
        facts: room for a sketch.
        own: where the sketch of the facts goes that tell it from the family of the first mate.
    """
    best, most = np.int64(-1), np.int64(-1)
    for k in range(count):
        first = known.first[found[k, 0]]
        if met[first] == document + 1:
            continue
        met[first] = document + 1
        alone = known.members[first] == 0
        equal = found[k, 1] if alone else np.int64(matches(signatures[document], signatures[kept[first]]))
        if alone and not _better(first, equal, best, most):
            continue
        if k and not alone and not _may_lead(document, first, kept, signatures, needed, known, best, most):
            continue
        sibling = is_kin(kin, document, kept, first, facts)
        if k == 0:
            own[:] = facts
        reached = equal >= needed and (alone or share_bucket(signatures[document], signatures[kept[first]]))
        if not sibling and reached and _better(first, equal, best, most):
            best, most = first, equal
        if alone:
            continue
        for m in range(like(known, first, facts, listed)):
            place = listed[m]
            equal = np.int64(matches(signatures[document], signatures[kept[place]]))
            if (
                equal >= needed
                and _better(place, equal, best, most)
                and share_bucket(signatures[document], signatures[kept[place]])
                and not is_kin(kin, document, kept, place, facts)
            ):
                best, most = place, equal
    return best, most


@part
def _slot(document: Number, exact: Array, same: Array) -> Number:
    """Return the slot of the kept document with this one's exact hash, or the free slot where it belongs."""
    mask = np.uint64(len(same) - 1)
    slot = exact[document, 0] & mask
    while same[slot] > 0:
        other = np.int64(same[slot]) - 1
        if exact[other, 0] == exact[document, 0] and exact[other, 1] == exact[document, 1]:
            break
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@kernel
def _judge(
    order: Array,
    tokens: Array,
    exact: Array,
    signatures: Array,
    starts: Array,
    paragraphs: Array,
    sizes: Array,
    known_first: Array,
    known_facts: Array,
    kin: Kin,
    known: Families,
    places: _Places,
    needed: Number,
    thin: Number,
    verdict: Array,
    leader: Array,
    figure: Array,
    template: Array,
    sketches: Array,
) -> None:
    count = len(order)
    kept, same, heads, links = places.kept, places.same, places.heads, places.links
    stamps, lists, lengths, pool = places.stamps, places.lists, places.lengths, places.pool
    kept_count = pooled = 0
    found = np.empty((count, 2), np.int64)
    listed = np.empty(KEYS * LISTED, np.int64)
    facts, own = np.empty(SKETCH, np.uint32), np.empty(SKETCH, np.uint32)
    for document in order:
        slot = _slot(document, exact, same)
        stays = kept_count < len(known_first)
        if same[slot] > 0 and not stays:
            verdict[document], leader[document], figure[document] = EXACT, same[slot] - 1, 1.0
            continue
        signed = tokens[document] >= SHORTEST
        first: Number = np.int64(-1)  # the place of the first of its family
        if stays and known_first[kept_count] >= 0:
            first = np.int64(known_first[kept_count])
            own[:] = known_facts[kept_count]
        if signed and not stays:
            similar = mates(document, kept, signatures, heads, links, stamps[0], needed, found)
            if similar:
                best, most = _near(
                    document,
                    found,
                    similar,
                    kept,
                    signatures,
                    needed,
                    known,
                    kin,
                    stamps[1],
                    listed,
                    facts,
                    own,
                )
                if best >= 0:
                    verdict[document], leader[document], figure[document] = NEAR, kept[best], most / PERMUTATIONS
                    continue
                if thin:
                    leader[document], figure[document] = kept[found[0, 0]], found[0, 1] / PERMUTATIONS
                    verdict[document] = TEMPLATE
                    continue
                first = known.first[found[0, 0]]
            best, most, sibling = container(
                document,
                tokens[document],
                kept,
                starts,
                paragraphs,
                sizes,
                lists,
                lengths,
                pool,
                stamps[2],
                kin,
                facts,
                not thin,
            )
            if best >= 0:
                figure[document] = most / tokens[document]
                verdict[document], leader[document] = CONTAINED_IN, kept[best]
                continue
            if first < 0 and sibling >= 0:
                first = known.first[sibling]
                kin.stamps[first] = 0  # to have the sketch written
                is_kin(kin, document, kept, first, own)
        if same[slot] == 0:
            same[slot] = document + 1
        kept[kept_count] = document
        known.first[kept_count] = kept_count
        if first >= 0:
            if not known.members[first] and first < kept_count:
                claim_all(kept[first], first, starts, paragraphs, known)
            join(known, kept_count, first, own)
            template[document] = order[first] if stays else kept[first]
            sketches[document] = own
        if signed:
            insert(kept, signatures, kept_count, known.first, heads, links)
            pooled = enlist(document, kept_count, starts, paragraphs, lists, lengths, pool, pooled, known)
        kept_count += 1
