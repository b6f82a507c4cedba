"""``taoxi verify``: what is whole passes, and no damage goes unseen, not even one whose digests were forged."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taoxi.cli.main import main
from taoxi.corpus import verification, verify
from taoxi.corpus.complaints import LISTED, About, Complaint, Kind, Verification
from taoxi.corpus.options import UsageError
from taoxi.corpus.report import ExitCode, Phase, Progress
from taoxi.corpus.restore import restore
from taoxi.corpus.schema import CORPUS, LEDGER, SOURCES
from taoxi.corpus.state.store import NAME
from taoxi.corpus.verification.case import AGAIN, Case
from taoxi.corpus.wanted import Wanted
from tests.support import Folder, Row, edited, files, jsonl, mixed_dump, pages, prose, read_rows, run, taoxi
from tests.test_guarantees import options, sources

SCHEMAS = {"corpus": CORPUS, "removed": LEDGER, "sources": SOURCES}
FILES = [
    "corpus/000001-00000.parquet",
    "removed/000001-00000.parquet",
    "runs/000001.json",
    "sources/000001.parquet",
    "chrome/000001.parquet",
]

MENU = "首页|新闻|图片|视频\n"
FOOT = "\n主办:某某网 版权所有 京ICP备12345678号"


def text_id(text: str) -> str:
    """Return the id of a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dump with copies of each kind, chrome, furniture, broken lines, an archive, and a web page."""
    folder = mixed_dump(tmp_path_factory.mktemp("verify") / "dump")
    site = [MENU + pages(900 + k, 2) + FOOT for k in range(12)]
    site.append(MENU + prose(950, 60)[:40] + "\n- 1 -\n" + prose(951, 60) + FOOT)
    jsonl(folder / "site.jsonl", site)
    wrapped = "\n".join(prose(970, 400)[k : k + 40] for k in range(0, 400, 40))
    with tarfile.open(folder / "z.tar", "w") as archive:
        for name, text in (("a.txt", wrapped), ("b/c.txt", pages(981, 2))):
            data = text.encode("gb18030")
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    shared = prose(77, 200)
    jsonl(folder / "shared.jsonl", [pages(60, 3) + "\n" + shared, shared + "\n" + pages(61, 4)])
    body = "<p>".join(pages(990, 4).split("\n"))
    page = f"<html><body><div class=nav><a href=/>首页</a></div><div>{body}</div></body></html>"
    (folder / "page.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cleaned(dump: Path) -> Path:
    """Return what the dump came to."""
    return run(dump.parent / "cleaned", dump, passages="cut")[1].path


@pytest.fixture
def out(cleaned: Path, tmp_path: Path) -> Path:
    """Return a copy of it to damage."""
    return Path(shutil.copytree(cleaned, tmp_path / "out"))


def forge(out: Path, folder: str, change: Callable[[list[Row]], object], number: int = 1) -> None:
    """Change the rows of a table and make size, rows and digests of the manifest right again."""
    path = next((out / folder).glob(f"{number:06}*"))
    rows = read_rows(path)
    change(rows)
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMAS[folder]), path)
    seal(out, path, len(rows), number)


def seal(out: Path, path: Path, rows: int, number: int = 1) -> None:
    """Give a manifest the size, rows and digest of a file as it is now."""
    data = path.read_bytes()

    def change(manifest: Row) -> None:
        file = next(file for file in manifest["files"] if file["path"] == path.relative_to(out).as_posix())
        file.update(rows=rows, bytes=len(data), blake2b=hashlib.blake2b(data).hexdigest())

    edit_manifest(out, change, number)


def edit_manifest(out: Path, change: Callable[[Row], object], number: int = 1) -> None:
    """Change a manifest and make its own digest right again."""
    path = out / "runs" / f"{number:06}.json"
    content = orjson.loads(path.read_bytes())
    del content["blake2b"]
    change(content)
    style = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    content["blake2b"] = hashlib.blake2b(orjson.dumps(content, option=style)).hexdigest()
    path.write_bytes(orjson.dumps(content, option=style))


def kinds(out: Path) -> set[str]:
    """Return the kinds of complaints about an output."""
    return set(verify(out).complained)


def only(found: Verification) -> Complaint:
    """Return the one complaint there is."""
    (complaint,) = found.complaints
    return complaint


# What is whole


@pytest.mark.parametrize("to", ["parquet", "jsonl"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_undamaged_output_holds(dump: Path, tmp_path: Path, to: str, jobs: int) -> None:
    """Every document is read again, from archives and pages too, with any number of processes."""
    report, folder = run(tmp_path / "out", dump, to=to, passages="cut", batch_bytes=20_000)
    found = verify(folder.path, jobs=jobs)
    assert (found.complaints, found.remarks, found.exit_code) == ((), (), ExitCode.DONE)
    assert found.documents == report.documents - report.removed["empty"]
    assert (found.runs, found.files, found.sources) == (1, 4, 9)
    assert (found.replayed, found.gone, found.changed, found.piped, found.unread) == (9, 0, 0, 0, 0)
    assert found.rows == len(folder.corpus) + len(folder.ledger) + len(folder.sources)
    assert found.pieces == sum(row["document"] is not None for row in folder.ledger)


def test_what_is_checked_is_there(dump: Path, cleaned: Path) -> None:
    """The dump shows what the checks are about, or they would prove nothing."""
    del dump
    ledger = read_rows(cleaned / FILES[1])
    assert {row["reason"] for row in ledger if row["kind"] == "document"} == {"exact", "near", "contained", "empty"}
    assert {"passage", "chrome", "furniture", "break", "separator", "record"} <= {row["kind"] for row in ledger}
    assert any(row["kind"] == "passage" and row["leader"] != row["document"] for row in ledger)
    assert any(row["reason"] == "page" for row in ledger)


@pytest.mark.parametrize("name", ["dumps", "real/gov-2026", "real/html-zh"])
def test_real_dumps_hold(tmp_path: Path, shared: Path, name: str) -> None:
    """Nothing is complained of that is not damaged."""
    _, folder = run(tmp_path / "out", shared / name)
    found = verify(folder.path)
    assert (found.complaints, found.remarks) == ((), ())
    assert found.replayed == found.sources


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=sources(), chosen=options, passages=st.sampled_from(["keep", "cut"]))
def test_any_run_holds(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, bytes], chosen: dict[str, Any], passages: str
) -> None:
    """Any formats, copies of any kind, any threshold, nothing at all."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "dump").mkdir()
    for name, content in data.items():
        (folder / "dump" / name).write_bytes(content)
    _, cleaned = run(folder / "out", folder / "dump", passages=passages, **chosen)
    found = verify(cleaned.path)
    assert (found.complaints, found.replayed) == ((), len(data))


