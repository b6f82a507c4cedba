"""Who stays: the judge against a slow oracle that has neither hash tables nor kernels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from taoxi.dedup import judge as module
from taoxi.dedup.judge import Verdict, Verdicts, judge, no_families
from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, SHORTEST
from taoxi.dedup.paragraphs import Shared

Row = tuple[Verdict, int, float]

rng_seeds = st.integers(0, 2**32 - 1)


@dataclass(slots=True)
class Case:
    """What the judge is given; ``held`` lists for each document its shared paragraphs as number and tokens."""

    order: NDArray[np.int64]
    tokens: NDArray[np.int32]
    exact: NDArray[np.uint64]
    signatures: NDArray[np.uint32]
    held: list[list[tuple[int, int]]]
    similarity: float = 0.7
    known: int = 0

    def shared(self) -> Shared:
        """Return the paragraphs as the index gives them."""
        starts = np.cumsum([0, *map(len, self.held)]).astype(np.int64)
        rows = np.array([row for held in self.held for row in sorted(held)], np.int64).reshape(-1, 2)
        count = int(rows[:, 0].max(initial=-1)) + 1
        return Shared(starts, rows[:, 0].copy(), rows[:, 1].copy(), np.arange(count, dtype=np.uint64))

    def judged(self) -> list[Row]:
        """Return what the judge says."""
        arrays = (self.order, self.tokens, self.exact, self.signatures)
        return rows_of(judge(*arrays, self.shared(), self.similarity, no_families(self.known)))


def rows_of(verdicts: Verdicts) -> list[Row]:
    """Return verdicts as rows that can be compared; the similarity of a kept document, NaN, as 0."""
    columns = (verdicts.verdict.tolist(), verdicts.leader.tolist(), np.nan_to_num(verdicts.similarity).tolist())
    return [(Verdict(verdict), leader, figure) for verdict, leader, figure in zip(*columns, strict=True)]


def bands(signature: NDArray[np.uint32]) -> Iterable[tuple[int, ...]]:
    """Return the number and the values of each band."""
    for band in range(BANDS):
        yield (band, *signature[band * ROWS : (band + 1) * ROWS].tolist())


def expected(case: Case) -> list[Row]:
    """Judge by the definition: plain dictionaries and loops over all kept documents."""
    rows: list[Row] = [(Verdict.KEPT, -1, 0.0)] * len(case.order)
    kept: list[int] = []
    originals: dict[tuple[int, ...], int] = {}
    buckets: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for place, document in enumerate(case.order.tolist()):
        key = tuple(case.exact[document].tolist())
        stays = place < case.known
        if key in originals and not stays:
            rows[document] = (Verdict.EXACT, originals[key], 1.0)
            continue
        size = int(case.tokens[document])
        if size >= SHORTEST:
            mates = {mate for band in bands(case.signatures[document]) for mate in buckets[band]}
            equal = {mate: int((case.signatures[mate] == case.signatures[document]).sum()) for mate in mates}
            best = max((mate for mate in kept if mate in mates), key=lambda mate: equal[mate], default=None)
            if best is not None and equal[best] / PERMUTATIONS >= case.similarity and not stays:
                rows[document] = (Verdict.NEAR, best, equal[best] / PERMUTATIONS)
                continue
            inside = {}
            for other in kept:
                if case.tokens[other] >= SHORTEST:
                    theirs = {paragraph for paragraph, _ in case.held[other]}
                    inside[other] = sum(tokens for paragraph, tokens in case.held[document] if paragraph in theirs)
            best = max(inside, key=lambda other: inside[other], default=None)
            if best is not None and 5 * inside[best] >= 4 * size and not stays:
                rows[document] = (Verdict.CONTAINED, best, inside[best] / size)
                continue
            for band in bands(case.signatures[document]):
                buckets[band].add(document)
        originals.setdefault(key, document)
        kept.append(document)
    return rows


def a_case(seed: int) -> Case:
    """Make a crowd of near-duplicates, exact copies, quotations and short texts, with crowded and empty buckets."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 70))
    values = int(rng.choice([2, 3, 5, 1 << 32]))  # few values fill the buckets with documents that are not alike
    roots = rng.integers(0, values, (max(1, count // 6), PERMUTATIONS), np.uint32)
    signatures = roots[rng.integers(0, len(roots), count)]
    for row in signatures:
        edited = rng.random(PERMUTATIONS) < rng.choice([0.0, 0.05, 0.2, 0.28, 0.3, 0.32, 0.5])
        row[edited] = rng.integers(0, 1 << 32, int(edited.sum()), np.uint32)
    tokens = rng.integers(15, 60, count).astype(np.int32)
    exact = rng.integers(0, 1 << 63, (count, 2), np.uint64)
    copies = rng.random(count) < 0.15
    exact[copies] = exact[rng.integers(0, count, int(copies.sum()))]
    half = rng.random(count) < 0.1
    exact[half, 0] = exact[0, 0]  # same slot and same first half, and yet not the same hash
    lengths = rng.integers(5, 30, 12)
    held: list[list[tuple[int, int]]] = []
    for size in tokens.tolist():
        chosen = rng.integers(0, rng.choice([3, 12]), rng.integers(0, 5)).tolist()
        rows = [(paragraph, int(lengths[paragraph])) for paragraph in sorted(chosen)]
        while sum(length for _, length in rows) > size:
            rows.pop()
        held.append(rows)
    order = rng.permutation(count).astype(np.int64)
    similarity = float(rng.choice([0.5, 0.7, 0.75, 0.9, 1.0]))
    return Case(order, tokens, exact, signatures, held, similarity, int(rng.choice([0, 0, 1, count // 2, count])))


@settings(deadline=None, max_examples=100)
@given(seed=rng_seeds)
def test_verdicts_are_those_of_the_definition(seed: int) -> None:
    """Verdict, leader and similarity of every document equal the oracle's."""
    case = a_case(seed)
    assert case.judged() == expected(case)


@settings(deadline=None, max_examples=50)
@given(seed=rng_seeds)
def test_crowded_tables_change_nothing(seed: int) -> None:
    """With hash tables as small as they can be, so that everything collides, the verdicts are the same."""
    case = a_case(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_bits", int.bit_length)
        assert case.judged() == expected(case)


@settings(deadline=None, max_examples=100)
@given(seed=rng_seeds)
def test_no_removal_without_proof(seed: int) -> None:
    """A removed document names a kept one before it, and a figure that the two really have."""
    case = a_case(seed)
    place = {document: at for at, document in enumerate(case.order.tolist())}
    rows = case.judged()
    for document, (verdict, leader, figure) in enumerate(rows):
        if verdict is Verdict.KEPT:
            assert (leader, figure) == (-1, 0.0)
            continue
        assert rows[leader][0] is Verdict.KEPT
        assert place[leader] < place[document]
        if verdict is Verdict.EXACT:
            assert case.exact[leader].tolist() == case.exact[document].tolist()
            assert figure == 1.0
        elif verdict is Verdict.NEAR:
            assert figure == (case.signatures[leader] == case.signatures[document]).mean() >= case.similarity
        else:
            theirs = dict(case.held[leader])
            held = sum(tokens for paragraph, tokens in case.held[document] if paragraph in theirs)
            assert figure == held / case.tokens[document]
            assert 0.8 <= figure <= 1.0


def related(case: Case, early: int, late: int) -> bool:
    """Tell whether one document could ever be the leader of another."""
    if case.exact[early].tolist() == case.exact[late].tolist():
        return True
    if min(case.tokens[early], case.tokens[late]) < SHORTEST:
        return False
    near = (case.signatures[early] == case.signatures[late]).mean() >= case.similarity
    theirs = dict(case.held[early])
    inside = sum(tokens for paragraph, tokens in case.held[late] if paragraph in theirs)
    return bool(near or inside >= 0.8 * case.tokens[late])


@settings(deadline=None, max_examples=60)
@given(seed=rng_seeds)
def test_the_first_of_everything_stays(seed: int) -> None:
    """A document that no document before it is like is kept: so one of each cluster stays."""
    case = a_case(seed)
    rows = case.judged()
    order = case.order.tolist()
    for place, document in enumerate(order):
        if not any(related(case, earlier, document) for earlier in order[:place]):
            assert rows[document][0] is Verdict.KEPT


@settings(deadline=None, max_examples=50)
@given(seed=rng_seeds)
def test_numbers_of_documents_do_not_matter(seed: int) -> None:
    """Documents that are numbered otherwise, but judged in the same order, get the same verdicts."""
    case = a_case(seed)
    renamed = Case(
        np.arange(len(case.order)),
        case.tokens[case.order],
        case.exact[case.order],
        case.signatures[case.order],
        [case.held[document] for document in case.order],
        case.similarity,
        case.known,
    )
    numbers = {document: at for at, document in enumerate(case.order.tolist())} | {-1: -1}
    rows = case.judged()
    assert renamed.judged() == [
        (rows[document][0], numbers[rows[document][1]], rows[document][2]) for document in case.order.tolist()
    ]


def plain(count: int, tokens: int = 30) -> Case:
    """Return documents that have nothing in common."""
    rng = np.random.default_rng(3)
    return Case(
        np.arange(count),
        np.full(count, tokens, np.int32),
        np.arange(2 * count, dtype=np.uint64).reshape(-1, 2) + np.uint64(1),
        rng.integers(0, 1 << 32, (count, PERMUTATIONS), np.uint32),
        [[] for _ in range(count)],
    )


def agree(case: Case, left: int, right: int, values: int) -> None:
    """Make two documents agree in so many values, the first bands among them."""
    case.signatures[right, :values] = case.signatures[left, :values]


def test_no_documents_are_no_problem() -> None:
    """Nothing to judge, nothing judged."""
    assert plain(0).judged() == []


def test_strangers_stay() -> None:
    """Documents without anything in common are all kept."""
    assert plain(40).judged() == [(Verdict.KEPT, -1, 0.0)] * 40


def test_there_are_no_chains() -> None:
    """B goes for A; C, which is like B and not like A, stays."""
    case = plain(3)
    agree(case, 0, 1, 96)
    case.signatures[2] = case.signatures[1]
    case.signatures[2, :40] += np.uint32(1)
    assert (case.signatures[1] == case.signatures[2]).mean() < 0.7
    case.signatures[2, :8] = case.signatures[1, :8]
    assert (case.signatures[1] == case.signatures[2]).mean() == 0.75
    assert (case.signatures[0] == case.signatures[2]).mean() == 0.5
    assert [row[0] for row in case.judged()] == [Verdict.KEPT, Verdict.NEAR, Verdict.KEPT]


@pytest.mark.parametrize(("values", "verdict"), [(89, Verdict.KEPT), (90, Verdict.NEAR)])
def test_the_threshold_is_reached_or_not(values: int, verdict: Verdict) -> None:
    """0.7 of 128 values is 89.6: 90 are enough, 89 are not."""
    case = plain(2)
    agree(case, 0, 1, values)
    assert case.judged()[1][0] is verdict


@pytest.mark.parametrize("similarity", [k / 128 for k in range(64, 129)])
def test_a_threshold_that_is_met_exactly_is_met(similarity: float) -> None:
    """Rounding asks for no value more than was said."""
    case = plain(2)
    case.similarity = similarity
    agree(case, 0, 1, round(similarity * 128))
    assert case.judged()[1] == (Verdict.NEAR, 0, similarity)


@pytest.mark.parametrize(
    ("shares", "order", "leader"),
    [
        ((40, 48, 40), (0, 1, 2, 3), 1),
        ((44, 44, 40), (0, 1, 2, 3), 0),
        ((44, 44, 40), (1, 0, 2, 3), 1),
        ((40, 44, 44), (2, 0, 1, 3), 2),
    ],
)
def test_the_leader_is_the_nearest_and_then_the_first(
    shares: tuple[int, ...], order: tuple[int, ...], leader: int
) -> None:
    """Of several kept documents that are near, the most similar one is named; of equals, the earliest in the order."""
    case = plain(4)
    case.similarity = 0.3
    case.order = np.array(order)
    at = 0
    for document, share in enumerate(shares):
        case.signatures[3, at : at + share] = case.signatures[document, at : at + share]
        at += share
    assert case.judged()[3] == (Verdict.NEAR, leader, shares[leader] / PERMUTATIONS)


def test_without_a_common_bucket_nothing_is_near() -> None:
    """Documents that agree in many values, but in no whole band, are never compared."""
    case = plain(2)
    agree(case, 0, 1, PERMUTATIONS)
    case.signatures[1, : BANDS * ROWS : ROWS] += np.uint32(1)
    assert (case.signatures[0] == case.signatures[1]).mean() > 0.7
    assert case.judged()[1][0] is Verdict.KEPT


def test_short_documents_are_compared_exactly_only() -> None:
    """Under 20 tokens neither signatures nor paragraphs count, on either side; the exact hash does."""
    case = plain(4, 19)
    case.signatures[:] = case.signatures[0]
    case.held = [[(0, 19)] for _ in range(4)]
    case.exact[3] = case.exact[1]
    assert [row[:2] for row in case.judged()] == [
        (Verdict.KEPT, -1),
        (Verdict.KEPT, -1),
        (Verdict.KEPT, -1),
        (Verdict.EXACT, 1),
    ]
    case.tokens[2] = 20
    assert case.judged()[2][0] is Verdict.KEPT


def test_both_halves_of_an_exact_hash_count() -> None:
    """Documents that share 64 of the 128 bits are no copies."""
    case = plain(3)
    case.exact[:] = [[8, 1], [8, 3], [24, 1]]
    assert [row[0] for row in case.judged()] == [Verdict.KEPT] * 3


@pytest.mark.parametrize(("tokens", "verdict"), [(25, Verdict.CONTAINED), (26, Verdict.KEPT)])
def test_four_fifths_are_contained(tokens: int, verdict: Verdict) -> None:
    """20 of 25 tokens in paragraphs of one kept document are enough, 20 of 26 are not."""
    case = plain(2)
    case.tokens[1] = tokens
    case.held = [[(0, 20), (1, 22)], [(0, 20)]]
    assert case.judged()[1][0] is verdict


def test_two_documents_together_contain_nothing() -> None:
    """The four fifths must be paragraphs of one document, not of several."""
    case = plain(3, 40)
    case.held = [[(0, 20)], [(1, 20)], [(0, 20), (1, 20)]]
    assert case.judged()[2][0] is Verdict.KEPT


def test_a_removed_document_contains_nothing() -> None:
    """What a removed document held is not in the corpus through it, so it proves nothing."""
    case = plain(3, 40)
    agree(case, 0, 1, 100)
    case.held = [[], [(0, 40)], [(0, 40)]]
    assert [row[0] for row in case.judged()] == [Verdict.KEPT, Verdict.NEAR, Verdict.KEPT]
