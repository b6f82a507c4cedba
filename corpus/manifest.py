"""The manifests of a folder: which runs are finished, which files are theirs.

Format 1. A run exists iff ``runs/RUN.json`` does; it lists every file of the run with size, rows and BLAKE2b digest.
A manifest that says ``"replaces": true`` makes all earlier runs void. One with ``"withdraws"`` names files of earlier
runs, each with the file that it lists in its place. Its own digest, of all that stands before it, is its last word.
Clocks and machines are not mentioned, so that equal input and options give equal manifests.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from taoxi.corpus.files import publish
from taoxi.corpus.options import Options, OutputError
from taoxi.normalize.sources import printable

FORMAT = 1
FOLDERS = ("corpus", "removed", "sources", "chrome")

_NAME = re.compile(r"[0-9]{6,}(?:-[0-9]{5,})?\.(?:parquet|jsonl|txt|json)")
"""The names that runs give to their files: what else a person keeps in the folders is not theirs to remove."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A finished file of a run, with its place in the folder."""

    path: str
    rows: int
    bytes: int
    blake2b: str


def describe(path: Path, name: str, rows: int) -> OutputFile:
    """Measure a file that is about to be published as ``name``."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "blake2b").hexdigest()
    return OutputFile(name, rows, path.stat().st_size, digest)


def runs(out: Path) -> list[int]:
    """Return the numbers of the finished runs that are in force."""
    numbers = sorted(int(path.stem) for path in _manifests(out))
    for place in range(len(numbers) - 1, -1, -1):
        if read(out, numbers[place]).get("replaces"):
            return numbers[place:]
    return numbers


def read(out: Path, run: int) -> dict[str, Any]:
    """Read the manifest of a run.

    Raises:
        OutputError: if it is damaged or of another format.
    """
    path = out / "runs" / f"{run:06}.json"
    try:
        raw = path.read_bytes()
        manifest = orjson.loads(raw)
    except (OSError, orjson.JSONDecodeError) as error:
        raise OutputError(
            f"{path} is damaged ({error}). Restore it from a backup, or clean into another folder."
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise OutputError(
            f"{path} has a format that this version does not know. Update taoxi, or choose another folder."
        )
    if not is_whole(raw):
        raise OutputError(
            f"{path} is not what its own digest says: it is damaged or was edited. Restore it from a backup."
        )
    return manifest


def listing(manifests: Iterable[dict[str, Any]]) -> dict[int, list[OutputFile]]:
    """Return the files of each run that are there, in the order of their rows.

    A file in the place of another one belongs to the run of that one.

    Args:
        manifests: those of the runs in force, ascending.
    """
    found: dict[int, list[OutputFile]] = {}
    for manifest in manifests:
        files = {file["path"]: OutputFile(**file) for file in manifest["files"]}
        withdraws = manifest.get("withdraws", {})
        instead = {old: files.pop(new) for old, new in withdraws.items() if new in files}
        for run, others in found.items():
            found[run] = [instead.get(file.path, file) for file in others]
        found[manifest["run"]] = list(files.values())
    return found


def withdrawing(manifests: Iterable[dict[str, Any]], run: int) -> list[int]:
    """Return the runs that put files in the place of those of a run: what they took out is in their ledgers only."""
    own = f"corpus/{run:06}-"
    return [found["run"] for found in manifests if any(name.startswith(own) for name in found.get("withdraws", ()))]


def sweep(out: Path) -> None:
    """Remove files that no run in force lists: the rests of runs that died, or that were replaced.

    Raises:
        OutputError: if a file that a run lists is missing. A manifest may have been lost by which another one stands in
            its place: nothing is removed then.
    """
    valid = runs(out)
    listed = {file.path for files in listing(read(out, run) for run in valid).values() for file in files}
    missing = sorted(path for path in listed if not (out / path).exists())
    if missing:
        raise OutputError(
            f"{out / missing[0]} is not there, and a run of the folder lists it, so nothing is written."
            f" 'taoxi verify {out}' names all that is damaged; restore it from a backup."
        )
    for path in [p for folder in FOLDERS for p in (out / folder).glob("*") if _NAME.fullmatch(p.name)]:
        if path.relative_to(out).as_posix() not in listed:
            path.unlink()
    for path in _manifests(out):
        if int(path.stem) not in valid:
            path.unlink()


def parts(out: Path, run: str) -> list[int]:
    """Return the numbers of the parts of a run's corpus that lie in a folder."""
    paths = [path for path in (out / "corpus").glob(f"{run}-*") if _NAME.fullmatch(path.name)]
    return [int(path.stem.partition("-")[2]) for path in paths]


def _manifests(out: Path) -> list[Path]:
    return [path for path in (out / "runs").glob("*.json") if _NAME.fullmatch(path.name)]


def write(
    out: Path,
    staging: Path,
    run: int,
    options: Options,
    files: Iterable[OutputFile],
    counts: dict[str, Any],
    command: str,
    *,
    replaces: bool,
    more: Mapping[str, Any],
) -> None:
    """Write the manifest of a run: its commit. ``more`` are keys that only some runs have."""
    manifest = {
        "format": FORMAT,
        "taoxi": version("taoxi"),
        "run": run,
        "command": command,
        "replaces": replaces,
        "options": options.identity(),
        "inputs": [printable(name) for name in options.inputs],
        "counts": counts,
        **more,
        "files": [{name: getattr(file, name) for name in OutputFile.__slots__} for file in files],
    }
    staged = staging / "manifest.json"
    staged.write_bytes(_dumped({**manifest, "blake2b": _digest(manifest)}))
    publish(staged, out / "runs" / f"{run:06}.json")


def is_whole(raw: bytes) -> bool:
    """Whether the bytes of a manifest, which can be parsed, are those that were written."""
    content = orjson.loads(raw)
    own = content.pop("blake2b", None) if isinstance(content, dict) else None
    return own is not None and own == _digest(content) and raw == _dumped({**content, "blake2b": own})


def _digest(content: dict[str, Any]) -> str:
    return hashlib.blake2b(_dumped(content)).hexdigest()


def _dumped(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