def test_a_folder_that_is_only_read_can_be_verified(out: Path) -> None:
    """Nothing is written to it, and it stays as it is."""
    before = files(out)
    paths = [out, *out.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert verify(out).complaints == ()
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert files(out) == before


def test_progress_is_told(out: Path) -> None:
    """Phase by phase, up to the end of each."""
    events: list[object] = []
    verify(out, listener=events.append)
    steps = [event for event in events if isinstance(event, Progress)]
    assert list(dict.fromkeys(step.phase for step in steps)) == [Phase.FILES, Phase.ROWS, Phase.REPLAY]
    for phase in (Phase.FILES, Phase.ROWS, Phase.REPLAY):
        last = [step for step in steps if step.phase is phase][-1]
        assert last.done <= (last.total or 0)


def test_a_check_is_a_function_that_yields_complaints(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is one entry in a tuple; of a kind, so many are told and all are counted."""

    def check_state(case: Case) -> Any:  # noqa: ANN401 - a generator of findings
        for number in range(LISTED + 5):
            yield Complaint(Kind.FILE, "state.duckdb", f"{len(case.runs)} runs", number)

    monkeypatch.setattr(verification, "CHECKS", (*verification.CHECKS, check_state))
    told: list[object] = []
    found = verify(out, listener=lambda event: told.append(event) if isinstance(event, Complaint) else None)
    assert found.complained == {"file": LISTED + 5}
    assert list(found.complaints) == told
    assert len(told) == LISTED


# Damage


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0.0, 0.01, 0.2, 0.4, 0.6, 0.8, 0.99])
@pytest.mark.parametrize("bit", [1, 0x20, 0xFF])
def test_a_flipped_byte_is_reported(cleaned: Path, tmp_path: Path, name: str, place: float, bit: int) -> None:
    """Anywhere in any file: the complaint names the file and says what to do."""
    out = Path(shutil.copytree(cleaned, tmp_path / "out"))
    data = bytearray((out / name).read_bytes())
    data[min(len(data) - 1, int(place * len(data)))] ^= bit
    (out / name).write_bytes(data)
    found = verify(out)
    assert found.exit_code == ExitCode.OUTPUT
    assert [complaint.file for complaint in found.complaints] == [name]
    assert str(only(found)).startswith(f"{name}: ")
    assert "from a backup" in only(found).message


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_byte_of_the_manifest_counts(
    cleaned: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A digit of a count, a letter of an option, a space: the manifest has a digest of its own."""
    out = Path(shutil.copytree(cleaned, tmp_path_factory.mktemp("bytes") / "out"))
    raw = bytearray((out / FILES[2]).read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    (out / FILES[2]).write_bytes(raw)
    assert verify(out).exit_code == ExitCode.OUTPUT


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("left", [0, 1, 0.5, -1])
def test_a_truncated_file_is_reported(out: Path, name: str, left: float) -> None:
    """To nothing, to a byte, to the half, by a byte."""
    data = (out / name).read_bytes()
    (out / name).write_bytes(data[: int(left * len(data)) if isinstance(left, float) else left])
    assert only(verify(out)).file == name


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_reported(out: Path, name: str) -> None:
    """Without a manifest, whatever is there belongs to nothing."""
    (out / name).unlink()
    found = verify(out)
    assert found.exit_code == ExitCode.OUTPUT
    if name.startswith("runs"):
        assert {complaint.file for complaint in found.complaints} == set(FILES) - {name}
        assert "'taoxi clean' again" in found.complaints[0].message
    else:
        assert str(only(found)) == f"{name}: The file is not there. {AGAIN}"


@pytest.mark.parametrize("left", FILES)
@pytest.mark.parametrize("right", FILES)
def test_swapped_files_are_reported(out: Path, left: str, right: str) -> None:
    """Both of them, whatever they hold."""
    if left >= right:
        return
    data = (out / left).read_bytes()
    (out / left).write_bytes((out / right).read_bytes())
    (out / right).write_bytes(data)
    found = {complaint.file for complaint in verify(out).complaints}
    assert found == ({left, right} if "runs/000001.json" not in {left, right} else {"runs/000001.json"})


def test_a_file_that_cannot_be_read_is_reported(out: Path) -> None:
    """A folder in the place of a file, for one."""
    (out / FILES[0]).unlink()
    (out / FILES[0]).mkdir()
    assert only(verify(out)).message == f"The file cannot be read (Is a directory). {AGAIN}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 7}, "has the format 7"),
        ({"run": 2}, "is that of run 2"),
        ({"files": []}, "lists no file in corpus/"),
        ({"files": [{"path": "x"}]}, "lists a file without its size"),
        ({"counts": None}, "has no 'counts'"),
        ({"replaces": 1}, "has no 'replaces'"),
    ],
)
def test_a_manifest_of_another_shape_is_reported(out: Path, change: Row, message: str) -> None:
    """Even if its digest is right."""
    edit_manifest(out, lambda manifest: manifest.update(change))
    assert message in only(verify(out)).message


def test_a_manifest_cannot_point_out_of_its_folder(out: Path) -> None:
    """What it names is never opened if it is no name that a run gives."""
    edit_manifest(out, lambda manifest: manifest["files"][0].update(path="corpus/../../secret.parquet"))
    assert "none of its run ('corpus/../../secret.parquet')" in only(verify(out)).message


def test_options_of_another_version_are_said(out: Path) -> None:
    """They are no damage; the run is not replayed, and the rest is checked."""
    edit_manifest(out, lambda manifest: manifest["options"].update(fancy=1))
    edit_manifest(out, lambda manifest: manifest.update(taoxi="9.9"))
    found = verify(out)
    assert (found.complaints, found.remarked, found.replayed) == ((), {"version": 2}, 0)
    assert "made by taoxi 9.9" in found.remarks[0].message


# Forgery: all digests are right


def other_text(rows: list[Row]) -> None:
    """Let a row say something else."""
    row = next(row for row in rows if row["text"] and row.get("kind", "document") == "document")
    row["text"] = row["text"].replace("。", "，", 1)


def other_text_and_id(rows: list[Row]) -> None:
    """Let it say something else under the right id."""
    other_text(rows)
    for row in rows:
        if row["text"] is not None:
            row["id"] = text_id(row["text"])


@pytest.mark.parametrize("to", ["parquet", "jsonl"])
@pytest.mark.parametrize("folder", ["corpus", "removed"])
def test_a_changed_text_is_caught_by_its_id(dump: Path, tmp_path: Path, to: str, folder: str) -> None:
    """Its row, its id and its file are named."""
    out = run(tmp_path / "out", dump, to=to)[1].path
    before = read_rows(next((out / folder).iterdir()))
    forge(out, folder, other_text)
    after = read_rows(next((out / folder).iterdir()))
    place = next(k for k, (old, new) in enumerate(zip(before, after, strict=True)) if old["text"] != new["text"])
    found = [complaint for complaint in verify(out).complaints if complaint.kind is Kind.ID]
    where = f"{folder}/000001-00000.{to}, row {place}, id {after[place]['id']}"
    message = f"The id is not that of the text: either of them was changed. {AGAIN}"
    assert [str(complaint) for complaint in found] == [f"{where}: {message}"]


@pytest.mark.parametrize("folder", ["corpus", "removed"])
def test_a_changed_text_with_its_id_is_caught_by_its_source(out: Path, folder: str) -> None:
    """The source gives another text, and the complaint says from where on."""
    forge(out, folder, other_text_and_id)
    found = [complaint for complaint in verify(out).complaints if complaint.kind is Kind.REPLAY]
    assert found[0].file.startswith(folder)
    assert found[0].row is not None
    assert "another text, from character" in found[0].message


def first(rows: list[Row], **wanted: object) -> Row:
    """Return the first row with these values."""
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def second_kept(rows: list[Row]) -> None:
    """Put a row of the corpus in once more."""
    rows.insert(1, dict(rows[0]))


FORGERIES: dict[str, tuple[str, Callable[[list[Row]], object], set[str]]] = {
    "a row of the corpus is gone": ("corpus", lambda rows: rows.pop(1), {"count", "span", "replay"}),
    "a row of the ledger is gone": (
        "removed",
        lambda rows: rows.remove(first(rows, reason="exact")),
        {"count", "replay"},
    ),
    "a record of the ledger is gone": (
        "removed",
        lambda rows: rows.remove(first(rows, kind="record")),
        {"count", "span"},
    ),
    "a piece is gone": ("removed", lambda rows: rows.remove(first(rows, kind="chrome")), {"count", "replay"}),
    "the joins are gone": ("removed", lambda rows: rows.remove(first(rows, kind="break")), {"replay"}),
    "a row is there twice": ("corpus", second_kept, {"count", "id"}),
    "rows were moved": ("corpus", lambda rows: rows.reverse(), {"row"}),
    "a leader is nobody": ("removed", lambda rows: first(rows, reason="near").update(leader="0" * 32), {"leader"}),
    "a leader is no id": ("removed", lambda rows: first(rows, reason="near").update(leader="x"), {"row"}),
    "a leader is of a later run": ("removed", lambda rows: first(rows, reason="near").update(leader_run=7), {"leader"}),
    "near is another figure": (
        "removed",
        lambda rows: first(rows, reason="near").update(similarity=0.9),
        {"similarity"},
    ),
    "near is no figure": ("removed", lambda rows: first(rows, reason="near").update(similarity=None), {"row"}),
    "exact is near": (
        "removed",
        lambda rows: first(rows, reason="near").update(reason="exact", similarity=1.0),
        {"similarity"},
    ),
    "contained is more": (
        "removed",
        lambda rows: first(rows, reason="contained").update(similarity=0.99),
        {"similarity"},
    ),
    "a reason is unknown": ("removed", lambda rows: first(rows, reason="near").update(reason="dull"), {"row"}),
    "an offset is outside": ("removed", lambda rows: first(rows, kind="chrome").update(offset=10**6), {"piece"}),
    "an offset is below zero": ("removed", lambda rows: first(rows, kind="furniture").update(offset=-5), {"piece"}),
    "an offset is another": ("removed", lambda rows: first(rows, kind="furniture").update(offset=3), {"replay"}),
    "an offset is none": ("removed", lambda rows: first(rows, kind="chrome").update(offset=None), {"row"}),
    "a piece is of nobody": ("removed", lambda rows: first(rows, kind="chrome").update(document="0" * 32), {"piece"}),
    "a join is elsewhere": (
        "removed",
        lambda rows: first(rows, kind="break").update(evidence='{"joined":[["\\n"," ",[99999]]]}'),
        {"piece"},
    ),
    "joins are none": ("removed", lambda rows: first(rows, kind="break").update(evidence="[1]"), {"row"}),
    "copies are more": ("corpus", lambda rows: rows[0].update(copies=9), {"count"}),
    "an encoding is another": ("corpus", lambda rows: rows[0].update(encoding="big5"), {"replay"}),
    "a title is another": ("corpus", lambda rows: rows[0].update(title="别的"), {"replay"}),
    "meta is another": ("corpus", lambda rows: rows[0].update(meta="{"), {"replay"}),
    "a span is longer": ("corpus", lambda rows: rows[-1].update(byte_end=10**9), {"replay", "span"}),
    "a span is turned": ("corpus", lambda rows: rows[0].update(byte_end=-1), {"row"}),
    "a source is unknown": ("corpus", lambda rows: rows[0].update(source="a"), {"row"}),
    "a source is none": ("corpus", lambda rows: rows[0].update(source=None), {"row"}),
    "a text is none": ("corpus", lambda rows: rows[0].update(text=None), {"row"}),
    "an id is none": ("corpus", lambda rows: rows[0].update(id=None), {"row"}),
    "a source has more records": ("sources", lambda rows: rows[0].update(records=99), {"source"}),
    "a source has fewer documents": ("sources", lambda rows: rows[0].update(documents=1), {"count", "source"}),
    "a source is of nobody": ("sources", lambda rows: rows[0].update(source=None), {"row"}),
    "a source is gone from the table": ("sources", lambda rows: rows.pop(0), {"row"}),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_caught(out: Path, name: str) -> None:
    """Whatever was changed in a row, even if size, rows and digests say that all is well."""
    folder, change, expected = FORGERIES[name]
    forge(out, folder, change)
    found = verify(out)
    assert expected <= set(found.complained), [str(complaint) for complaint in found.complaints]
    assert all(complaint.message.endswith(AGAIN) for complaint in found.complaints)


@pytest.mark.parametrize(
    "line", [b"[1]\n", b"{\n", b'{"id": 5}\n', b'{"record": 1e999}\n', b'{"byte_start": %d}\n' % 10**30, b"\n"]
)
@pytest.mark.parametrize("folder", ["corpus", "removed"])
def test_a_line_of_any_kind_is_caught(dump: Path, tmp_path: Path, folder: str, line: bytes) -> None:
    """A file of JSON lines may hold anything: it is reported, and nothing else happens."""
    out = run(tmp_path / "out", dump / "a.jsonl", to="jsonl")[1].path
    path = next((out / folder).iterdir())
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], line, *lines[2:]]))
    seal(out, path, len(lines))
    assert "row" in kinds(out)


