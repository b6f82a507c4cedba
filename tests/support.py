"""What the tests of whole runs share: texts to make dumps of, the command as a process, and what lies in an output."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from taoxi.corpus import Options, clean, manifest
from taoxi.corpus.files import LOCK, VIEWS
from taoxi.corpus.report import Report

Row = dict[str, Any]

_COMMON = [bytes((lead, trail)).decode("gb2312") for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xFE)]
"""Common characters, so that no one takes the texts for another encoding."""

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def prose(seed: int, length: int = 120) -> str:
    """Return a paragraph of at least ``length`` characters that shares next to nothing with that of any other seed."""
    rng = random.Random(seed)
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        parts.append("".join(rng.choices(_COMMON, k=rng.randint(8, 20))) + "。")
    return "".join(parts)


def pages(seed: int, count: int = 3, length: int = 120) -> str:
    """Return a text of ``count`` paragraphs."""
    return "\n".join(prose(1000 * seed + k, length) for k in range(count))


def edited(text: str, count: int, char: str = "龥") -> str:
    """Return a text with ``count`` characters changed, evenly spread; breaks and punctuation stay."""
    places = [at for at, c in enumerate(text) if c not in "\n。"]
    chosen = set(places[:: max(1, len(places) // count)][:count]) if count else set()
    return "".join(char if at in chosen else c for at, c in enumerate(text))


def jsonl(path: Path, records: Iterable[str | Row]) -> Path:
    """Write records, or texts, as JSON Lines."""
    rows = ({"text": record} if isinstance(record, str) else record for record in records)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def list_page(seeds: Iterable[int]) -> str:
    """Return a list page: before each article a delimiter and its title, behind it its date."""
    return "".join(f"-\n第{seed}号通知\n{prose(seed)}\n2024-03-{seed % 28 + 1:02}\n" for seed in seeds)


def mixed_dump(folder: Path) -> Path:
    """Write a dump of every format, with copies of every kind within and between its files."""
    base = pages(1, 4)
    jsonl(
        folder / "a.jsonl",
        [
            {"text": base, "title": "原文"},
            base.translate(FULL_WIDTH) + "\u200b",
            pages(2),
            {"id": 7},
            edited(pages(2), 4),
            {"text": pages(6), "title": "标题", "url": "https://News.example/6", "date": "2024-05-06", "views": 5},
            *(pages(10 + k, 2) for k in range(40)),
            "\n".join(base.split("\n")[:2]),
            pages(3) + "\n" + pages(3),
            "短文",
            "",
        ],
    )
    rows = "".join(f'{k},"{pages(10 + k, 2)}"\r\n\r\n{100 + k},{prose(500 + k)}\r\n' for k in range(5))
    (folder / "b.csv").write_text("\ufeffid,正文\r\n" + rows, encoding="utf-8", newline="")
    (folder / "sub").mkdir()
    (folder / "sub" / "page9.txt").write_text(list_page(range(700, 706)), encoding="gb18030")
    (folder / "sub" / "page10.txt").write_text(pages(2) + "\n" + prose(801), encoding="utf-16")
    (folder / "sub" / "whole.txt.gz").write_bytes(gzip.compress((pages(4, 30) + "\n" + pages(1, 4)).encode(), mtime=0))
    return folder


def taoxi(*words: str | Path, cwd: Path, data: bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``taoxi clean`` as a process, with ``data`` as its standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "taoxi.cli", "clean", *words], cwd=cwd, input=data, capture_output=True, check=False
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(command: list[str], stream: str = "stderr", *, cwd: Path | None = None, **words: str) -> str:
    """Return what a command shows on a terminal as one of its streams; ``words`` are of its environment."""
    import pty  # which Windows has not

    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **words}
    streams: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs}
    with subprocess.Popen(command, cwd=cwd, env=env, **streams) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 4096)
            except OSError:  # how Linux tells that the other side is closed
                break
            if not chunk:
                break
            shown += chunk
    os.close(ours)
    assert process.returncode in {0, 1}
    return shown.decode()


@dataclass(frozen=True)
class Folder:
    """An output folder, read back."""

    path: Path

    @property
    def corpus(self) -> list[Row]:
        """The kept documents."""
        return self._rows("corpus")

    @property
    def ledger(self) -> list[Row]:
        """What was removed."""
        return self._rows("removed")

    @property
    def sources(self) -> list[Row]:
        """The inputs and their fates."""
        return self._rows("sources")

    @property
    def manifest(self) -> Row:
        """The manifest of the last run."""
        content = orjson.loads(max((self.path / "runs").iterdir()).read_bytes())
        assert isinstance(content, dict)
        return content

    def _rows(self, folder: str) -> list[Row]:
        return [row for path in sorted((self.path / folder).iterdir()) for row in read_rows(path)]


def run(out: Path, *inputs: Path, **settings: Any) -> tuple[Report, Folder]:  # noqa: ANN401 - passed on to the options
    """Clean inputs into a folder, in this process."""
    report = clean(Options(inputs=tuple(map(str, inputs)), out=str(out), **settings))
    return report, Folder(out)


def read_rows(path: Path) -> list[Row]:
    """Read a table that a run wrote, by its ending."""
    if path.name.endswith(".parquet"):
        rows: list[Row] = pq.read_table(path).to_pylist()
        return rows
    return [orjson.loads(line) for line in unpacked(path).splitlines()]


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, decompressed by its ending."""
    data = path.read_bytes()
    if path.name.endswith(".gz"):
        return gzip.decompress(data)
    if path.name.endswith(".zst"):
        return bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())
    return data


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by their path in it, without the lock, which says nothing, and the views."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {LOCK, *VIEWS}
    }


