"""The description of a folder in Croissant, MLCommons' vocabulary (https://docs.mlcommons.org/croissant/)."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from taoxi.corpus.conventions import MARK
from taoxi.corpus.conventions.described import Column, Described, Table
from taoxi.corpus.escaping import escape

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileObject",
            "fileProperty", "fileSet", "format", "includes", "isLiveDataset", "jsonPath",
            "key", "md5", "parentField", "path", "recordSet", "references",
            "regex", "repeated", "replace", "samplingRate", "separator", "source",
            "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}  # fmt: skip
"""The standard context of version 1.0."""

GUESSED = frozenset({"date", "meta"})
"""Columns of JSON lines that mlcroissant, by way of pandas, reads as times and objects, which it has no texts of."""

FORMATS = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines", "txt": "text/plain"}


def croissant(found: Described) -> str:
    """Return the description of a folder; its files are named relative to it.

    Of plain text no records are described, and ``changes`` is left out, which has a part for each rule. Neither a
    licence nor a date is given: taoxi knows none.
    """
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": escape(found.name),
        "description": f"{found.total.kept:,} cleaned documents without copies, made by taoxi {found.version}. {MARK}",
        "version": f"{found.last}.0.0",
        **({"inLanguage": list(found.languages)} if found.languages else {}),
        "distribution": [_files(table) for table in found.tables],
        "recordSet": [_records(table) for table in found.tables if table.form != "txt"],
    }
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _files(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{table.name}-files",
        "name": f"{table.name}-files",
        "encodingFormat": FORMATS[table.form],
        "includes": table.pattern,
    }


def _records(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "field": [_field(table, column) for column in table.columns if _is_told(table, column)],
    }


def _is_told(table: Table, column: Column) -> bool:
    return not pa.types.is_struct(column.type) and not (table.form == "jsonl" and column.name in GUESSED)


def _field(table: Table, column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.says,
        "dataType": _type(column.type),
        "source": {"fileSet": {"@id": f"{table.name}-files"}, "extract": {"column": column.name}},
    }


def _type(type_: pa.DataType) -> str:
    if pa.types.is_integer(type_):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(type_) else "sc:Text"