def test_text_that_is_no_utf8_is_caught(out: Path) -> None:
    """Parquet may hold any bytes as text."""
    path = out / FILES[0]
    table = pq.read_table(path)
    bad = pa.array([b"\xff\xfe", *[b"x"] * (len(table) - 1)], pa.large_binary())
    texts = pa.LargeStringArray.from_buffers(len(bad), *bad.buffers()[1:])
    pq.write_table(table.set_column(1, "text", texts), path)
    seal(out, path, len(table))
    assert "row" in kinds(out)


def test_a_threshold_that_was_not_reached_is_caught(out: Path) -> None:
    """The manifest says from which similarity on documents went."""
    edit_manifest(out, lambda manifest: manifest["options"].update(similarity=1.0))
    found = verify(out)
    assert set(found.complained) == {"similarity"}
    assert all("which is not enough to remove it" in complaint.message for complaint in found.complaints)


# Sources


def test_a_source_that_is_gone_or_changed_is_said(dump: Path, tmp_path: Path) -> None:
    """Once for each, as no damage; the rest is replayed, and gaps between rows are found all the same."""
    sources = Path(shutil.copytree(dump, tmp_path / "dump"))
    out = run(tmp_path / "out", sources)[1].path
    (sources / "b.csv").unlink()
    (sources / "sub" / "page9.txt").write_bytes(b"x" + (sources / "sub" / "page9.txt").read_bytes()[1:])
    (sources / "z.tar").write_bytes(b"")
    found = verify(out)
    assert (found.complaints, found.exit_code) == ((), ExitCode.DONE)
    assert (found.replayed, found.gone, found.changed) == (6, 1, 2)
    assert [remark.message for remark in found.remarks] == [
        f"{sources}/b.csv is not there any more, so its documents were not read again.",
        f"{sources}/sub/page9.txt is not what was read: its SHA-256 is another, so its documents were not read again.",
        f"{sources}/z.tar has another size than the 10,240 bytes that were read, so its documents were not read again.",
    ]
    forge(out, "removed", lambda rows: rows.remove(next(r for r in rows if r["source"].endswith("page9.txt"))))
    assert "span" in kinds(out)


