"""Input that was made to do harm, or to be endless, ends in an entry and a message, in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from taoxi.normalize.formats import blocks
from tests.support import Folder, pages, prose, run

MEMORY = 900 << 20
"""Bytes that a run may have in memory at most. With nothing to do it has some 250 MB, most of it libraries."""

RUN = r"""
import re, sys
from pathlib import Path
from taoxi.cli.main import main
sys.argv = ["taoxi", "clean", *sys.argv[1:]]
try:
    code = main()
finally:
    # What the system says of a process by itself counts in what its parent had when it made it.
    print(re.search(r"VmHWM:\s*([0-9]+)", Path("/proc/self/status").read_text())[1], file=sys.stderr)
sys.exit(code)
"""


def bounded(*words: str | Path, cwd: Path, stdin: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command, and check what it had in memory."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words, "-o", "out", "--jobs", "1"],
        cwd=cwd,
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert int(done.stderr.split()[-1]) << 10 < MEMORY, done.stderr
    return done


def bomb(size: int) -> bytes:
    """Return a record and empty lines, which compress a thousandfold."""
    return json.dumps({"text": prose(1)}).encode() + b"\n" + (b" " * 99_999 + b"\n") * (size // 100_000)


BIG = 150 << 20


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """What came before is kept, and the message says what to do."""
    (tmp_path / "bomb").write_bytes(pack(bomb(BIG)))
    done = bounded("bomb", cwd=tmp_path)
    assert done.returncode == 1
    out = Folder(tmp_path / "out")
    assert [row["text"] for row in out.corpus] == [prose(1)]
    (source,) = out.sources
    assert source["error"].endswith(
        "It grows to more than 500 times its size, as bombs do, and was read no further."
        " If you trust it, decompress it yourself and name the result."
    )
    (blank,) = out.ledger
    assert 64 << 20 <= blank["byte_end"] < BIG


def test_an_input_is_stopped_by_its_size(tmp_path: Path) -> None:
    """All members together may become so much; the rest is told member by member."""
    data = b"".join(json.dumps({"text": pages(k, 10)}).encode() + b"\n" for k in range(300))
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"{number}.jsonl", data)
    (tmp_path / "a.zip").write_bytes(raw.getvalue())
    report, out = run(tmp_path / "out", tmp_path / "a.zip", max_expand=2 * len(data) + len(data) // 2)
    members = out.sources[1:]
    assert [row["error"] is None for row in members] == [True, True, False, False]
    message = (
        f"Decompressed, the input takes more than the {2 * len(data) + len(data) // 2:,} bytes that it may, and was"
        " read no further. Raise --max-expand if you trust it."
    )
    assert message in members[2]["error"].split("\n")
    assert message in members[3]["error"].split("\n")
    assert sum(row["copies"] for row in out.corpus) > 300
    assert report.exit_code == 1


def test_a_bomb_of_bombs(tmp_path: Path) -> None:
    """A bomb in an archive in an archive: each is stopped, and the text beside it is kept."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            archive.writestr(f"{number}", bomb(BIG))
        archive.writestr("good.txt", pages(2))
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as outer:
        info = tarfile.TarInfo("inner.zip")
        info.size = len(inner.getvalue())
        outer.addfile(info, io.BytesIO(inner.getvalue()))
    (tmp_path / "a.tar.gz").write_bytes(raw.getvalue())
    assert bounded("a.tar.gz", cwd=tmp_path).returncode == 1
    out = Folder(tmp_path / "out")
    assert pages(2) in [row["text"] for row in out.corpus]
    bombs = [row for row in out.sources if row["member"] and row["member"][-1].isdigit()]
    assert ["as bombs do" in row["error"] for row in bombs] == [True] * 2


def test_very_many_members(tmp_path: Path) -> None:
    """Each has its row; with ``TAOXI_SLOW`` set there are a hundred thousand of them, else a thousand."""
    count = 100_000 if os.environ.get("TAOXI_SLOW") else 1_000
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(count):
            archive.writestr(f"{number % 97}/{number}.txt", f"{number} 号公告")
    bounded("a.zip", cwd=tmp_path)
    out = Folder(tmp_path / "out")
    assert len(out.sources) == count + 1
    assert sum(row["copies"] for row in out.corpus) == count


