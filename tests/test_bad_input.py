"""Bad input is named with its file and place, recorded, answered with exit code 1, and harms nothing beside it."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from taoxi.corpus import Options, clean
from taoxi.corpus.report import Event, ExitCode, Phase, Progress
from taoxi.normalize.sources import MissingInputError
from tests.support import Folder, Row, jsonl, pages, prose, run, taoxi, unaccounted

GOOD = [pages(seed) for seed in range(900, 903)]
NOBODY = 65534


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Return a folder that holds a good file, to stand beside a bad one."""
    jsonl(tmp_path / "dump" / "good.jsonl", GOOD)
    return tmp_path / "dump"


def cleaned(dump: Path, problems: int = 1) -> tuple[Row, list[Row], list[Row]]:
    """Clean a dump of a good and a bad file; return what was recorded of the bad one: source, corpus, ledger.

    What holds in every case is checked here: the exit code, the good file's documents, an entry for each source.
    """
    report, folder = run(dump.parent / "out", dump)
    assert report.exit_code == (ExitCode.UNREADABLE if problems else ExitCode.DONE)
    assert len(report.problems) == problems
    good = str(dump / "good.jsonl")
    assert [row["text"] for row in folder.corpus if row["source"] == good] == GOOD
    (source,) = (row for row in folder.sources if row["source"] != good)
    told = [f"{problem}" for problem in report.problems]
    errors = [] if source["error"] is None else source["error"].split("\n")
    assert told == [
        f"{source['source']} {error}" if error.startswith("at byte") else f"{source['source']}: {error}"
        for error in errors
    ]
    return source, _of(folder.corpus, source), _of(folder.ledger, source)


def _of(rows: list[Row], source: Row) -> list[Row]:
    return [row for row in rows if row["source"] == source["source"]]


def check_account(data: bytes, source: Row, rows: list[Row], end: int | None = None) -> None:
    """Check that every byte of a source is in a span, up to where its error says that it ends."""
    assert unaccounted(len(data) if end is None else end, rows) == [], source


# Whole sources


def test_a_missing_path_is_wrong_usage(dump: Path) -> None:
    """Exit 2 before anything is written: a name was misspelled, and nobody wants the rest alone."""
    gone = str(dump / "gone.txt")
    with pytest.raises(MissingInputError) as caught:
        clean(Options(inputs=(str(dump), gone), out=str(dump.parent / "out")))
    assert str(caught.value) == f"The input {gone!r} does not exist. Check its path and spelling."
    done = taoxi("dump", "dump/*.csv", "-o", "out", cwd=dump.parent)
    assert (done.returncode, done.stdout, done.stderr) == (
        ExitCode.USAGE,
        "",
        "taoxi: The pattern 'dump/*.csv' matches nothing. Check it, or name the folder: all in it is read.\n",
    )
    assert not (dump.parent / "out").exists()


