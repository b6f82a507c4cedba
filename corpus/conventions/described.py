"""What the card and the Croissant description say of a folder, from the manifests of its runs."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa

from taoxi.corpus.conventions.languages import tags
from taoxi.corpus.output import SCHEMAS, Output
from taoxi.corpus.restoring import REWORKED


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, its type in Arrow, and what it holds."""

    name: str
    type: pa.DataType
    says: str

    @property
    def kind(self) -> str:
        """The type as a word."""
        return "struct" if pa.types.is_struct(self.type) else str(self.type)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a folder: in files of one ``form`` (``parquet``, ``jsonl`` or ``txt``) that ``pattern`` matches."""

    name: str
    form: str
    columns: tuple[Column, ...]

    @property
    def pattern(self) -> str:
        """The pattern of its files, from the folder on."""
        return f"{self.name}/*.{self.form}"


@dataclass(frozen=True, slots=True)
class Total:
    """The figures of all runs of a folder; ``characters`` is None where a run does not say it."""

    runs: int
    sources: int
    documents: int
    kept: int
    characters: int | None
    removed: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A folder: its name, its tables, its figures and the tags of its languages."""

    name: str
    tables: tuple[Table, ...]
    total: Total
    languages: tuple[str, ...]
    last: int
    version: str

    @classmethod
    def of_folder(cls, path: Path, runs: tuple[dict[str, Any], ...]) -> Described:
        """Describe a folder by the manifests of its runs."""
        to = runs[-1]["options"]["to"] or "parquet"
        form = {"text": "txt"}.get(to, to)
        forms = {"corpus": form, "removed": "parquet" if form == "txt" else form, "sources": "parquet"}
        languages: Counter[str] = Counter()
        for run in runs:
            languages.update(run["counts"].get("languages", {}))
        return cls(
            name=path.absolute().name,
            tables=tuple(Table(name, form, _columns(name)) for name, form in forms.items()),
            total=_total([run["counts"] for run in runs]),
            languages=tuple(tags(dict(languages))),
            last=runs[-1]["run"],
            version=runs[-1]["taoxi"],
        )


def described(output: Output) -> Described:
    """Describe a folder."""
    return Described.of_folder(output.path, tuple(output.manifests[run] for run in output.runs))


def _total(counts: list[dict[str, Any]]) -> Total:
    removed: Counter[str] = Counter()
    for each in counts:
        removed.update(each["removed"])
    restored = sum(each.get("restored", 0) for each in counts)
    if restored:
        removed["restored since"] = -restored
    known = [each["characters_kept"] for each in counts if "characters_kept" in each]
    return Total(
        runs=len(counts),
        sources=sum(each["sources"] for each in counts),
        documents=sum(each["documents"] for each in counts),
        kept=sum(each["kept"] - each.get(REWORKED, 0) for each in counts),
        characters=sum(known) if len(known) == len(counts) else None,
        removed=tuple(removed.most_common()),
    )


def _columns(table: str) -> tuple[Column, ...]:
    says = _says()[table]
    return tuple(Column(field.name, field.type, says.get(field.name, "")) for field in SCHEMAS[table])


@cache
def _says() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("taoxi.corpus.conventions").joinpath("columns.toml").read_text("utf-8"))