def test_standard_input_cannot_be_replayed(tmp_path: Path) -> None:
    """It says so, and checks what is left."""
    data = jsonl(tmp_path / "x.jsonl", [pages(1), pages(2)]).read_bytes()
    taoxi("-", "-o", "out", cwd=tmp_path, data=data)
    found = verify(tmp_path / "out")
    assert (found.complaints, found.piped) == ((), 1)
    assert found.remarks[0].about is About.STANDARD_INPUT


def test_a_file_whose_neighbours_are_gone_is_no_damage(tmp_path: Path) -> None:
    """The encodings of a folder's files are evidence about the next one, which without them may be read by another."""
    folder = tmp_path / "dump"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.txt").write_bytes(prose(number, 300).encode("gb18030"))
    (folder / "9.txt").write_bytes("联通".encode("gb18030"))
    out = run(tmp_path / "out", folder)[1].path
    assert verify(out).complaints == ()
    for number in range(8):
        (folder / f"{number}.txt").unlink()
    found = verify(out)
    assert (found.complaints, found.gone, found.replayed) == ((), 8, 1)


def test_names_that_are_no_utf8_are_found_again(tmp_path: Path) -> None:
    """The table of sources holds their bytes as escapes."""
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "caf\udce9.txt").write_text(prose(1), encoding="utf-8")
    found = verify(run(tmp_path / "out", folder)[1].path)
    assert (found.complaints, found.replayed) == ((), 1)


