"""Turn what a person names (files, folders, patterns, ``-``) into the ordered list of sources of a run."""

# Paths stay the strings that the system gave: pathlib folds some of them, and costs time per file of a large dump.
# ruff: noqa: PTH100, PTH110, PTH112, PTH114, PTH116, PTH118, PTH120, PTH206, PTH208

from __future__ import annotations

import fnmatch
import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from taoxi.normalize.model import Source

STDIN = "-"
"""What names standard input among the inputs."""

_DIGITS = re.compile(r"([0-9]+)")


class MissingInputError(FileNotFoundError):
    """An input names nothing that exists; the message ends with what to do."""


NaturalKey = tuple[tuple[tuple[str | int, ...], ...], str]


def natural_key(name: str) -> NaturalKey:
    """Return what ``name`` is sorted by: folder by folder, digits as numbers, all else by code point.

    >>> sorted(["a/10", "a/9", "a-b", "a/09"], key=natural_key)
    ['a/09', 'a/9', 'a/10', 'a-b']
    """
    parts = tuple(
        tuple(int(token) if place % 2 else token for place, token in enumerate(_DIGITS.split(part)))
        for part in name.split("/")
    )
    return parts, name


def expand(inputs: Sequence[str], skip: Path | None = None) -> list[Source]:
    """List every source that ``inputs`` name, each once, in natural path order.

    The order and the names do not depend on the order of ``inputs``. Folders are walked whole, symbolic links to
    folders too; a folder that was already walked under its own name is not walked again through a link. What
    cannot be read (a loop of links, a folder without permission, a socket) is in the list with ``error`` set,
    and hidden files and folders with ``hidden``, so that both get their entry.

    Args:
        inputs: paths, patterns (``*``, ``?``, ``[]``, ``**``) or ``-``; what exists is never taken for a pattern.
        skip: the output of the run, a file or folder, which is left out wherever it is met.

    Raises:
        MissingInputError: if a path does not exist or a pattern matches nothing.
    """
    walk = _Walk(skip)
    for given in inputs:
        walk.add(given)
    walk.follow_links()
    return sorted(walk.found.values(), key=lambda source: _rank(source.name, source.path))