def intact(out: Path) -> list[int]:
    """Check every file of the runs that are in force against their manifests; return the numbers of these runs."""
    numbers = manifest.runs(out)
    for files in manifest.listing(manifest.read(out, number) for number in numbers).values():
        for file in files:
            path = out / file.path
            assert path.stat().st_size == file.bytes
            assert hashlib.blake2b(path.read_bytes()).hexdigest() == file.blake2b
            if path.suffix != ".txt":
                assert len(read_rows(path)) == file.rows
    return numbers


def restored(document: Row, passages: Iterable[Row]) -> str:
    """Put the passages that were cut out of a document back into its text.

    What a document repeated itself, naming itself as the leader, was cut first, what it shares with others later; the
    offsets of each cut count in the text before it.
    """
    place = place_of(document)
    own = [row for row in passages if row["kind"] == "passage" and place_of(row) == place]
    text: str = document["text"]
    for first in (False, True):
        rows = [row for row in own if (row["leader"] == document["id"]) is first]
        for row in sorted(rows, key=lambda row: row["offset"]):
            text = text[: row["offset"]] + row["text"] + text[row["offset"] :]
    return text


def whole(document: Row, ledger: list[Row]) -> str:
    """Return the text of a document as it was: with its passages, what its page added, and its lines as they were."""
    text = restored(document, ledger)
    own = [row for row in ledger if row["document"] is not None and place_of(row) == place_of(document)]
    for row in own:  # in the order of the offsets
        if row["kind"] in {"chrome", "furniture"}:
            text = text[: row["offset"]] + row["text"] + text[row["offset"] :]
    for row in own:
        if row["kind"] == "break":
            joins = [(at, was, now) for was, now, places in json.loads(row["evidence"])["joined"] for at in places]
            for at, was, now in sorted(joins, reverse=True):
                assert text.startswith(now, at)
                text = text[:at] + was + text[at + len(now) :]
    return text


def place_of(row: Row) -> tuple[str, int, int]:
    """Return where a document stands in the input."""
    return row["source"], row["record"], row["part"]


def unaccounted(size: int, rows: Iterable[Row]) -> list[tuple[int, int]]:
    """Return the stretches of a source of ``size`` bytes that the span of no row covers."""
    at = 0
    gaps = []
    for start, end in sorted((row["byte_start"], row["byte_end"]) for row in rows):
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    return [*gaps, (at, size)] if at < size else gaps