def test_documents_that_came_back_from_two_states_of_a_source(tmp_path: Path) -> None:
    """The file was changed between two runs, so that its name stands for both; the documents are in order."""
    out, path = tmp_path / "out", tmp_path / "in.jsonl"
    for seed in (1, 3):
        run(out, jsonl(path, [pages(seed, 4), edited(pages(seed, 4), 6)]), append=True)
    assert restore(out, Wanted(reasons=("near",))).documents == 2
    found = verify(out)
    assert (found.complaints, found.changed, found.replayed) == ((), 1, 1)


def test_plain_text_is_checked_as_far_as_it_goes(dump: Path, tmp_path: Path) -> None:
    """Files, ledger and sources; and it says so."""
    out = run(tmp_path / "out", dump, to="text")[1].path
    found = verify(out)
    assert (found.complaints, found.remarked) == ((), {"text": 1})
    forge(out, "removed", other_text)
    assert kinds(out) == {"id"}
    path = next((out / "corpus").iterdir())
    path.write_bytes(path.read_bytes().replace("。".encode(), "，".encode(), 1))
    assert "file" in kinds(out)


# Several runs


@pytest.fixture
def two(out: Path, tmp_path: Path) -> Path:
    """Return a folder with two runs."""
    dump = jsonl(tmp_path / "new.jsonl", [pages(40), pages(41), edited(pages(41), 3)])
    run(out, dump, append=True)
    (out / NAME).unlink()
    return out


