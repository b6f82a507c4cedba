"""Rows as lines of JSON, a column at a time: the bytes of orjson, which would want an object for each value."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from taoxi.corpus.schema import text_array, text_buffers
from taoxi.normalize.formats.quoted import quoted


def json_lines(rows: pa.RecordBatch) -> memoryview:
    """Return rows as JSON objects, a line each; ``meta`` becomes the object it holds, ``changes`` what is not zero."""
    if not len(rows):
        return memoryview(b"")
    parts: list[str | pa.LargeStringArray] = []
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        parts += ["," if parts else "{", f"{orjson.dumps(name).decode()}:", _values(name, column)]
    offsets, data = text_buffers(_joined(*_merged([*parts, "}\n"])))
    return data.data[int(offsets[0]) : int(offsets[-1])]


def _merged(parts: Sequence[str | pa.LargeStringArray]) -> list[str | pa.LargeStringArray]:
    """Put what is the same in all rows together where it stands side by side."""
    merged: list[str | pa.LargeStringArray] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def _values(name: str, column: pa.Array) -> str | pa.LargeStringArray:
    """Return a column as values of JSON: one that stands in all rows, or one for each."""
    if column.null_count == len(column):
        return "null"
    if name == "changes":
        return _nonzero(column)
    values: pa.LargeStringArray
    if name == "meta" or pa.types.is_integer(column.type):
        values = pc.fill_null(column.cast(pa.large_string()), "null")
        return values
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts = column.cast(pa.large_string())
        offsets, data = text_buffers(texts)
        valid = column.is_valid().to_numpy(zero_copy_only=False)
        strings = quoted(data, offsets, valid)
        return text_array(strings.data, strings.offsets)
    values = pa.array([orjson.dumps(value).decode() for value in column.to_pylist()], pa.large_string())
    return values


def _nonzero(changes: pa.StructArray) -> str | pa.LargeStringArray:
    """Return the counters of each row that are not zero as an object, null for a row without counters."""
    none, null = pa.scalar("", pa.large_string()), pa.scalar("null", pa.large_string())
    members = []
    for rule, counts in zip(changes.type, changes.flatten(), strict=True):
        there = pc.fill_null(pc.not_equal(counts, 0), fill_value=False)
        if there.true_count:
            named = _joined(f",{orjson.dumps(rule.name).decode()}:", counts.cast(pa.large_string()))
            members.append(pc.if_else(there, named, none))
    if not members:
        return pc.if_else(changes.is_valid(), pa.scalar("{}", pa.large_string()), null)
    return pc.if_else(changes.is_valid(), _joined("{", pc.utf8_slice_codeunits(_joined(*members), 1), "}"), null)


def _joined(*parts: str | pa.LargeStringArray) -> pa.LargeStringArray:
    """Put values of each row together."""
    values = [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in (*parts, "")]
    return pc.binary_join_element_wise(*values)
