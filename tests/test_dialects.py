"""Tables as they come: delimiters, quotes, escapes, no header, and quotes that nobody closes."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.formats.quotes import RowScanner
from taoxi.normalize.formats.table import STRAY_QUOTE
from tests.support import Folder, pages, prose, run, unaccounted

TEXTS = [pages(k, 1 + k % 3) for k in range(30)]
LINES = [prose(k) for k in range(60)]


def cleaned(tmp_path: Path, data: bytes, name: str = "a.csv") -> Folder:
    """Clean a table with batches of two sizes, which must give the same; check the account."""
    path = tmp_path / name
    path.write_bytes(data)
    outs = [run(tmp_path / f"out{size}", path, batch_bytes=size)[1] for size in (4 << 20, 300)]
    for out in outs[1:]:
        assert [out.corpus, out.ledger, out.sources] == [outs[0].corpus, outs[0].ledger, outs[0].sources]
    assert unaccounted(len(data), [*outs[0].corpus, *outs[0].ledger]) == []
    return outs[0]


def table(texts: list[str], delimiter: str = ",", quote: str = '"', *, every: bool = False) -> str:
    """Return a table with a header, as Python writes it."""
    file = io.StringIO(newline="")
    writer = csv.writer(
        file, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    )
    writer.writerow(["id", "title", "text"])
    writer.writerows([k, f"标题{k}", text] for k, text in enumerate(texts))
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_delimiters_and_quotes_are_found(tmp_path: Path, delimiter: str, quote: str, encoding: str) -> None:
    """Fields over several lines come back whole, and the header is a separator."""
    out = cleaned(tmp_path, table(TEXTS, delimiter, quote).encode(encoding), "dump")
    assert [row["text"] for row in out.corpus] == TEXTS
    assert [(row["kind"], row["reason"]) for row in out.ledger] == [("separator", "header")]
    assert (out.sources[0]["format"], out.sources[0]["error"]) == ("csv", None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_line_that_names_the_delimiter_is_no_row(tmp_path: Path, encoding: str) -> None:
    """As Excel wants it."""
    out = cleaned(tmp_path, ("sep=;\r\n" + table(TEXTS, ";")).encode(encoding), "dump")
    assert [row["text"] for row in out.corpus] == TEXTS
    assert "sep=;" in out.ledger[0]["text"]


def test_escaped_quotes_are_read(tmp_path: Path) -> None:
    """Backslashes that escape nothing stay."""
    rows = "".join(f'{k},"他说\\"{text}\\"。在C:\\dir\n{text}"\n' for k, text in enumerate(LINES))
    out = cleaned(tmp_path, f"id,text\n{rows}".encode())
    assert [row["text"] for row in out.corpus] == [f'他说"{text}"。在C:\\dir\n{text}' for text in LINES]


def test_a_path_that_ends_in_a_backslash_escapes_nothing(tmp_path: Path) -> None:
    """The quote behind it closes the field."""
    rows = "".join(f'"C:\\dir{k}\\","{text}"\n' for k, text in enumerate(LINES))
    out = cleaned(tmp_path, f"path,text\n{rows}".encode())
    assert [row["text"] for row in out.corpus] == LINES


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.tsv", "\t")])
def test_a_table_without_header_has_numbered_columns(tmp_path: Path, name: str, delimiter: str) -> None:
    """Its first row is data, and its longest column the text."""
    data = "".join(f"{k}{delimiter}{text}\n" for k, text in enumerate(LINES)).encode()
    out = cleaned(tmp_path, data, name)
    assert [row["text"] for row in out.corpus] == LINES
    assert out.corpus[3]["meta"] == '{"column_1":"3"}'
    assert out.ledger == []


def test_prose_with_commas_is_no_table(tmp_path: Path) -> None:
    """Without a name that says so, a header must be there."""
    out = cleaned(tmp_path, "".join(f"第{k}行，有逗号, 也有{text}\n" for k, text in enumerate(LINES)).encode(), "a.txt")
    assert out.sources[0]["format"] == "text"


@pytest.mark.parametrize("every", [False, True])
def test_valid_quotes_are_left_alone(tmp_path: Path, *, every: bool) -> None:
    """Texts of many lines with as many commas as the header has, quotes at line starts, tables in fields."""
    inner = "\n".join(f"{k},甲,乙" for k in range(200))
    texts = [inner, '"引文",\n"引文","x', "a\n" * 50 + '"', *TEXTS]
    out = cleaned(tmp_path, table(texts, every=every).encode())
    assert out.sources[0]["error"] is None
    assert out.sources[0]["records"] == len(texts)


@pytest.mark.parametrize("where", [0, 20, 58])
@pytest.mark.parametrize("every", [False, True])
def test_a_stray_quote_loses_nothing(tmp_path: Path, where: int, *, every: bool) -> None:
    """It is read as a character, told once, and every row is a document."""
    data = table(LINES, every=every)
    right = f'"{where}","标题{where}"' if every else f"\n{where},标题{where}"
    wrong = f'"{where}",标题{where}","' if every else f'\n{where},"标题{where}'
    wrong = f'"{where}","标题{where}' if every else wrong
    bad = data.replace(right, wrong, 1) if not every else data.replace(f'"{LINES[where]}"', f'"{LINES[where]}', 1)
    out = cleaned(tmp_path, bad.encode())
    found = [row["text"].lstrip('"') for row in out.corpus]
    assert found == LINES
    assert (out.sources[0]["error"] or "").count(STRAY_QUOTE) == 1


def test_many_stray_quotes_take_no_longer(tmp_path: Path) -> None:
    """Each is gone back on by itself."""
    data = "id,title,text\n" + "".join(f'{k},"标题{k},{text}\n' for k, text in enumerate(LINES))
    out = cleaned(tmp_path, data.encode())
    assert [row["text"] for row in out.corpus] == LINES
    assert "more such problems" in out.sources[0]["error"]


def test_nul_and_ragged_rows_are_read(tmp_path: Path) -> None:
    """Each row gives what it has."""
    data = f"id,title,text\n1,t,{LINES[0]}\0\n2\n3,t,{LINES[1]},more\n\n\n4,t,{LINES[2]}".encode()
    out = cleaned(tmp_path, data)
    assert [row["text"] for row in out.corpus] == LINES[:3]
    assert [(row["kind"], row["reason"]) for row in out.ledger] == [
        ("separator", "header"),
        ("record", "no_text"),
        ("separator", "blank"),
    ]


@given(
    rows=st.lists(st.lists(st.text(alphabet='ab",\n\r政\\', max_size=9), min_size=3, max_size=3), max_size=9),
    cuts=st.lists(st.integers(0, 200), max_size=5),
    noise=st.lists(st.tuples(st.integers(0, 200), st.sampled_from(['"', ",", "\n"])), max_size=4),
)
@settings(deadline=None, max_examples=300)
def test_going_back_does_not_depend_on_chunks(
    rows: list[list[str]], cuts: list[int], noise: list[tuple[int, str]]
) -> None:
    """Rows end at the same places, however the bytes came."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    text = file.getvalue()
    for at, char in noise:
        text = text[: at % (len(text) + 1)] + char + text[at % (len(text) + 1) :]
    data = np.frombuffer(text.encode(), np.uint8)
    whole = RowScanner(",", columns=3)
    expected = whole.feed(data).tolist()
    scanner = RowScanner(",", columns=3)
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    found: list[int] = []
    for start, end in pairwise(edges):
        found += (scanner.feed(data[start:end]) + start).tolist()
    assert (found, scanner.strays) == (expected, whole.strays)
    assert found == sorted(set(found))