def test_two_runs_hold(two: Path) -> None:
    """Each with its own sources."""
    found = verify(two)
    assert (found.complaints, found.remarks) == ((), ())
    assert (found.runs, found.files, found.replayed) == (2, 8, 10)


def test_a_leader_may_be_of_an_earlier_run(two: Path) -> None:
    """It is measured against that one, in the run that the row names."""
    kept = read_rows(two / FILES[0])
    copied = next(row for row in kept if row["text"].startswith(pages(2)))

    def lead(rows: list[Row]) -> None:
        first(rows, reason="near").update(leader=copied["id"], leader_run=1)

    forge(two, "removed", lead, 2)
    found = verify(two)
    assert {complaint.kind for complaint in found.complaints} == {Kind.SIMILARITY, Kind.COUNT}
    assert found.complaints[-1].file == "removed/000002-00000.parquet"
    forge(two, "removed", lambda rows: first(rows, reason="near").update(leader_run=2), 2)
    assert "leader" in kinds(two)


def test_an_id_is_in_the_corpus_once(two: Path) -> None:
    """Over all runs."""
    row = read_rows(two / FILES[0])[0]
    forge(two, "corpus", lambda rows: rows[0].update(text=row["text"], id=row["id"]), 2)
    assert "id" in kinds(two)


