"""Parquet files are read row group by row group; their other columns are kept, and damage spares what it can."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support import Folder, pages, run, taoxi, unaccounted

COUNT = 30


def written(table: pa.Table, **options: Any) -> bytes:  # noqa: ANN401 - passed on to pyarrow
    """Return a table as Parquet."""
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def texts(**columns: Any) -> pa.Table:  # noqa: ANN401 - columns of any type
    """Return a table of texts and other columns."""
    return pa.table({"text": [pages(k, 2) for k in range(COUNT)], **columns})


def cleaned(tmp_path: Path, data: bytes, **options: Any) -> Folder:  # noqa: ANN401 - passed on to the options
    """Clean a file with batches of two sizes, which must give the same."""
    (tmp_path / "dump").write_bytes(data)
    outs = [run(tmp_path / f"out{size}", tmp_path / "dump", batch_bytes=size, **options)[1] for size in (4 << 20, 999)]
    for one, other in zip(*([*out.corpus, *out.ledger, *out.sources] for out in outs), strict=True):
        assert one == other
    return outs[0]


def test_rows_are_documents(tmp_path: Path) -> None:
    """Numbered through the file, each with the span of its row group; magic and footer are separators."""
    data = written(texts(url=[f"http://a.cn/{k}" for k in range(COUNT)]), row_group_size=12)
    out = cleaned(tmp_path, data)
    assert [(row["text"], row["record"], row["url"]) for row in out.corpus] == [
        (pages(k, 2), k, f"http://a.cn/{k}") for k in range(COUNT)
    ]
    groups = sorted({(row["byte_start"], row["byte_end"]) for row in out.corpus})
    assert len(groups) == 3
    assert unaccounted(len(data), [*out.corpus, *out.ledger]) == []
    assert [(row["kind"], row["reason"], row["text"]) for row in out.ledger] == [
        ("separator", "header", None),
        ("separator", "footer", None),
    ]
    (source,) = out.sources
    assert (source["format"], source["encoding"], source["records"], source["error"]) == (
        "parquet",
        "utf-8",
        COUNT,
        None,
    )


def test_columns_of_any_type_are_kept(tmp_path: Path) -> None:
    """Dates as ISO, numbers with all digits, nested ones nested."""
    table = texts(
        published_at=pa.array([dt.datetime(2024, 5, 6, 7, 8, tzinfo=dt.UTC)] * COUNT, pa.timestamp("ns")),
        day=[dt.date(2024, 5, 6)] * COUNT,
        price=[decimal.Decimal("1.10")] * COUNT,
        tags=[["a", "b"]] * COUNT,
        nest=[{"at": dt.date(2020, 1, 1), "n": 1}] * COUNT,
        kind=pa.array(["x", "y"] * (COUNT // 2)).dictionary_encode(),
        took=pa.array([5] * COUNT, pa.duration("ms")),
        share=[0.5] * COUNT,
    )
    row = cleaned(tmp_path, written(table)).corpus[0]
    assert row["date"] == "2024-05-06T07:08:00.000000000"
    assert json.loads(row["meta"]) == {
        "day": "2024-05-06",
        "price": "1.10",
        "tags": ["a", "b"],
        "nest": {"at": "2020-01-01", "n": 1},
        "kind": "x",
        "took": "5",
        "share": 0.5,
    }


def test_columns_of_bytes_are_left_out_and_told(tmp_path: Path) -> None:
    """Images beside their captions are no text, wherever they are nested; a text may be bytes all the same."""
    raw = pa.array([pages(k, 2).encode() for k in range(COUNT)], pa.binary())
    table = pa.table({"content": raw, "image": [{"bytes": b"\xff\x00", "path": "x"}] * COUNT})
    out = cleaned(tmp_path, written(table))
    assert [row["text"] for row in out.corpus] == [pages(k, 2) for k in range(COUNT)]
    assert out.corpus[0]["meta"] is None
    assert out.sources[0]["error"] == (
        "The columns of bytes (image) are no text and were left out. Write them as text if they matter."
    )


def test_a_row_without_text_is_in_the_ledger(tmp_path: Path) -> None:
    """With its other columns as JSON."""
    table = pa.table({"text": [pages(1), None], "id": [1, 2]})
    out = cleaned(tmp_path, written(table))
    (lost,) = (row for row in out.ledger if row["kind"] == "record")
    assert (lost["reason"], lost["record"], json.loads(lost["text"])) == ("not_text", 1, {"text": None, "id": 2})


def test_the_text_column_may_be_named(tmp_path: Path) -> None:
    """Without a usual name, the message lists the columns."""
    data = written(texts().rename_columns(["foo"]))
    refused = cleaned(tmp_path, data)
    assert (refused.corpus, refused.sources[0]["error"]) == (
        [],
        "It has no column with a usual name for text (its columns: foo). Name the right one with --text-field.",
    )
    _, named = run(tmp_path / "named", tmp_path / "dump", text_field="foo")
    assert len(named.corpus) == COUNT


def test_a_damaged_row_group_spares_the_others(tmp_path: Path) -> None:
    """Its span and first row are told, and stand in the ledger."""
    data = bytearray(written(texts(), row_group_size=10, compression="none", write_page_checksum=True))
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    out = cleaned(tmp_path, bytes(data))
    assert {row["record"] for row in out.corpus} == {*range(10), *range(20, 30)}
    (lost,) = (row for row in out.ledger if row["kind"] == "record")
    assert (lost["reason"], lost["text"], lost["record"]) == ("damaged", None, 10)
    assert lost["byte_start"] < middle < lost["byte_end"]
    assert out.sources[0]["error"].startswith(
        f"at byte {lost['byte_start']:,}: From row 10 on, row group 1 cannot be read ("
    )
    assert unaccounted(len(data), [*out.corpus, *out.ledger]) == []


def test_a_file_without_its_footer_is_unreadable(tmp_path: Path) -> None:
    """Nothing of it can be read, which is told."""
    out = cleaned(tmp_path, written(texts())[:-50])
    (source,) = out.sources
    assert (source["format"], out.corpus) == ("unreadable", [])
    assert source["error"].startswith("The Parquet file cannot be opened (")
    assert source["error"].endswith("Fetch it again, or write it anew.")


@pytest.mark.parametrize("pack", ["gz", "zip", "pipe"])
def test_it_may_come_in_anything(tmp_path: Path, pack: str) -> None:
    """It is copied to be read, and the copy is gone in the end."""
    data = written(texts())
    if pack == "pipe":
        assert taoxi("-", "-o", "out", cwd=tmp_path, data=data).returncode == 0
        out = Folder(tmp_path / "out")
    else:
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w") as archive:
            archive.writestr("a.parquet", data)
        out = cleaned(tmp_path, gzip.compress(data) if pack == "gz" else raw.getvalue())
    assert [row["text"] for row in out.corpus] == [pages(k, 2) for k in range(COUNT)]
    assert not list(tmp_path.rglob("copy-*"))


def test_text_that_begins_like_parquet_is_text(tmp_path: Path) -> None:
    """Four letters are no proof."""
    assert cleaned(tmp_path, f"PAR1 is a mark.\n{pages(1)}".encode()).sources[0]["format"] == "text"


def test_a_dictionary_that_explodes_is_stopped(tmp_path: Path) -> None:
    """A small file of one long value many times: what came before the limit is kept, and told."""
    value = pages(1, 50, 400)
    data = written(pa.table({"text": pa.array([value] * 20_000).dictionary_encode()}), row_group_size=20_000)
    assert len(data) < 1 << 20
    (tmp_path / "dump").write_bytes(data)
    _, out = run(tmp_path / "out", tmp_path / "dump", max_expand=128 << 20)
    assert len(out.corpus) == 1
    assert 1 < out.corpus[0]["copies"] < 5_000
    assert "as bombs do" in out.sources[0]["error"] or "--max-expand" in out.sources[0]["error"]
