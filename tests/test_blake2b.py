"""Digests of many texts at once are those of hashlib, whatever sizes come together."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taoxi.dedup.blake2b import DIGEST, blake2b

BLOCK = 128
AROUND = [BLOCK * blocks + more for blocks in range(6) for more in (-1, 0, 1) if blocks or more >= 0]


def ours(texts: list[bytes], before: bytes = b"") -> list[bytes]:
    """Return the kernel's digests of texts that stand in a buffer behind ``before``."""
    offsets = np.cumsum([len(before), *map(len, texts)])
    digests = blake2b(np.frombuffer(before + b"".join(texts), np.uint8), offsets)
    assert digests.shape == (len(texts), DIGEST)
    return [digest.tobytes() for digest in digests]


def theirs(texts: list[bytes]) -> list[bytes]:
    """Return the digests of hashlib."""
    return [hashlib.blake2b(text, digest_size=DIGEST).digest() for text in texts]


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 17])
def test_batches_of_any_number_of_texts(count: int) -> None:
    """Fewer texts than fit side by side, as many, and more: each gets its own digest."""
    texts = [bytes([k]) * 50 * k for k in range(count)]
    assert ours(texts) == theirs(texts)


def test_all_sizes_around_the_ends_of_blocks() -> None:
    """Texts from nothing to a few blocks, in one batch and in an order in which they end at different times."""
    rng = random.Random(7)
    texts = [rng.randbytes(size) for size in (*range(301), *AROUND)]
    rng.shuffle(texts)
    assert ours(texts) == theirs(texts)


def test_a_long_text_among_short_ones() -> None:
    """What takes its turn beside a text of megabytes, and after it, is not mixed up with it."""
    rng = random.Random(8)
    texts = [b"", b"a", rng.randbytes(3_000_001), *(rng.randbytes(999) for _ in range(50)), rng.randbytes(1 << 20), b""]
    assert ours(texts) == theirs(texts)


@given(st.lists(st.binary(max_size=700) | st.integers(0, 2000).map(bytes), max_size=40), st.binary(max_size=9))
def test_digests_are_those_of_hashlib(texts: list[bytes], before: bytes) -> None:
    """Any texts at any place of a buffer, aligned or not."""
    assert ours(texts, before) == theirs(texts)
