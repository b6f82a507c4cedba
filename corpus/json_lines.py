"""Rows as lines of JSON, a column at a time: the bytes of orjson, which would want an object for each value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
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
    lines = pc.binary_join_element_wise(*_merged([*parts, "}\n"]), pa.scalar("", pa.large_string()))
    offsets, data = text_buffers(lines)
    return data.data[int(offsets[0]) : int(offsets[-1])]


def _merged(parts: Sequence[str | pa.LargeStringArray]) -> list[pa.Scalar | pa.LargeStringArray]:
    """Put what is the same in all rows together where it stands side by side."""
    merged: list[str | pa.LargeStringArray] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in merged]


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


def _nonzero(changes: pa.StructArray) -> pa.LargeStringArray:
    """Return the counters of each row that are not zero as an object, null for a row without counters."""
    own: list[list[str]] = [[] for _ in range(len(changes))]
    for rule, counts in zip(changes.type, changes.flatten(), strict=True):
        numbers = counts.fill_null(0).to_numpy(zero_copy_only=False)
        (places,) = np.nonzero(numbers)
        for row, number in zip(places.tolist(), numbers[places].tolist(), strict=True):
            own[row].append(f'"{rule.name}":{number}')
    there = changes.is_valid().to_pylist()
    objects = [f"{{{','.join(counted)}}}" if valid else "null" for counted, valid in zip(own, there, strict=True)]
    return pa.array(objects, pa.large_string())