def test_inputs_without_a_file_are_wrong_usage(tmp_path: Path) -> None:
    """An empty folder is a mistake, not an empty corpus."""
    (tmp_path / "empty").mkdir()
    done = taoxi("empty", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (
        ExitCode.USAGE,
        "",
        "taoxi: The inputs hold no file. Name a folder with files, or the files themselves.\n",
    )
    assert not (tmp_path / "out").exists()


def test_the_folder_that_is_read_is_no_output(dump: Path) -> None:
    """What is in the output is left out of the input, which would leave nothing and say that it is empty."""
    done = taoxi(dump, "-o", f"{dump}/", cwd=dump.parent)
    assert (done.returncode, done.stderr) == (
        ExitCode.USAGE,
        f"taoxi: {dump}/ is what shall be read, and cannot be the output. Name another folder with -o.\n",
    )


def test_a_file_of_a_form_that_is_not_written_is_no_folder(dump: Path) -> None:
    """``-o out.csv`` asks for a file; a folder of that name would surprise, unless it is there already."""
    (dump / "a.txt").write_text(pages(1), encoding="utf-8")
    done = taoxi(dump, "-o", "out.csv", cwd=dump.parent)
    assert (done.returncode, done.stderr) == (
        ExitCode.USAGE,
        (
            "taoxi: out.csv: no corpus is written as .csv. Use one of .jsonl, .jsonl.gz, .jsonl.zst, .parquet, .txt,"
            " or a name without an ending.\n"
        ),
    )
    assert not (dump.parent / "out.csv").exists()
    (dump.parent / "out.csv").mkdir()
    assert taoxi(dump, "-o", "out.csv", cwd=dump.parent).returncode == ExitCode.DONE
    assert taoxi(dump, "-o", "crawl.v2.0", cwd=dump.parent).returncode == ExitCode.DONE


def test_an_empty_file(dump: Path) -> None:
    """It holds nothing, which somebody should know."""
    (dump / "bad.txt").touch()
    source, corpus, ledger = cleaned(dump)
    assert source["error"] == "There is nothing in it. Leave it out, or fetch it again if it should hold text."
    assert (source["format"], source["bytes"], corpus, ledger) == ("empty", 0, [], [])


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            "a PNG image, which this version does not open. Convert it to text first, or leave it out.",
        ),
        (
            b"\x01 " * 9,
            "no text: 9 of its first 18 bytes are control characters. Convert it to text first, or leave it out.",
        ),
        (
            b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(range(256)),
            (
                "a 7z archive, which this version does not open. Unpack it first, as 7z x does, or turn it into tar, as"
                " bsdtar does."
            ),
        ),
        (
            b"Rar!\x1a\x07\x01\0" + bytes(range(256)),
            (
                "a RAR archive, which this version does not open. Unpack it first, as unar does, or turn it into tar,"
                " as bsdtar does."
            ),
        ),
    ],
)
def test_binary_junk(dump: Path, data: bytes, what: str) -> None:
    """It is never read as text, whatever its name says."""
    (dump / "bad.txt").write_bytes(data)
    source, corpus, ledger = cleaned(dump)
    assert source["error"] == f"This is {what}"
    assert (source["format"], source["bytes"], corpus, ledger) == ("binary", len(data), [], [])


def test_a_file_that_stops_being_readable(dump: Path) -> None:
    """A disk that fails is named with the place where it did; this file of Linux fails at once."""
    if not Path("/proc/self/mem").exists():
        pytest.skip("This system has no file that cannot be read.")
    (dump / "bad.txt").symlink_to("/proc/self/mem")
    source, corpus, _ = cleaned(dump)
    assert source["error"] == (
        "at byte 0: Reading stopped (Input/output error); what came before was read."
        " Check the disk or the network, then run again."
    )
    assert (source["format"], source["sha256"], corpus) == ("unreadable", None, [])


@pytest.fixture
def nobody(dump: Path) -> Iterator[Path]:
    """Return a folder with a good file where this process has no rights but those of everybody."""
    run(dump.parent / "before", dump)  # what is imported on first use may be out of reach afterwards
    if os.geteuid():
        yield dump
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        jsonl(Path(folder) / "dump" / "good.jsonl", GOOD)
        os.seteuid(NOBODY)
        try:
            yield Path(folder) / "dump"
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("folder", [False, True])
def test_what_may_not_be_read(nobody: Path, *, folder: bool) -> None:
    """A file or a folder without permission has its entry, and the rest is read."""
    seen = os.geteuid()
    os.seteuid(os.getuid())
    bad = nobody / "bad"
    bad.mkdir() if folder else bad.write_bytes(pages(5).encode())
    bad.chmod(0)
    os.seteuid(seen)
    source, corpus, ledger = cleaned(nobody)
    assert source["error"] == ("Reading it is not permitted. Change its permissions or run as a user who may read it.")
    assert (source["format"], corpus, ledger) == ("unreadable", [], [])


