"""The first checks: manifests, and the files that they list."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from taoxi.corpus.complaints import About, Complaint, Finding, Kind, Remark
from taoxi.corpus.files import OURS
from taoxi.corpus.manifest import FOLDERS, FORMAT, OutputFile, is_whole, listing
from taoxi.corpus.options import Options, UsageError
from taoxi.corpus.report import Phase
from taoxi.corpus.verification.case import AGAIN, Case, Run

CHUNK = 8 << 20
"""Bytes of a file that are in memory together."""

_MANIFEST = re.compile(r"[0-9]{6,}\.json")
_LISTED = re.compile(r"(corpus|removed|sources|chrome)/([0-9]{6,})(?:-[0-9]{5,})?\.(?:parquet|jsonl|txt)")
_DIGEST = re.compile(r"[0-9a-f]{128}")
_WORDS: dict[str, type] = {
    "command": str,
    "options": dict,
    "inputs": list,
    "counts": dict,
    "files": list,
    "taoxi": str,
}
_NEEDED = [folder for folder in FOLDERS if folder != "chrome"]
"""Folders in which every run has a file; what it learned of sites is there only if it looked."""


def check_manifests(case: Case) -> Iterator[Finding]:
    """Read every manifest; the runs in force are those behind the last one that replaces all before it."""
    folder = case.path / "runs"
    paths = sorted((p for p in folder.glob("*.json") if _MANIFEST.fullmatch(p.name)), key=lambda path: int(path.stem))
    runs: dict[int, Run | None] = {}
    for path in paths:
        found = _read(path)
        if isinstance(found, str):
            yield Complaint(Kind.MANIFEST, f"runs/{path.name}", found)
        runs[int(path.stem)] = found if isinstance(found, Run) else None
    first = max((number for number, run in runs.items() if run is not None and run.manifest["replaces"]), default=None)
    inside = {number: run for number, run in runs.items() if number >= (first or 1)}
    for number in range(first or 1, max(inside, default=0)):
        if number not in inside:
            message = f"The manifest is not there, but later runs go on from it. {AGAIN}"
            yield Complaint(Kind.MANIFEST, f"runs/{number:06}.json", message)
    case.runs = [run for run in inside.values() if run is not None]
    files = listing(run.manifest for run in case.runs)
    for run in case.runs:
        run.listing = files[run.number]
        yield from _version(run)
    yield from _others(case, set(runs) - set(inside), {n for n, run in inside.items() if run is None})


def _read(path: Path) -> Run | str:
    """Return what a manifest says, or what is wrong with it."""
    try:
        raw = path.read_bytes()
        content = orjson.loads(raw)
    except (OSError, orjson.JSONDecodeError) as error:
        return f"The manifest cannot be read ({error}). {AGAIN}"
    if not isinstance(content, dict):
        return f"The manifest is no JSON object. {AGAIN}"
    if content.get("format") != FORMAT:
        return (
            f"The manifest has the format {content.get('format')!r}, which this version does not know."
            " Update taoxi; if that is no help, restore it from a backup."
        )
    if not is_whole(raw):
        return f"The manifest is not what its own digest says: it is damaged or was edited. {AGAIN}"
    if content.get("run") != int(path.stem):
        return f"The manifest is that of run {content.get('run')!r}. Give the manifests their names back. {AGAIN}"
    wrong = _malformed(content)
    return f"The manifest {wrong}. {AGAIN}" if wrong else Run(int(path.stem), content)


def _malformed(content: dict[str, Any]) -> str | None:
    """Return what a manifest lacks."""
    for name, kind in _WORDS.items():
        if not isinstance(content.get(name), kind):
            return f"has no {name!r}"
    if not isinstance(content.get("replaces"), bool):
        return "has no 'replaces'"
    withdraws = content.get("withdraws", {})
    if not isinstance(withdraws, dict) or not all(isinstance(name, str) for name in withdraws.values()):
        return "withdraws files and does not say which"
    wrong = next(filter(None, (_unlisted(file, content["run"], withdraws) for file in content["files"])), None)
    listed = {file["path"] for file in content["files"]} if wrong is None else set()
    missing = [folder for folder in _NEEDED if not any(path.startswith(f"{folder}/") for path in listed)]
    if wrong is None and missing:
        wrong = f"lists no file in {missing[0]}/"
    lost = set(withdraws.values()) - listed
    return wrong or (f"lists no {min(lost)}, which it puts in the place of another file" if lost else None)


def _unlisted(file: object, run: object, withdraws: dict[str, str]) -> str | None:
    """Return why a file of a manifest is none that it may list."""
    if not isinstance(file, dict) or set(file) != set(OutputFile.__slots__):
        return "lists a file without its size, rows or digest"
    match = _LISTED.fullmatch(str(file["path"]))
    counted = all(isinstance(file[name], int) for name in ("rows", "bytes"))
    own = match is not None and (int(match[2]) == run or file["path"] in withdraws.values())
    whole = own and counted and _DIGEST.fullmatch(str(file["blake2b"]))
    return None if whole else f"lists a file that is none of its run ({file['path']!r})"


def _version(run: Run) -> Iterator[Finding]:
    """Take the options of a run, and compare the version that made it with this one."""
    try:
        own = version("taoxi")
    except PackageNotFoundError:
        own = run.manifest["taoxi"]  # a bare checkout
    if run.manifest["taoxi"] != own:
        run.same_version = False
        yield Remark(
            About.VERSION,
            f"Run {run.number} was made by taoxi {run.manifest['taoxi']}, and this is {own}: where the rules of the two"
            " differ, texts and figures do too. Verify with that version before you believe such complaints.",
        )
    try:
        run.options = Options(inputs=("x",), out="x", **run.manifest["options"])
    except (TypeError, UsageError) as error:
        yield Remark(
            About.VERSION,
            f"Run {run.number} was made with options that this version does not know ({error}), so it is not replayed."
            " Verify with the version that made it.",
        )


def _others(case: Case, void: set[int], damaged: set[int]) -> Iterator[Finding]:
    """Name what no manifest lists; the files of a run whose manifest is damaged are no rests."""
    listed = {file.path for run in case.runs for file in run.listing}
    for number in sorted(void):
        message = f"runs/{number:06}.json belongs to a run that was replaced. The next run removes it."
        yield Remark(About.REST, message)
    for name in FOLDERS:
        for path in sorted((case.path / name).glob("*")):
            match = _LISTED.fullmatch(f"{name}/{path.name}")
            if match is None:
                yield _stranger(f"{name}/{path.name}")
            elif match[0] not in listed and int(match[2]) not in damaged:
                yield _rest(match[0], alone=not case.runs and not damaged)
    for path in sorted((case.path / "runs").glob("*")):
        if not _MANIFEST.fullmatch(path.name):
            yield _stranger(f"runs/{path.name}")
    yield from (_stranger(path.name) for path in sorted(case.path.iterdir()) if path.name not in OURS)


def _stranger(place: str) -> Remark:
    return Remark(About.STRANGER, f"{place} is no file of taoxi. It is left alone.")


def _rest(place: str, *, alone: bool) -> Finding:
    """Return what is to be said of a file that no manifest lists; ``alone`` if there is no manifest at all."""
    if alone:
        message = (
            "No manifest lists the file, and there is none at all: the first run was stopped, or its manifest was lost."
            " Restore runs/ from a backup, or run the same 'taoxi clean' again."
        )
        return Complaint(Kind.MANIFEST, place, message)
    return Remark(
        About.REST,
        f"{place} belongs to no finished run: it is the rest of a run that was stopped, or its manifest was lost."
        " The next run removes it; if you miss a run, restore its manifest first.",
    )


def check_files(case: Case) -> Iterator[Finding]:
    """Compare every listed file with its size, digest and rows; a run is sound if all of its files are."""
    files = [(run, file) for run in case.runs for file in run.listing]
    total = sum(file.bytes for _, file in files)
    damaged: set[int] = set()
    done = 0
    case.progress(Phase.FILES, 0, total)
    for run, file in files:
        wrong = _differs(case, file, done, total)
        if wrong is not None:
            damaged.add(run.number)
            yield Complaint(Kind.FILE, file.path, f"{wrong} {AGAIN}")
        done += file.bytes
        case.figures.files += 1
        case.progress(Phase.FILES, done, total)
    case.figures.bytes = total
    # What a run withdrew of another one is in its ledger only.
    for run in reversed(case.runs):
        if any(later.number in damaged for later in case.withdrawing(run)):
            damaged.add(run.number)
    for run in case.runs:
        run.sound = run.number not in damaged
        if not run.sound:
            message = (
                f"The rows of run {run.number} are not checked, because its files are damaged. Restore them first."
            )
            yield Remark(About.UNCHECKED, message)


def _differs(case: Case, file: OutputFile, done: int, total: int) -> str | None:
    """Return what is wrong with a file."""
    path = case.path / file.path
    digest = hashlib.blake2b()
    size = lines = ends = 0
    last = b""
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                lines += chunk.count(b"\n")
                ends += chunk.count(b"\n\n") + (last == b"\n" and chunk[:1] == b"\n")
                last = chunk[-1:]
                case.progress(Phase.FILES, done + min(size, file.bytes), total)
    except FileNotFoundError:
        return "The file is not there."
    except OSError as error:
        return f"The file cannot be read ({error.strerror})."
    if size != file.bytes:
        return f"The file has {size:,} bytes, and the manifest says {file.bytes:,}."
    if digest.hexdigest() != file.blake2b:
        return "The file is not what the manifest says: its BLAKE2b digest is another one."
    try:
        rows = {".txt": ends, ".jsonl": lines}.get(path.suffix)
        rows = pq.read_metadata(path).num_rows if rows is None else rows
    except (OSError, pa.ArrowException, ValueError) as error:
        return f"The file cannot be read ({str(error).splitlines()[0]})."
    return None if rows == file.rows else f"The file has {rows:,} rows, and the manifest says {file.rows:,}."