def test_a_header_of_a_tar_that_asks_for_memory(tmp_path: Path) -> None:
    """A long name of a gigabyte is cut, and the member behind it is read."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    member = tarfile.TarInfo("a.txt")
    member.size = len(pages(1).encode())
    with gzip.open(tmp_path / "a.tar.gz", "wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        noise = os.urandom(1 << 20)
        for _ in range(64):
            file.write(noise)
    # The stream is cut short in the name: only its first megabyte may be in memory.
    done = bounded("a.tar.gz", cwd=tmp_path)
    assert done.returncode == 1
    (source,) = Folder(tmp_path / "out").sources
    assert "A header gives 1,073,741,824 bytes of names and notes" in source["error"]


DEEP = 100_000


@pytest.mark.parametrize(
    "data",
    [
        b'{"text": "%s", "x": %s}\n' % (prose(1).encode(), b"[" * DEEP + b"]" * DEEP),
        b'{"text": "%s", "x": %s}\n' % (prose(1).encode(), b'{"a":' * DEEP + b"1" + b"}" * DEEP),
        b"[" * DEEP + b"]" * DEEP + b"\n",
        b'{"text": "%s", "n": %s}\n' % (prose(1).encode(), b"7" * 1_000_000),
        b'{"text": "%s", "n": 1e%s}\n' % (prose(1).encode(), b"9" * 1_000_000),
        b'{"text": "%s", "n": [%s]}\n' % (prose(1).encode(), b"7" * 1_000_000),
    ],
    ids=["lists", "objects", "bare", "digits", "exponent", "nested digits"],
)
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_deep_json_and_long_numbers(tmp_path: Path, data: bytes, form: str) -> None:
    """A value that no parser takes is in the ledger as it stands, and those around it are read."""
    good = json.dumps({"text": pages(2)}).encode()
    whole = good + b"\n" + data + good if form == "jsonl" else b"[" + b",".join([good, data, good]) + b"]"
    (tmp_path / "a").write_bytes(whole)
    _, out = run(tmp_path / "out", tmp_path / "a")
    (source,) = out.sources
    assert source["format"] == form
    assert out.corpus[0]["text"] == pages(2)
    assert out.corpus[0]["copies"] == 2
    found = [row for row in [*out.corpus, *out.ledger] if row["record"] == 1]
    assert len(found) == 1
    if "kind" in found[0]:
        assert (found[0]["kind"], source["error"] is None) == ("record", False)


@pytest.mark.parametrize(
    "head", [b"id,text\n1,a\n2,", b'id,text\n1,a\n2,"', b'[{"text": "a"}, {"text": "', b'{"text":"a"}\n"']
)
def test_a_gigantic_field(tmp_path: Path, head: bytes) -> None:
    """It is passed over in bounded memory, and its place is in the ledger."""
    with gzip.open(tmp_path / "a.gz", "wb", 1) as file:
        file.write(head)
        noise = os.urandom(1 << 20).hex().encode()
        for _ in range(20):
            file.write(noise)
    done = bounded("a.gz", "--max-record", "4MB", "--format", "auto", cwd=tmp_path)
    assert done.returncode == 1
    out = Folder(tmp_path / "out")
    assert [row["text"] for row in out.corpus] == ["a"]
    assert [(row["reason"], row["byte_end"]) for row in out.ledger if row["kind"] == "record"] == [
        ("oversize", len(head) + 40 * (1 << 20))
    ]


def feed(chunks: Iterator[bytes]) -> int:
    """Return a pipe that another thread writes to."""
    reader, writer = os.pipe()

    def write() -> None:
        with open(writer, "wb") as file:  # noqa: PTH123 - a descriptor
            file.writelines(chunks)

    threading.Thread(target=write, daemon=True).start()
    return reader


def test_an_endless_pipe_takes_bounded_memory(tmp_path: Path) -> None:
    """It is read as it comes; this one ends after 60 MB of lines that are all one copy."""
    line = json.dumps({"text": pages(1, 20, 400)}).encode() + b"\n"
    stdin = feed(line * (1 + (1 << 20) // len(line)) for _ in range(60))
    done = bounded("-", cwd=tmp_path, stdin=stdin)
    os.close(stdin)
    assert done.returncode == 0, done.stderr
    (row,) = Folder(tmp_path / "out").corpus
    assert row["copies"] > 1_000


def test_an_archive_in_a_pipe_may_not_fill_the_disk(tmp_path: Path) -> None:
    """A ZIP archive without end is copied as far as it may be, and what that holds is read."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        for number in range(40):
            archive.writestr(f"{number}.txt", pages(number, 4, 400))
    whole = raw.getvalue()
    stdin = feed(iter([whole[:50_000], whole[50_000:], bytes(1 << 20)]))
    done = bounded("-", "--max-expand", "60KB", cwd=tmp_path, stdin=stdin)
    os.close(stdin)
    assert done.returncode == 1
    out = Folder(tmp_path / "out")
    assert "Its copy takes more than what is left of the" in out.sources[0]["error"]
    assert len(out.sources) == 1 + len({row["member"] for row in out.sources[1:]})


def test_a_fifo_that_is_named(tmp_path: Path) -> None:
    """It is read like a pipe."""
    os.mkfifo(tmp_path / "pipe")

    def write() -> None:
        (tmp_path / "pipe").write_bytes(gzip.compress(pages(1).encode()))

    threading.Thread(target=write, daemon=True).start()
    _, out = run(tmp_path / "out", tmp_path / "pipe")
    assert [row["text"] for row in out.corpus] == [pages(1)]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_that_shrinks_while_it_is_read(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before is kept, and the rest is told."""
    path = tmp_path / "a"
    files = {f"{number}.txt": pages(number, 40, 400).encode() for number in range(300)}
    raw = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(raw, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    else:
        with tarfile.open(fileobj=raw, mode="w") as archive_:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive_.addfile(info, io.BytesIO(data))
    path.write_bytes(raw.getvalue())
    seen = 0

    def shrinking(*args: object, **options: object) -> object:
        nonlocal seen
        seen += 1
        if seen == 10:
            os.truncate(path, len(raw.getvalue()) // 2)
        return blocks.read_opened(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("taoxi.normalize.inputs.read_opened", shrinking)
    report, out = run(tmp_path / "out", path)
    assert report.exit_code == 1
    assert 10 <= len(out.corpus) <= 160
    told = [problem.message for problem in report.problems]
    assert any("The file changed while it was read" in message for message in told)


def test_bz2_in_a_zip_in_a_tar(tmp_path: Path) -> None:
    """What is packed many times over is no bomb by that alone."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt.bz2", bz2.compress(pages(1).encode()))
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:xz") as outer:
        info = tarfile.TarInfo("inner.zip")
        info.size = len(inner.getvalue())
        outer.addfile(info, io.BytesIO(inner.getvalue()))
    (tmp_path / "a").write_bytes(raw.getvalue())
    report, out = run(tmp_path / "out", tmp_path / "a")
    assert (report.problems, [row["text"] for row in out.corpus]) == ((), [pages(1)])