def _loop(path: Path) -> None:
    path.symlink_to(path.parent)


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(path))


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (
            _loop,
            "This symbolic link leads back to a folder that it lies in; following it would never end. Remove the link.",
        ),
        (_dangling, "This symbolic link leads nowhere. Restore its target or remove the link."),
        (_circle, "This symbolic link leads nowhere. Restore its target or remove the link."),
        (_pipe, "This is a named pipe, not a file. Take it out of the input, or name it itself."),
        (_socket, "This is a socket, not a file. Take it out of the input, or name it itself."),
    ],
)
def test_what_is_no_file(dump: Path, make: Callable[[Path], None], error: str) -> None:
    """Nothing of it hangs or is walked for ever."""
    make(dump / "bad")
    source, corpus, ledger = cleaned(dump)
    assert source["error"] == error
    assert (source["format"], corpus, ledger) == ("unreadable", [], [])


def test_a_name_that_is_not_utf8(dump: Path) -> None:
    """The content is read; the name is recorded so that it can be told, here and in the manifest."""
    path = os.fsencode(dump) + b"/ba\xff.txt"
    try:
        Path(os.fsdecode(path)).write_bytes(pages(5).encode())
    except OSError:
        pytest.skip("This system has no such names.")
    name = f"{dump}/ba\\xff.txt"
    source, corpus, _ = cleaned(dump)
    assert source["source"] == name
    assert source["error"] == (
        f"The name is not UTF-8 and is recorded as {name}. The content is read, but rename the file, so that its"
        " documents can be traced back to it."
    )
    assert [row["text"] for row in corpus] == [pages(5)]
    _, folder = run(dump.parent / "named", Path(os.fsdecode(path)))
    assert folder.manifest["inputs"] == [name]


def test_the_command_says_what_is_wrong_and_goes_on(dump: Path) -> None:
    """Exit 1; file and place on standard error; the next step."""
    (dump / "bad.jsonl").write_bytes(json.dumps({"text": pages(5)}).encode() + b"\n{]\n")
    (dump / b"\xe8\x1b[31m.txt".decode("utf-8", "surrogateescape")).touch()
    done = taoxi("dump", "-o", "out", "--quiet", cwd=dump.parent)
    size = len(json.dumps({"text": pages(5)})) + 1
    assert (done.returncode, done.stdout) == (ExitCode.UNREADABLE, "")
    assert done.stderr == (
        "3 problems:\n"
        "  dump/\\xe8\\x1b[31m.txt: The name is not UTF-8 and is recorded as dump/\\xe8\\x1b[31m.txt. The content is"
        " read, but rename the file, so that its documents can be traced back to it.\n"
        "  dump/\\xe8\\x1b[31m.txt: There is nothing in it. Leave it out, or fetch it again if it should hold text.\n"
        f"  dump/bad.jsonl at byte {size:,}: The line is not JSON (expecting property name enclosed in double quotes at"
        " character 2) and is in the ledger as it stands. Repair it, and run again.\n"
    )
    assert len(Folder(dump.parent / "out").corpus) == len(GOOD) + 1


# What breaks off or changes


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": lambda data: bz2.compress(data, 1),  # blocks of 100,000 bytes, of which nothing comes before all has
    "xz": lzma.compress,
    "zst": lambda data: bytes(pa.compress(data, "zstd", asbytes=True)),
}


@pytest.mark.parametrize("ending", PACK)
def test_a_stream_that_breaks_off(dump: Path, ending: str) -> None:
    """What came before the break is kept, to the byte; the error says where it is."""
    records = [pages(seed, 4, 400) for seed in range(10, 210)]
    whole = jsonl(dump.parent / "whole.jsonl", records).read_bytes()
    packed = PACK[ending](whole)
    cut = len(packed) * 9 // 10
    (dump / f"bad.jsonl.{ending}").write_bytes(packed[:cut])
    source, corpus, ledger = cleaned(dump, problems=2)
    broken = source["error"].split("\n")[1]
    end = int(broken.removeprefix("at byte ").partition(":")[0].replace(",", ""))
    assert broken == (
        f"at byte {end:,}: The {ending} stream is cut short: it ends in the middle, after {cut:,} compressed bytes."
        " What came before was read; fetch the file again for the rest."
    )
    assert end > len(whole) // 2
    lines = whole[:end].split(b"\n")
    assert [row["text"] for row in corpus] == records[: len(lines) - 1]
    (rest,) = ledger
    assert (rest["kind"], rest["reason"], rest["byte_end"]) == ("record", "unparsed", end)
    assert rest["byte_end"] - rest["byte_start"] == len(lines[-1])
    check_account(whole, source, [*corpus, *ledger], end)


