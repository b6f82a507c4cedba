"""What many kernels need of bytes, against the same in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.utf8 import frozen, occurrences

SIGNS = st.sampled_from([b"\n", b"ab", "版)".encode(), "更多资料".encode(), b"aaa"])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(SIGNS, st.binary(max_size=90)), max_size=40).map(b"".join), SIGNS, st.data())
def test_occurrences_are_those_of_a_search(data: bytes, sign: bytes, drawn: st.DataObject) -> None:
    """Every place, overlapping ones too, and none that reaches out of the stretch."""
    start = drawn.draw(st.integers(0, len(data)))
    stop = drawn.draw(st.integers(start, len(data)))
    places = [at for at in range(start, stop - len(sign) + 1) if data.startswith(sign, at)]
    array = frozen(np.frombuffer(data, np.uint8))
    assert occurrences(array, start, stop, frozen(np.frombuffer(sign, np.uint8))).tolist() == places


@pytest.mark.parametrize("size", [2, 3, 5, 300])
def test_occurrences_may_overlap(size: int) -> None:
    """A sign of one letter is everywhere in a run of it: more often than signs side by side have room."""
    data, sign = frozen(np.frombuffer(b"a" * 4096, np.uint8)), frozen(np.frombuffer(b"a" * size, np.uint8))
    assert occurrences(data, 0, 4096, sign).tolist() == list(range(4096 - size + 1))
