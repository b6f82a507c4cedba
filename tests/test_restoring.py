"""Corpus and ledger, put together again by the product, are what the tests' own reading of them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from taoxi.corpus.options import OutputError, UsageError
from taoxi.corpus.output import Output
from taoxi.corpus.restoring import documents
from tests.support import mixed_dump, restored, run, whole


@pytest.mark.parametrize(("to", "passages"), [("parquet", "keep"), ("jsonl", "cut"), ("parquet", "cut")])
def test_every_document_comes_back(tmp_path: Path, to: str, passages: str) -> None:
    """Kept and removed, in natural order, with its text as judged and as read."""
    _, folder = run(tmp_path / "out", mixed_dump(tmp_path / "dump"), to=to, passages=passages)
    found = list(documents(Output.open(folder.path), 1))
    ledger = folder.ledger
    rows = [*folder.corpus, *(row for row in ledger if row["kind"] == "document" and row["reason"] != "empty")]
    assert len(found) == len(rows)
    assert sum(document.kept for document in found) == len(folder.corpus)
    by_place = {(row["source"], row["member"], row["record"], row["part"]): row for row in rows}
    for document in found:
        row = by_place[tuple(document.row[name] for name in ("source", "member", "record", "part"))]
        assert document.row["id"] == row["id"]
        assert document.whole == whole(row, ledger)
        assert document.judged in {restored(row, []), restored(row, [p for p in ledger if p["leader"] != row["id"]])}
    assert [document.place for document in found] == sorted(document.place for document in found)


@pytest.mark.parametrize("name", ["dumps", "real/gov-2026", "real/html-zh"])
def test_real_dumps_come_back(tmp_path: Path, shared: Path, name: str) -> None:
    """Every text of a real dump, exactly, as the tests' own reading says."""
    _, folder = run(tmp_path / "out", shared / name)
    ledger = folder.ledger
    for document in documents(Output.open(folder.path), 1):
        assert document.whole == whole(document.row, [row for row in ledger if row["source"] == document.row["source"]])


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    """With what to name instead."""
    with pytest.raises(UsageError, match="holds no finished run"):
        Output.open(tmp_path)


@pytest.mark.parametrize("to", ["parquet", "jsonl", "text"])
def test_a_damaged_file_is_named(tmp_path: Path, to: str) -> None:
    """Whatever its form; plain text has nothing to read back."""
    _, folder = run(tmp_path / "out", mixed_dump(tmp_path / "dump"), to=to)
    path = next((folder.path / "corpus").iterdir())
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(OutputError, match=path.name):
        list(Output.open(folder.path).rows("corpus", 1))
    path.unlink()
    with pytest.raises(OutputError, match=path.name):
        list(Output.open(folder.path).rows("corpus", 1))