def test_damage_in_the_middle_of_a_stream(dump: Path) -> None:
    """A flipped byte ends it where it stands; the hash is that of all its bytes."""
    packed = bytearray(gzip.compress("\n".join(pages(seed) for seed in range(10, 400)).encode(), mtime=0))
    packed[len(packed) // 2] ^= 0xFF
    (dump / "bad.txt.gz").write_bytes(packed)
    source, corpus, ledger = cleaned(dump)
    at = int(source["error"].removeprefix("at byte ").partition(":")[0].replace(",", ""))
    assert "The gz stream is damaged near its compressed byte" in source["error"]
    assert source["error"].endswith("What came before was read; fetch the file again for the rest.")
    assert corpus
    assert unaccounted(at, [*corpus, *ledger]) == []
    assert source["sha256"] is not None


@pytest.mark.parametrize(("change", "size"), [("grows", 3_000_000), ("shrinks", 1_500_000)])
def test_a_file_that_changes_while_it_is_read(dump: Path, change: str, size: int) -> None:
    """It is told; a run on it again may give something else."""
    path = dump / "bad.jsonl"
    lines = [json.dumps({"text": pages(seed)}, ensure_ascii=False) + "\n" for seed in range(10, 1800)]
    data = "".join(lines).encode()[:2_000_000]
    path.write_bytes(data)
    changed = False

    def listen(event: Event) -> None:
        nonlocal changed
        if isinstance(event, Progress) and event.phase is Phase.READ and event.documents and not changed:
            changed = True
            with path.open("r+b") as file:
                file.truncate(min(size, len(data)))
                file.seek(0, 2)
                file.write(b" " * (size - min(size, len(data))))

    options = Options(inputs=(str(path),), out=str(dump.parent / "out"), batch_bytes=1 << 15)
    report = clean(options, listener=listen)
    assert changed
    assert report.exit_code == ExitCode.UNREADABLE
    folder = Folder(dump.parent / "out")
    (source,) = folder.sources
    told = next(error for error in source["error"].split("\n") if error.startswith("The file changed"))
    assert told == (
        f"The file changed while it was read: it had 2,000,000 bytes at first, {size:,} in the end, and"
        f" {source['bytes']:,} were read. Run again when nothing writes to it any more."
    )
    assert source["bytes"] == size, change
    check_account(path.read_bytes(), source, [*folder.corpus, *folder.ledger])


# Records


UNPARSED = "The line is not JSON ({}) and is in the ledger as it stands. Repair it, and run again."
NOT_TEXT = (
    "The field 'text' holds {}, not text, and is in the ledger as it stands."
    " Repair it, or name another field with --text-field."
)
NO_OBJECT = (
    "The line holds a list, not an object; it is in the ledger as it stands."
    " Write one object per line, with the text in a field."
)
NO_FIELD = (
    "The record has no field with a usual name for text (its fields: id, title) and is in the ledger as it stands."
    " Name the right one with --text-field."
)
RECORDS = {
    '{"text": "unclosed': (UNPARSED.format("unterminated string starting at character 10"), "unparsed"),
    "<html>": (UNPARSED.format("expecting value at character 1"), "unparsed"),
    '{"id": 5, "title": "no text"}': (NO_FIELD, "no_text"),
    '{"text": 17}': (NOT_TEXT.format("a number"), "not_text"),
    '{"text": null}': (NOT_TEXT.format("null"), "not_text"),
    '["text"]': (NO_OBJECT, "not_text"),
}
"""Lines with the message about them and the ledger's reason."""


@pytest.mark.parametrize("line", RECORDS)
def test_a_bad_record(dump: Path, line: str) -> None:
    """It goes to the ledger as it stands, and the records around it are kept."""
    message, reason = RECORDS[line]
    before = json.dumps({"text": pages(5)}, ensure_ascii=False).encode() + b"\n\n"
    after = b"\n" + json.dumps({"text": pages(6)}, ensure_ascii=False).encode() + b"\n \n"
    data = before + line.encode() + after
    (dump / "bad.jsonl").write_bytes(data)
    source, corpus, ledger = cleaned(dump)
    assert source["error"] == f"at byte {len(before):,}: {message}"
    assert [row["text"] for row in corpus] == [pages(5), pages(6)]
    (row,) = (row for row in ledger if row["kind"] != "separator")
    assert (row["kind"], row["reason"], row["text"]) == ("record", reason, line)
    assert (row["byte_start"], row["byte_end"]) == (len(before), len(before + line.encode()) + 1)
    check_account(data, source, [*corpus, *ledger])


def test_lone_surrogates_in_json(dump: Path) -> None:
    """No text can hold half a pair: U+FFFD stands for it, and the place is told; whole pairs are characters."""
    line = b'{"text": "\\ud83d' + prose(1).encode() + b'\\ud83d\\ude00"}\n'
    (dump / "bad.jsonl").write_bytes(line)
    source, corpus, _ = cleaned(dump)
    assert source["error"].startswith("at byte 10: ")
    assert source["error"].endswith(
        "of surrogate pairs without the other half, which U+FFFD replaced. Look at the record if its text matters."
    )
    assert [row["text"] for row in corpus] == [f"\ufffd{prose(1)}\U0001f600"]


def test_lone_surrogates_in_text(dump: Path) -> None:
    """Three bytes that are no UTF-8 are counted, and the place is told."""
    data = prose(1).encode() + b"\xed\xa0\xbd" + prose(2).encode()
    (dump / "bad.txt").write_bytes(data)
    source, corpus, _ = cleaned(dump)
    assert source["error"] == (
        f"at byte {len(prose(1).encode()):,}: 3 bytes are no utf-8; U+FFFD stands for them in the text."
        " Compare with the original, or fetch the page again."
    )
    assert source["bad_bytes"] == 3
    (row,) = corpus
    assert row["text"].startswith(prose(1) + "\ufffd")
    assert row["text"].endswith(prose(2))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "gb18030"])