def test_what_a_damaged_run_would_prove_is_not_asked(two: Path) -> None:
    """One complaint for the file that is damaged, not one for each row that rests on it."""
    (two / FILES[0]).write_bytes(b"x")
    found = verify(two)
    assert only(found).file == FILES[0]
    assert found.remarked == {"unchecked": 1}
    assert found.replayed == 1


def test_a_lost_manifest_between_others_is_reported(two: Path) -> None:
    """Runs are numbered without gaps; of the last one, only its files tell."""
    last = two / "runs" / "000002.json"
    data = last.read_bytes()
    last.unlink()
    found = verify(two)
    assert (found.complaints, found.remarked) == ((), {"rest": 4})
    assert found.remarks[0].message == (
        "corpus/000002-00000.parquet belongs to no finished run: it is the rest of a run that was stopped, or its"
        " manifest was lost. The next run removes it; if you miss a run, restore its manifest first."
    )
    last.write_bytes(data)
    (two / "runs" / "000001.json").unlink()
    assert only(verify(two)).file == "runs/000001.json"


def test_swapped_manifests_are_reported(two: Path) -> None:
    """Each says whose it is."""
    left, right = two / "runs" / "000001.json", two / "runs" / "000002.json"
    data = left.read_bytes()
    left.write_bytes(right.read_bytes())
    right.write_bytes(data)
    assert [complaint.file for complaint in verify(two).complaints] == ["runs/000001.json", "runs/000002.json"]


def test_a_run_that_replaces_makes_those_before_it_void(two: Path) -> None:
    """What they left is no damage: the next run removes it."""
    edit_manifest(two, lambda manifest: manifest.update(replaces=True), 2)
    found = verify(two)
    assert (found.complaints, found.runs, found.remarked) == ((), 1, {"rest": 5})


def test_a_source_that_was_skipped_is_accounted_for_by_its_run(two: Path) -> None:
    """Its row in a later table names the earlier run, and asks for nothing there."""
    row = read_rows(two / FILES[3])[0]
    forge(two, "sources", lambda rows: rows.insert(0, row), 2)
    assert verify(two).complaints == ()


# What --append and restore leave


def test_appended_and_restored_runs_hold(dump: Path, tmp_path: Path) -> None:
    """With the database, with sources that were not read again, and with documents that came back."""
    out = tmp_path / "out"
    run(out, *sorted(dump.glob("*.jsonl")), append=True)
    run(out, dump, append=True, passages="cut")
    restored = restore(out, Wanted(reasons=("near", "contained")))
    assert set(restored.by_reason) == {"near", "contained"}
    run(out, jsonl(tmp_path / "3.jsonl", [row["text"] for row in restored.rows]), append=True)
    found = verify(out)
    assert (found.complaints, found.remarks, found.runs) == ((), (), 4)
    back = Folder(out)
    assert found.rows == len(back.corpus) + len(back.ledger) + len(back.sources)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE documents SET tokens = tokens + 1 WHERE number = 1",
        "UPDATE documents SET id = uuid() WHERE number = 1",
        "UPDATE documents SET exact_b = exact_b + 1 WHERE number = 0",
        "UPDATE documents SET signature = list_reverse(signature) WHERE number = 1",
        "UPDATE paragraphs SET hash = hash + 1 WHERE document = 1",
        "DELETE FROM paragraphs WHERE document = 1",
        "DELETE FROM documents WHERE number = 1",
        "INSERT INTO documents SELECT * REPLACE (999 AS number) FROM documents LIMIT 1",
        "UPDATE runs SET manifest = 'x'",
        "DROP TABLE paragraphs",
        "DROP TABLE stamps",
        None,
    ],
)
def test_a_database_that_does_not_fit_the_corpus_is_reported(tmp_path: Path, change: str | None) -> None:
    """With the command that makes it again; it is not mended, as verify only reads."""
    out = tmp_path / "out"
    run(out, jsonl(tmp_path / "in.jsonl", [pages(1), pages(2)]), append=True)
    if change is None:
        (out / NAME).write_bytes(b"garbage" * 99)
    else:
        with duckdb.connect(str(out / NAME)) as sql:
            sql.execute(change)
    before = files(out)
    found = verify(out)
    assert set(found.complained) == {"database"}
    assert f"taoxi state {out} --rebuild" in found.complaints[0].message
    assert files(out) == before


