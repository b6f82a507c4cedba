"""What a folder holds, and its database as an index of datasketch."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from taoxi.corpus.options import UsageError
from taoxi.corpus.restore import restore
from taoxi.corpus.state import stamps
from taoxi.corpus.state.export import as_index, export_index, minhash_of
from taoxi.corpus.state.overview import overview
from taoxi.corpus.state.store import NAME
from taoxi.corpus.wanted import Wanted
from taoxi.dedup.sign import sign
from tests.support import edited, files, jsonl, pages, run
from tests.test_append import append, crawl
from tests.test_guarantees import normalized


def test_an_overview_counts_runs_sites_and_sizes(tmp_path: Path) -> None:
    """As manifests, corpus and file system say."""
    out = tmp_path / "out"
    append(out, crawl(tmp_path, "1", [pages(1, 4), pages(2, 4), edited(pages(1, 4), 5)]))
    append(out, jsonl(tmp_path / "b" / "2.jsonl", [pages(3)]))
    restore(out, Wanted(reasons=("near",)))
    found = overview(out)
    assert [(run.run, run.command, run.sources, run.documents, run.kept, run.removed) for run in found.runs] == [
        (1, "clean", 1, 3, 2, 1),
        (2, "clean", 1, 1, 1, 0),
        (3, "restore", 0, 0, 1, 0),
    ]
    assert dict(found.sites) == {"a.example": 3, str(tmp_path / "b"): 1}
    assert (found.kept, found.known, found.database) == (4, 4, None)
    sizes = {name: len(data) for name, data in files(out).items()}
    assert found.sizes == {
        folder: sum(size for name, size in sizes.items() if name.startswith(folder))
        for folder in ("corpus", "removed", "sources", "chrome", NAME)
    }


def test_an_overview_tells_how_the_database_is(tmp_path: Path) -> None:
    """Missing, lagging, damaged or of another version: nothing is written, and nothing fails."""
    out = tmp_path / "out"
    run(out, jsonl(tmp_path / "1.jsonl", [pages(1)]))
    assert "There is none" in str(overview(out).database)
    append(out, jsonl(tmp_path / "2.jsonl", [pages(2)]))
    old = (out / NAME).read_bytes()
    append(out, jsonl(tmp_path / "3.jsonl", [pages(3)]))
    (out / NAME).write_bytes(old)
    found = overview(out)
    assert (found.known, found.kept) == (2, 3)
    assert "lags behind" in str(found.database)
    (out / NAME).write_bytes(b"garbage" * 99)
    assert "damaged" in str(overview(out).database)


def test_the_index_answers_with_our_ids(tmp_path: Path) -> None:
    """Also after a trip through its file, to texts that were edited; a text that is too short is not in it."""
    texts = [pages(seed, 4) for seed in range(5)]
    _, folder = append(tmp_path / "out", jsonl(tmp_path / "1.jsonl", [*texts, "短文"]))
    ids = {row["text"]: row["id"] for row in folder.corpus}
    assert export_index(folder.path, tmp_path / "index.pickle") == 5
    loaded = pickle.loads((tmp_path / "index.pickle").read_bytes())  # noqa: S301 - it is ours
    for index in (loaded, as_index(folder.path)):
        for text in texts:
            assert index.query(minhash_of(text)) == [ids[text]]
            assert index.query(minhash_of(edited(text, 3))) == [ids[text]]
        assert index.query(minhash_of(pages(77))) == []
    with pytest.raises(UsageError, match="already there"):
        export_index(folder.path, tmp_path / "index.pickle")


def test_without_a_database_there_is_no_index(tmp_path: Path) -> None:
    """With what to do."""
    run(tmp_path / "out", jsonl(tmp_path / "1.jsonl", [pages(1)]))
    with pytest.raises(UsageError, match="--rebuild"):
        as_index(tmp_path / "out")


def test_the_stamps_name_all_that_signatures_depend_on() -> None:
    """A text has the signature that it always had, or ``SIGNATURE`` was raised; so with ``NORMALIZER``."""
    import numpy as np

    data = np.frombuffer((pages(1) + "\nC++ 与 C#，ＡＢＣ１２３ 漢字").encode(), np.uint8)
    signed = sign(data, np.array([0, len(data)]))
    assert (stamps.SIGNATURE, signed.exact[0].tolist(), signed.signatures[0, :4].tolist()) == (
        1,
        [17030834472219553052, 90030082339008521],
        [3350801, 20881492, 8067752, 10630488],
    )
    assert (stamps.NORMALIZER, normalized("Ａ１，ｂ　…… “”\u200b①㎡\ufeff\t—— ／（）")) == (1, "A1,b …… “”①㎡ —— /()")
    assert set(stamps.stamps()) >= {"signature", "normalizer", "fold", "opencc", "shingle", "permutations", "seed"}
    assert all(stamps.stamps().values())
