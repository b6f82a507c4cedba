"""Which paragraphs several documents hold: the index on disk against a plain dictionary."""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.dedup.paragraphs import ROW, ParagraphIndex, Shared
from taoxi.dedup.partitions import HELD, PARTITIONS

Held = list[tuple[int, int, int]]
"""Hash, document and tokens of each paragraph."""

HASHES = st.one_of(
    st.sampled_from([0, 1, 2, 2**58 - 1, 2**58, 2**63, 2**64 - 1]),
    st.integers(0, PARTITIONS - 1).map(lambda k: k << 58 | 5),
    st.integers(0, 2**64 - 1),
)
DOCUMENTS = 8


def index(folder: Path, batches: list[Held], documents: int = DOCUMENTS, held: int = HELD) -> Shared:
    """Add paragraphs batch by batch and return which are shared."""
    with ParagraphIndex(folder, held) as paragraphs:
        for batch in batches:
            paragraphs.add(
                np.array([value for value, _, _ in batch], np.uint64),
                np.array([document for _, document, _ in batch], np.int64),
                np.array([tokens for _, _, tokens in batch], np.int64),
            )
        return paragraphs.shared(documents)


def by_document(shared: Shared, documents: int = DOCUMENTS) -> list[Held]:
    """Return what the index says each document holds; the numbers of paragraphs as their hashes."""
    rows = [
        (int(shared.hashes[paragraph]), int(paragraph), int(tokens))
        for paragraph, tokens in zip(shared.paragraphs, shared.tokens, strict=True)
    ]
    starts = shared.starts.tolist()
    assert (starts[0], starts[-1], len(starts)) == (0, len(rows), documents + 1)
    return [rows[start:end] for start, end in itertools.pairwise(starts)]


@settings(deadline=None, max_examples=100)
@given(
    owners=st.dictionaries(
        HASHES, st.tuples(st.integers(20, 900), st.lists(st.integers(0, DOCUMENTS - 1), max_size=6))
    ),
    data=st.data(),
)
def test_the_index_finds_what_a_dictionary_finds(owners: dict[int, tuple[int, list[int]]], data: st.DataObject) -> None:
    """Paragraphs of two documents or more are listed at each of these, as often as they hold them, and no others."""
    held = [(value, document, tokens) for value, (tokens, list_) in owners.items() for document in list_]
    held = data.draw(st.permutations(held))
    size = data.draw(st.integers(1, 10))
    with tempfile.TemporaryDirectory() as folder:
        limit = data.draw(st.sampled_from([1, 7 * ROW.itemsize, HELD]))
        shared = index(Path(folder), [held[at : at + size] for at in range(0, len(held), size)], held=limit)
        assert any(Path(folder).iterdir()) == (len(held) * ROW.itemsize >= limit)
    expected: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for value, (tokens, list_) in owners.items():
        if len(set(list_)) > 1:
            for document in list_:
                expected[document].append((value, tokens))
    found = by_document(shared)
    assert [sorted((value, tokens) for value, _, tokens in rows) for rows in found] == [
        sorted(expected[document]) for document in range(DOCUMENTS)
    ]
    assert sorted(shared.hashes.tolist()) == sorted({value for rows in expected.values() for value, _ in rows})
    assert shared.count == len(shared.hashes)
    for rows in found:
        numbers = [number for _, number, _ in rows]
        assert numbers == sorted(numbers), "the judge walks two ascending lists"


def test_nothing_added_nothing_shared(tmp_path: Path) -> None:
    """No paragraphs, empty batches and no documents give empty lists."""
    assert by_document(index(tmp_path, [])) == [[]] * DOCUMENTS
    assert by_document(index(tmp_path, [[], []]), DOCUMENTS) == [[]] * DOCUMENTS
    assert by_document(index(tmp_path, [], 0), 0) == []


def test_a_paragraph_twice_in_one_document_is_not_shared(tmp_path: Path) -> None:
    """Repetition within a document is no business of the index."""
    assert by_document(index(tmp_path, [[(7, 1, 20)], [(7, 1, 20)]])) == [[]] * DOCUMENTS


def test_the_index_can_be_asked_and_added_to_again(tmp_path: Path) -> None:
    """Asking changes nothing, and what is added later counts."""
    one, both = np.array([9], np.uint64), np.array([50])
    with ParagraphIndex(tmp_path, 1) as paragraphs:
        paragraphs.add(one, np.array([0]), both)
        assert paragraphs.shared(2).count == 0
        paragraphs.add(one, np.array([1]), both)
        assert by_document(paragraphs.shared(2), 2) == [[(9, 0, 50)], [(9, 0, 50)]]
        assert by_document(paragraphs.shared(2), 2) == [[(9, 0, 50)], [(9, 0, 50)]]


def test_the_files_are_closed_when_the_index_is_left(tmp_path: Path) -> None:
    """Also when something goes wrong inside, nothing can be added any more, and no file stays open."""
    paragraphs = ParagraphIndex(tmp_path, 1)
    paragraphs.add(np.array([9], np.uint64), np.array([0]), np.array([50]))
    with pytest.raises(KeyError), paragraphs:
        raise KeyError
    with pytest.raises(ValueError, match="closed"):
        paragraphs.shared(1)