def test_nul_bytes_in_text(dump: Path, encoding: str) -> None:
    """They are dropped, and somebody should look at what wrote them."""
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    head = (mark + prose(1)).encode(encoding)
    (dump / "bad.txt").write_bytes(head + ("\0\0\0" + prose(2)).encode(encoding))
    source, corpus, _ = cleaned(dump)
    assert source["error"] == (
        f"at byte {len(head):,}: The text has NUL characters (3), which were dropped."
        " Look at it if its text matters: something may have written over it."
    )
    assert [row["text"] for row in corpus] == [prose(1) + prose(2)]


@pytest.mark.parametrize("nul", [b"\\u0000", b"\0"])
def test_nul_characters_in_json(dump: Path, nul: bytes) -> None:
    """Escaped as JSON wants it, or raw as it forbids it: they are dropped, and told."""
    line = b'{"text": "' + prose(1).encode() + nul + prose(2).encode() + b'"}\n'
    (dump / "bad.jsonl").write_bytes(line)
    source, corpus, _ = cleaned(dump)
    assert source["error"].startswith("at byte 0: The text has ")
    assert source["error"].endswith(", which were dropped. Look at the record if its text matters.")
    assert [row["text"] for row in corpus] == [prose(1) + prose(2)]


@pytest.mark.parametrize("name", ["long.txt", "long.jsonl"])
def test_ten_megabytes_on_one_line(dump: Path, name: str) -> None:
    """That is no error: it is read like any other line."""
    text = "".join(prose(seed, 1000) for seed in range(3340))
    assert len(text.encode()) > 10_000_000
    if name.endswith("jsonl"):
        jsonl(dump / name, [text])
    else:
        (dump / name).write_text(text, encoding="utf-8")
    source, corpus, _ = cleaned(dump, problems=0)
    assert source["error"] is None
    assert [row["text"] for row in corpus] == [text]


