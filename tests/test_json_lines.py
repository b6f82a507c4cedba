"""Rows as lines of JSON: the bytes that orjson gives for an object of each row."""

from __future__ import annotations

from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taoxi.corpus.json_lines import json_lines
from taoxi.corpus.schema import CHANGES

special = st.sampled_from(["\x00", "\t", "\n", "\x1b", "\x1f", '"', "\\", "\x7f", "中", "é", "😀"])
texts = st.one_of(st.text(st.one_of(special, st.characters(exclude_categories=["Cs"])), max_size=200))
whole = st.text(st.sampled_from("普通文字abc"), min_size=30, max_size=120)
numbers = st.none() | st.integers(-(2**63), 2**63 - 1)
counted = st.none() | st.dictionaries(st.sampled_from([rule.name for rule in CHANGES]), st.integers(0, 9), max_size=3)

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.large_string()),
        ("title", pa.string()),
        ("meta", pa.string()),
        ("record", pa.int64()),
        ("similarity", pa.float64()),
        ("nothing", pa.string()),
        ("changes", CHANGES),
    ]
)
rows = st.fixed_dictionaries(
    {
        "id": texts,
        "text": st.one_of(texts, whole, st.tuples(whole, special, whole).map("".join)),
        "title": st.none() | texts,
        "meta": st.none() | st.dictionaries(texts, numbers, max_size=2).map(lambda meta: orjson.dumps(meta).decode()),
        "record": numbers,
        "similarity": st.none() | st.floats(0, 1),
        "nothing": st.none(),
        "changes": counted,
    }
)


def expected(row: dict[str, Any]) -> bytes:
    """Return the line of a row as orjson writes it."""
    changes = row["changes"]
    ordered = None if changes is None else {rule.name: changes[rule.name] for rule in CHANGES if changes.get(rule.name)}
    meta = None if row["meta"] is None else orjson.Fragment(row["meta"])
    values = {**row, "meta": meta, "changes": ordered}
    return orjson.dumps({name: values[name] for name in SCHEMA.names}, option=orjson.OPT_APPEND_NEWLINE)


@given(st.lists(rows, max_size=9), st.integers(0, 9))
def test_lines_are_those_of_orjson(given_rows: list[dict[str, Any]], first: int) -> None:
    """Whatever the texts hold, and wherever the rows begin in their buffers."""
    filled = [
        {**row, "changes": row["changes"] and {r.name: row["changes"].get(r.name, 0) for r in CHANGES}}
        for row in given_rows
    ]
    table = pa.Table.from_pylist(filled, schema=SCHEMA).combine_chunks()
    batch = table.to_batches()[0] if len(table) else pa.RecordBatch.from_pylist([], schema=SCHEMA)
    batch = batch.slice(min(first, len(given_rows)))
    wanted = [{**row, "changes": filled[k]["changes"]} for k, row in enumerate(given_rows)]
    assert bytes(json_lines(batch)) == b"".join(expected(row) for row in wanted[first:])


@pytest.mark.parametrize("place", [0, 1, 30, 31, 32, 33, 63, 64, 95])
@pytest.mark.parametrize("char", ['"', "\\", "\n", "\x00", "\x1f", "\x7f"])
def test_a_special_byte_anywhere_in_a_block(char: str, place: int) -> None:
    """Blocks without one are copied whole."""
    text = "a" * place + char + "b" * (95 - place)
    batch = pa.record_batch({"text": pa.array([text, None, text], pa.large_string())})
    line = orjson.dumps({"text": text}) + b"\n"
    assert bytes(json_lines(batch)) == line + b'{"text":null}\n' + line