def test_a_database_that_lags_is_no_damage(tmp_path: Path) -> None:
    """The run that died before it entered itself is complete."""
    out = tmp_path / "out"
    run(out, jsonl(tmp_path / "1.jsonl", [pages(1), pages(2)]), append=True)
    before = (out / NAME).read_bytes()
    run(out, jsonl(tmp_path / "2.jsonl", [pages(3)]), append=True)
    (out / NAME).write_bytes(before)
    found = verify(out)
    assert (found.complaints, found.remarked) == ((), {"unchecked": 1})


# What is no file of ours


def test_rests_and_strangers_are_only_said(out: Path) -> None:
    """They are nobody's loss."""
    (out / "corpus" / "000009-00000.parquet").write_bytes(b"rest")
    (out / "corpus" / "notes.md").write_text("mine", encoding="utf-8")
    (out / "runs" / "old.json").write_text("mine", encoding="utf-8")
    (out / "README").write_text("mine", encoding="utf-8")
    found = verify(out)
    assert (found.complaints, found.remarked) == ((), {"rest": 1, "stranger": 3})


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_what_is_no_output_is_wrong_usage(tmp_path: Path, name: str) -> None:
    """With what to name instead."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"holds no finished run\. Name a folder that 'taoxi clean' has written\."):
        verify(tmp_path / name)


# The command


def test_the_command_says_what_holds(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures, then one sentence; nothing on standard output."""
    assert main(["verify", str(out), "--jobs", "1"]) == ExitCode.DONE
    told, err = capsys.readouterr()
    lines = err.splitlines()
    assert told == ""
    assert lines[0].split() == ["runs", "1"]
    assert lines[5].split() == ["sources", "9"]
    assert lines[6].split() == ["read", "again", "9"]
    assert lines[-1] == "All holds: every document was read again from its source, and is the same."


def test_the_command_says_what_does_not(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 4; ``--quiet`` leaves nothing but the complaints."""
    (out / FILES[0]).write_bytes(b"")
    assert main(["verify", str(out), "--jobs", "1"]) == ExitCode.OUTPUT
    err = capsys.readouterr().err
    assert err.splitlines()[-1].startswith("Next: restore the files named above from a backup")
    assert main(["verify", str(out), "--quiet"]) == ExitCode.OUTPUT
    size = next(file["bytes"] for file in orjson.loads((out / FILES[2]).read_bytes())["files"])
    assert capsys.readouterr().err == (
        f"1 complaint:\n  {FILES[0]}: The file has 0 bytes, and the manifest says {size:,}. {AGAIN}\n"
    )


def test_the_command_talks_to_programs(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, the figures at the end."""
    forge(out, "corpus", other_text)
    assert main(["verify", str(out), "--jobs", "1", "--log-format", "json"]) == ExitCode.OUTPUT
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["event"] for event in events][:2] == ["start", "phase"]
    complaint = next(event for event in events if event["event"] == "complaint")
    assert (complaint["kind"], complaint["file"]) == ("id", FILES[0])
    assert (events[-1]["event"], events[-1]["exit_code"]) == ("verification", 4)
    assert events[-1]["complaints"]["id"] == 1


def test_the_command_can_be_interrupted(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As any other: 130, and no folder stays behind."""

    def interrupt(case: Case) -> Any:  # noqa: ANN401 - a generator of findings
        assert case.scratch.is_dir()
        scratch.append(case.scratch)
        raise KeyboardInterrupt

    scratch: list[Path] = []
    monkeypatch.setattr(verification, "CHECKS", (interrupt,))
    assert main(["verify", str(out)]) == ExitCode.INTERRUPTED
    assert not scratch[0].exists()
    assert "Interrupted" in capsys.readouterr().err


def test_the_same_may_be_left_of_two_documents(tmp_path: Path) -> None:
    """Where passages are cut that others keep: both stay, and that is no damage."""
    known = [pages(100 + k, 2, 200) for k in range(4)]
    parts = [text.split("\n")[0] for text in known]
    quoting = [f"记者李某报道\n{parts[k]}\n{parts[k + 1]}" for k in (0, 2)]
    _, folder = run(
        tmp_path / "out", jsonl(tmp_path / "in.jsonl", [*known, *quoting]), passages="cut", chrome="off", keep="first"
    )
    assert [row["text"] for row in folder.corpus].count("记者李某报道\n") == len(quoting)
    assert verify(folder.path).complaints == ()