def test_a_record_that_is_too_long(dump: Path) -> None:
    """It is left out, its span told, and the records around it are kept."""
    texts = [pages(5), pages(6, 30), pages(7)]
    data = jsonl(dump / "bad.jsonl", texts).read_bytes()
    start = data.index(b"\n") + 1
    end = data.index(b"\n", start) + 1
    report, folder = run(dump.parent / "out", dump, max_record=5000)
    assert report.exit_code == ExitCode.UNREADABLE
    (problem,) = report.problems
    assert str(problem) == (
        f"{dump}/bad.jsonl at byte {start:,}: Record 1 takes {end - start:,} bytes (up to byte {end:,}), more than the"
        " 5,000 that one record may have, and was left out. Split it, or raise max_record."
    )
    rows = [row for row in folder.corpus if row["source"].endswith("bad.jsonl")]
    assert [row["text"] for row in rows] == [texts[0], texts[2]]
    assert unaccounted(len(data), rows) == [(start, end)]
    (row,) = folder.ledger
    assert (row["kind"], row["reason"], row["record"], row["id"], row["text"]) == ("record", "oversize", 1, None, None)
    assert (row["byte_start"], row["byte_end"]) == (start, end)


def test_a_quote_that_never_closes(dump: Path) -> None:
    """The rest of a CSV file is one field then; that is told at the row where it begins."""
    head = f"id,text\n1,{pages(5).replace(chr(10), ' ')}\n".encode()
    data = head + f'2,"{pages(6)}\n3,{prose(7)}\n'.encode()
    (dump / "bad.csv").write_bytes(data)
    source, corpus, ledger = cleaned(dump)
    assert source["error"] == (
        f"at byte {len(head):,}: A quote opens in the row at byte {len(head):,} and is never closed, so what follows"
        " was read as one field. Close it, and run again."
    )
    assert [row["text"] for row in corpus] == [pages(5).replace("\n", " "), f"{pages(6)}\n3,{prose(7)}"]
    check_account(data, source, [*corpus, *ledger])


@pytest.mark.parametrize("data", ["\ufeff".encode(), "\u200b\u2060\ufeff".encode(), b" \n\n\t\r\n"])
def test_a_text_of_nothing_but_invisible_characters(dump: Path, data: bytes) -> None:
    """There is no document in it, and its bytes are in the ledger all the same."""
    (dump / "bad.txt").write_bytes(data)
    source, corpus, ledger = cleaned(dump, problems=0)
    assert corpus == []
    assert [(row["kind"], row["reason"]) for row in ledger] == [("separator", "blank")]
    assert unaccounted(len(data), ledger) == []
    assert (source["records"], source["documents"]) == (1, 0)


def test_a_record_with_an_empty_text(dump: Path) -> None:
    """It is a document that is removed, as it says nothing; that is no error."""
    jsonl(dump / "bad.jsonl", ["", " \n\u3000", pages(5)])
    source, corpus, ledger = cleaned(dump, problems=0)
    assert [row["text"] for row in corpus] == [pages(5)]
    assert [(row["kind"], row["reason"], row["leader"]) for row in ledger] == [("document", "empty", None)] * 2
    check_account((dump / "bad.jsonl").read_bytes(), source, [*corpus, *ledger])


def test_all_at_once(dump: Path) -> None:
    """Many bad sources in one run: each has its entry, and the table tells all of them though the screen does not."""
    for number in range(30):
        (dump / f"empty{number}.txt").touch()
    lines = [json.dumps({"text": pages(5)}), *RECORDS, json.dumps({"text": pages(6)})]
    (dump / "bad.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = taoxi("dump", "-o", "out", cwd=dump.parent)
    assert done.returncode == ExitCode.UNREADABLE
    assert done.stderr.count("There is nothing in it.") == 20 - len(RECORDS)
    assert f"  and {30 + len(RECORDS) - 20} more (all are in out/sources)\n" in done.stderr
    sources = Folder(dump.parent / "out").sources
    assert sum(row["error"] is not None for row in sources) == 31
    assert len(sources[0]["error"].split("\n")) == len(RECORDS)