def printable(path: str) -> str:
    r"""Return ``path`` in valid UTF-8 with ``/`` between folders; other bytes stand in it as ``\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace").replace(os.sep, "/")


@dataclass(frozen=True, slots=True)
class _Place:
    """A path as the system opens it, as people read it, and as duplicates of it are told."""

    path: str
    name: str
    key: str

    @classmethod
    def of(cls, path: str) -> _Place:
        """Return the place that a person named."""
        folder, last = os.path.split(path)
        real = os.path.realpath(folder)
        if os.pardir in path.split(os.sep) and real != os.path.realpath(os.path.normpath(folder)):
            # Folding `a/../b` into `b` is wrong where `a` is a link, so such a path keeps its form.
            return cls(path, printable(path), os.path.join(real, last))
        return cls(path, printable(os.path.normpath(path)), os.path.abspath(path))

    def child(self, name: str) -> _Place:
        """Return the place of an entry of this folder."""
        prefix = "" if self.name == "." else self.name.rstrip("/") + "/"
        return _Place(os.path.join(self.path, name), prefix + printable(name), os.path.join(self.key, name))


class _Walk:
    """What was found so far, by normalized path."""

    def __init__(self, skip: Path | None) -> None:
        self.found: dict[str, Source] = {}
        self.links: list[tuple[_Place, bool]] = []
        self.walked: set[tuple[int, int]] = set()
        self.skip = None if skip is None else os.path.abspath(skip)
        self.skip_id = None if skip is None else _identity(os.fspath(skip))

    def add(self, given: str) -> None:
        """Add what one input names."""
        if given == STDIN:
            self.found[STDIN] = Source(path=STDIN, name=STDIN, folder="")
        elif os.path.lexists(given):
            self._add_place(_Place.of(given), explicit=True)
        elif not glob.has_magic(given):
            raise MissingInputError(f"The input {printable(given)!r} does not exist. Check its path and spelling.")
        else:
            matches = list(self._matches(given))
            if not matches:
                raise MissingInputError(
                    f"The pattern {printable(given)!r} matches nothing."
                    " Check it, or name the folder: all in it is read."
                )
            for path in matches:
                self._add_place(_Place.of(path), explicit=False)

    def follow_links(self) -> None:
        """Walk the folders that links lead to, once all folders were walked under their own names."""
        while self.links:
            links = sorted(self.links, key=lambda link: natural_key(link[0].name))
            self.links = []
            for place, explicit in links:
                if not explicit and _leads_up(place.path):
                    self._fail(
                        place,
                        "This symbolic link leads back to a folder that it lies in; following it would never end."
                        " Remove the link.",
                    )
                elif _identity(place.path) not in self.walked:
                    self._walk(place, again=False)

    def _add_place(self, place: _Place, *, explicit: bool) -> None:
        if self._is_skipped(place):
            return
        try:
            status = os.stat(place.path)
        except OSError as error:
            self._fail(place, _reason(error, place.path))
            return
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            if os.path.islink(place.path):
                self.links.append((place, explicit))
            else:
                self._walk(place, again=True)
        elif stat.S_ISREG(mode):
            self._keep(place, size=status.st_size)
        elif explicit and not stat.S_ISSOCK(mode):
            self._keep(place)
        else:
            self._fail(place, f"This is a {_kind(mode)}, not a file. Take it out of the input, or name it itself.")

    def _walk(self, root: _Place, *, again: bool) -> None:
        """Find all that lies below a folder; ``again`` allows folders that were walked already."""
        folders = [root]
        while folders:
            folder = folders.pop()
            identity = _identity(folder.path)
            if self._is_skipped(folder) or (identity in self.walked and not again):
                continue
            if identity is not None:
                self.walked.add(identity)
            try:
                with os.scandir(folder.path) as entries:
                    listed = list(entries)
            except OSError as error:
                self._fail(folder, _reason(error, folder.path))
                continue
            for entry in listed:
                place = folder.child(entry.name)
                if entry.name.startswith("."):
                    if not self._is_skipped(place):
                        self._keep(place, hidden=True)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(place)
                else:
                    self._add_place(place, explicit=False)

    def _matches(self, pattern: str) -> Iterator[str]:
        """Yield the paths that a pattern matches; hidden names only where the pattern spells the dot."""
        drive, rest = os.path.splitdrive(pattern)
        root = drive + os.sep if rest.startswith(os.sep) else drive
        found = [root]
        parts = [part for part in rest.split(os.sep) if part]
        for place, part in enumerate(parts):
            if part != "**":
                found = [path for folder in found for path in _children(folder, part)]
            elif place + 1 < len(parts):
                found = [path for folder in found for path in self._folders(folder)]
        yield from (path or os.curdir for path in found)

    def _folders(self, root: str) -> Iterator[str]:
        """Yield ``root`` and all folders below it, those behind links after all others and each once."""
        seen = set()
        folders, links = [root or os.curdir], list[str]()
        while folders or links:
            if not folders:
                links.sort(key=lambda path: natural_key(printable(path)), reverse=True)
                folders.append(links.pop())
            folder = folders.pop()
            identity = _identity(folder)
            if identity in seen:
                continue
            seen.add(identity)
            yield folder
            for path in _children(folder, "*"):
                if not os.path.islink(path):
                    folders += [path] if os.path.isdir(path) else []
                elif os.path.isdir(path):
                    if _leads_up(path):
                        self._add_place(_Place.of(path), explicit=False)
                    else:
                        links.append(path)

    def _is_skipped(self, place: _Place) -> bool:
        if self.skip is None:
            return False
        if place.key == self.skip or place.key.startswith(self.skip + os.sep):
            return True
        return self.skip_id is not None and os.path.isdir(place.path) and _identity(place.path) == self.skip_id

    def _keep(self, place: _Place, *, size: int = -1, hidden: bool = False, error: str | None = None) -> None:
        known = self.found.get(place.key)
        if known is not None and _rank(known.name, known.path) <= _rank(place.name, place.path):
            return
        folder = place.name.rpartition("/")[0]
        self.found[place.key] = Source(place.path, place.name, folder, size=size, hidden=hidden, error=error)

    def _fail(self, place: _Place, error: str) -> None:
        self._keep(place, error=error)


def _rank(name: str, path: str) -> tuple[NaturalKey, str]:
    return natural_key(name), path


def _children(folder: str, pattern: str) -> list[str]:
    """Return what one part of a pattern matches in a folder; a folder that cannot be read is its own match."""
    if not glob.has_magic(pattern):
        path = os.path.join(folder, pattern)
        return [path] if os.path.lexists(path) else []
    try:
        names = os.listdir(folder or os.curdir)
    except NotADirectoryError:
        return []
    except OSError:
        return [folder]
    match = re.compile(fnmatch.translate(pattern)).match
    return [
        os.path.join(folder, name) for name in names if match(name) and (pattern[0] == "." or not name.startswith("."))
    ]


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _leads_up(link: str) -> bool:
    """Whether a link to a folder leads to one that the link itself lies in."""
    target = os.path.realpath(link)
    here = os.path.realpath(os.path.dirname(link) or os.curdir)
    return here == target or here.startswith(target.rstrip(os.sep) + os.sep)


def _reason(error: OSError, path: str) -> str:
    """Return the sentence for a path that the system does not let us look at."""
    if os.path.islink(path) and not os.path.exists(path):
        return "This symbolic link leads nowhere. Restore its target or remove the link."
    if isinstance(error, PermissionError):
        return "Reading it is not permitted. Change its permissions or run as a user who may read it."
    return f"It cannot be read ({error.strerror}). Check the path and the disk, then run again."


def _kind(mode: int) -> str:
    for test, kind in ((stat.S_ISFIFO, "named pipe"), (stat.S_ISSOCK, "socket")):
        if test(mode):
            return kind
    return "device"
