"""JSON that is no lines: each value of a list, or document in a row, is a record with its exact span."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.encodings.codec import units
from taoxi.normalize.formats.brackets import new_state, value_ends
from tests.support import Folder, Row, pages, prose, run, unaccounted

RECORDS: list[Row] = [{"text": pages(k), "id": k, "note": '[{"\\'} for k in range(4)]
WRITTEN: dict[str, str] = {
    "list": json.dumps(RECORDS, ensure_ascii=False),
    "pretty list": json.dumps(RECORDS, ensure_ascii=False, indent=2),
    "row": "".join(json.dumps(record, ensure_ascii=False) for record in RECORDS),
    "pretty row": "\n".join(json.dumps(record, ensure_ascii=False, indent=2) for record in RECORDS),
    "data": json.dumps({"count": 4, "data": RECORDS, "next": None}, ensure_ascii=False),
    "pretty data": json.dumps({"count": 4, "数据": RECORDS}, ensure_ascii=False, indent=2),
    "viewer": json.dumps({"features": [], "rows": [{"row_idx": 0, "row": row} for row in RECORDS]}, ensure_ascii=False),
    "hits": json.dumps({"hits": {"total": 4, "hits": [{"_source": row} for row in RECORDS]}}, ensure_ascii=False),
    "strings": json.dumps([record["text"] for record in RECORDS], ensure_ascii=False),
}


def cleaned(tmp_path: Path, data: bytes, **options: Any) -> Folder:  # noqa: ANN401 - passed on to the options
    """Clean a file with batches of two sizes, which must give the same; check the account; return the output."""
    path = tmp_path / "dump"
    path.write_bytes(data)
    outs = [run(tmp_path / f"out{size}", path, batch_bytes=size, **options)[1] for size in (4 << 20, 150)]
    assert [outs[0].corpus, outs[0].ledger, outs[0].sources] == [outs[1].corpus, outs[1].ledger, outs[1].sources]
    assert unaccounted(len(data), [*outs[0].corpus, *outs[0].ledger]) == []
    return outs[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("shape", WRITTEN)
def test_every_shape_gives_its_records(tmp_path: Path, shape: str, encoding: str) -> None:
    """In order and numbered, with spans that tile the file, in any encoding and any batch."""
    out = cleaned(tmp_path, WRITTEN[shape].encode(encoding))
    assert [(row["text"], row["record"]) for row in out.corpus] == [(row["text"], k) for k, row in enumerate(RECORDS)]
    (source,) = out.sources
    assert (source["format"], source["records"], source["error"]) == ("json", 4, None)
    if shape != "strings":
        assert [json.loads(row["meta"])["id"] for row in out.corpus] == [0, 1, 2, 3]
    assert {row["reason"] for row in out.ledger} <= {"header", "footer"}


def test_what_stands_around_a_list_is_in_the_ledger(tmp_path: Path) -> None:
    """As separators, with their text."""
    out = cleaned(tmp_path, b'{"count": 1, "data": [ {"text": "%s"} ], "next": null}\n' % prose(1).encode())
    assert [(row["kind"], row["reason"], row["text"]) for row in out.ledger] == [
        ("separator", "header", '{"count": 1, "data": ['),
        ("separator", "footer", '], "next": null}'),
    ]


def test_a_long_rest_is_told(tmp_path: Path) -> None:
    """A second list behind the first is no part of it; a person learns that."""
    head = b'{"data": [{"text": "%s"}' % prose(1).encode()
    rest = b'], "more": ["%s"]}' % (b"x" * 5_000)
    out = cleaned(tmp_path, head + rest)
    assert out.sources[0]["error"] == (
        f"at byte {len(head):,}: Behind the list of records, {len(rest):,} bytes are no part of it; they are in the"
        " ledger. If they hold texts, cut them off into a file of their own."
    )


def test_a_record_with_a_text_and_a_list_is_one_record(tmp_path: Path) -> None:
    """A line of JSON Lines that happens to be alone, with a list in it."""
    out = cleaned(tmp_path, json.dumps({"text": pages(1), "items": [{"text": "x"}]}).encode())
    assert [row["text"] for row in out.corpus] == [pages(1)]
    assert out.sources[0]["format"] == "jsonl"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_list_that_is_cut_short_keeps_its_whole_elements(tmp_path: Path, share: float) -> None:
    """The broken one is in the ledger as it stands, and the place is told."""
    data = WRITTEN["list"].encode()
    cut = data[: int(len(data) * share)]
    out = cleaned(tmp_path, cut)
    whole = [row["text"] for row in RECORDS][: len(out.corpus)]
    assert [row["text"] for row in out.corpus] == whole
    assert whole
    last = out.ledger[-1]
    assert (last["kind"], last["reason"], last["byte_end"]) == ("record", "unparsed", len(cut))
    assert (
        f"at byte {last['byte_start']:,}: The JSON document breaks off in the value at byte {last['byte_start']:,}, as"
        " if it were cut short. What came before was read; fetch it again for the rest."
    ) in out.sources[0]["error"].split("\n")


def test_values_that_are_no_records_are_in_the_ledger(tmp_path: Path) -> None:
    """Numbers, lists and broken values, beside records that are read."""
    good = json.dumps({"text": pages(1)}, ensure_ascii=False)
    raw = good.replace("\\n", "\n").replace('"text"', '"body"')
    out = cleaned(tmp_path, f'[{good}, 17, ["x"], {{"text": }}, null, {{"id": 1}}, {raw}]'.encode())
    assert [(row["text"], row["record"]) for row in out.corpus] == [(pages(1), 0)]
    lost = [(row["record"], row["reason"], row["text"]) for row in out.ledger if row["kind"] == "record"]
    assert lost == [
        (1, "not_text", "17"),
        (2, "not_text", '["x"]'),
        (3, "unparsed", '{"text": }'),
        (4, "not_text", "null"),
        (5, "no_text", '{"id": 1}'),
    ]
    same = [row for row in out.ledger if row["kind"] == "document"]
    assert [(row["record"], row["reason"]) for row in same] == [(6, "exact")], "raw line breaks in strings are breaks"


def test_large_numbers_keep_their_digits(tmp_path: Path) -> None:
    """As in JSON Lines."""
    out = cleaned(tmp_path, b'[{"text": "%s", "id": 123456789012345678901234567890}]' % prose(1).encode())
    assert out.corpus[0]["meta"] == '{"id":123456789012345678901234567890}'


def test_a_named_field_is_the_text_of_strings_too(tmp_path: Path) -> None:
    """A list of strings has no fields that could be named otherwise."""
    out = cleaned(tmp_path, json.dumps([pages(1), {"body": pages(2)}]).encode(), text_field="body", format="json")
    assert [row["text"] for row in out.corpus] == [pages(1), pages(2)]


def test_an_element_that_is_too_long_is_left_out(tmp_path: Path) -> None:
    """Its span is in the ledger, and those around it are read."""
    data = json.dumps([{"text": pages(1)}, {"text": pages(2, 40)}, {"text": pages(3)}], ensure_ascii=False).encode()
    out = cleaned(tmp_path, data, max_record=4_000)
    assert [(row["text"], row["record"]) for row in out.corpus] == [(pages(1), 0), (pages(3), 2)]
    (row,) = (row for row in out.ledger if row["kind"] == "record")
    assert (row["reason"], row["text"], row["record"]) == ("oversize", None, 1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a政[{"\\}],: \n', max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='k"\\[', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    values=st.lists(VALUES, min_size=1, max_size=6),
    indent=st.sampled_from([None, 1]),
    cuts=st.lists(st.integers(0, 400), max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "gb18030", "cp932"]),
    in_list=st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_values_end_where_they_end(
    values: list[Any], indent: int | None, cuts: list[int], encoding: str, *, in_list: bool
) -> None:
    """Each stretch between two ends is one value, however the bytes came in chunks."""
    if in_list:
        text = json.dumps(values, indent=indent, ensure_ascii=False)[1:]
    else:
        values = [{"v": value} for value in values]
        text = " ".join(json.dumps(value, indent=indent, ensure_ascii=False) for value in values)
    data = units(text.replace("政", "表").encode(encoding), encoding)
    state = new_state(int(in_list))
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    ends: list[int] = []
    for start, end in pairwise(edges):
        ends += (value_ends(data[start:end], encoding, int(in_list), state) + start).tolist()
    found = [data[start:end].tobytes().decode(encoding).strip(" \n,") for start, end in pairwise([0, *ends])]
    expected = json.loads(json.dumps(values, ensure_ascii=False).replace("政", "表"))
    assert [json.loads(piece) for piece in found] == expected
    assert np.all(np.diff(ends) > 0)
