"""Signatures are datasketch's, and the documented curve of the bands is the one that they have."""

from __future__ import annotations

import re

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from taoxi.dedup import minhash as module
from taoxi.dedup.minhash import (
    BANDS,
    EMPTY,
    PERMUTATIONS,
    ROWS,
    SEED,
    SHINGLE,
    as_datasketch,
    fmix32,
    matches,
    minhash,
    permutations,
    proposed,
)

Hashes = NDArray[np.uint32]


def same_value(value: int) -> int:
    """Stand for a hash function: what datasketch is fed with are hashes already."""
    return value


def theirs(hashes: Hashes) -> list[int]:
    """Return datasketch's signature of a set of hashes."""
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", hashfunc=same_value)
    sketch.update_batch(hashes.tolist())
    values: list[int] = sketch.hashvalues.tolist()
    return values


def ours(hashes: Hashes) -> Hashes:
    """Return the kernel's signature of a set of hashes."""
    a, b = permutations()
    mixed = np.array([fmix32(value) for value in hashes], np.uint32)
    signature = np.empty(PERMUTATIONS, np.uint32)
    minhash(mixed, a, b, signature)
    return signature


def test_permutations_are_those_of_datasketch() -> None:
    """The table that is shipped holds what the installed datasketch draws for the seed."""
    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32")
    assert len(permutations()) == len(sketch.permutations) == 2
    for mine, original in zip(permutations(), sketch.permutations, strict=True):
        assert mine.dtype == original.dtype == np.uint32
        assert mine.tolist() == original.tolist()


@settings(deadline=None, max_examples=100)
@given(hashes=st.lists(st.integers(0, 2**32 - 1), max_size=60))
def test_signatures_are_those_of_datasketch(hashes: list[int]) -> None:
    """For any hashes, repeated ones and none among them, all 128 values are equal."""
    values = np.array(hashes, np.uint32)
    assert ours(values).tolist() == theirs(values)


def test_a_set_without_hashes_has_the_empty_signature() -> None:
    """Every value of it is the greatest one."""
    assert (ours(np.zeros(0, np.uint32)) == EMPTY).all()


@settings(deadline=None, max_examples=50)
@given(hashes=st.lists(st.integers(0, 2**32 - 1), min_size=1), data=st.data())
def test_a_signature_is_that_of_a_set(hashes: list[int], data: st.DataObject) -> None:
    """Order and repetition make no difference."""
    shuffled = data.draw(st.permutations(hashes + hashes[:3]))
    assert ours(np.array(shuffled, np.uint32)).tolist() == ours(np.array(hashes, np.uint32)).tolist()


@settings(deadline=None, max_examples=50)
@given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_matches_counts_equal_values(pairs: list[tuple[int, int]]) -> None:
    """Values are compared place by place."""
    left, right = np.array(pairs, np.uint32).reshape(-1, 2).T
    assert matches(left, right) == sum(one == other for one, other in pairs)


def test_bands_fit_into_a_signature() -> None:
    """No band reads beyond the last permutation."""
    assert BANDS * ROWS <= PERMUTATIONS


def simulated(similarity: float, pairs: int) -> tuple[float, Hashes]:
    """Return the share of pairs of this similarity that share a band, and the matches of each pair."""
    a, b = permutations()
    union = 200
    common = round(similarity * union)
    own = (union - common) // 2
    rng = np.random.default_rng(7)
    left, right = np.empty(PERMUTATIONS, np.uint32), np.empty(PERMUTATIONS, np.uint32)
    hits = 0
    equal = np.empty(pairs, np.uint32)
    for pair in range(pairs):
        hashes = rng.integers(0, 2**32, union, np.uint32)
        minhash(hashes[: common + own], a, b, left)
        minhash(np.concatenate([hashes[:common], hashes[common + own :]]), a, b, right)
        same = left == right
        hits += bool(same[: BANDS * ROWS].reshape(BANDS, ROWS).all(1).any())
        equal[pair] = same.sum()
    return hits / pairs, equal


def documented() -> dict[str, list[float]]:
    """Return the rows of the table in the module's docstring."""
    rows = re.findall(r"^ {4}(s|predicted|measured) ((?: +\d\.\d+)+)$", module.__doc__ or "", re.MULTILINE)
    return {name: [float(figure) for figure in figures.split()] for name, figures in rows}


def test_the_documented_curve_is_the_formula() -> None:
    """The row of predictions is ``1 - (1 - s**r)**b``, and so is the figure for the usual default."""
    rows = documented()
    assert set(rows) == {"s", "predicted", "measured"}
    assert len(rows["s"]) == len(rows["predicted"]) == len(rows["measured"]) == 6
    assert rows["predicted"] == [round(1 - (1 - s**ROWS) ** BANDS, 3) for s in rows["s"]]
    assert rows["predicted"] == [round(proposed(s), 3) for s in rows["s"]]
    usual = re.search(
        r"(\d+) bands of (\d+) rows \(a common\s+default\) propose (0\.\d+) at (0\.\d)", module.__doc__ or ""
    )
    assert usual is not None
    bands, rows_of_band, figure, at = usual.groups()
    assert round(proposed(float(at), int(bands), int(rows_of_band)), 3) == float(figure)


PAIRS = 2000


@pytest.mark.parametrize("column", range(6))
def test_the_documented_curve_is_what_signatures_do(column: int) -> None:
    """Measured anew, pairs are proposed as often as the docstring says, within four standard errors."""
    rows = documented()
    s, predicted = rows["s"][column], proposed(rows["s"][column])
    rate, equal = simulated(s, PAIRS)
    error = (predicted * (1 - predicted) / PAIRS) ** 0.5 + 0.0005
    assert abs(rate - predicted) < 4 * error
    assert abs(rows["measured"][column] - predicted) < 4 * error
    spread = (s * (1 - s) / PERMUTATIONS) ** 0.5
    assert abs(equal.mean() / PERMUTATIONS - s) < 4 * spread / PAIRS**0.5
    assert abs(equal.std() / PERMUTATIONS / spread - 1) < 0.1


@pytest.mark.parametrize(("edited", "expected"), [(0.02, 0.82), (0.05, 0.63)])
def test_the_documented_loss_by_edits(edited: float, expected: float) -> None:
    """A shingle lives on when none of its tokens is edited, which gives what the docstring of ``SHINGLE`` says."""
    alive = (1 - edited) ** SHINGLE
    assert alive / (2 - alive) == pytest.approx(expected, abs=0.006)


def test_a_signature_can_be_compared_and_indexed_in_datasketch() -> None:
    """A signature of ours as a datasketch object finds itself in datasketch's index and goes on to be updated there."""
    from datasketch import MinHashLSH

    values = np.arange(100, dtype=np.uint32)
    sketch = as_datasketch(ours(values))
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    index.insert("it", sketch)
    assert index.query(as_datasketch(ours(values))) == ["it"]
    assert sketch.jaccard(as_datasketch(ours(values[:50]))) == pytest.approx(0.5, abs=0.15)
