"""What the passes hand to each other: the same whether it stays in memory or goes to the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from taoxi.corpus import Options, clean
from taoxi.corpus.shelf import ROOM, Shelf
from tests.support import files

SAMPLES = Path(__file__).parent.parent / "samples" / "raw"


def _load(path: Path) -> bytes:
    return path.read_bytes()


def _put(shelf: Shelf, name: str, data: bytes) -> None:
    def save(path: Path) -> None:
        path.write_bytes(data)

    shelf.put(name, data, len(data), save)


def _written(shelf: Shelf) -> list[str]:
    return sorted(path.name for path in shelf.folder.iterdir())


def test_what_has_no_room_is_written(tmp_path: Path) -> None:
    """Memory is bounded: what comes when it is full goes to the folder, and is found there."""
    shelf = Shelf(tmp_path, 5)
    for name in ("one", "two", "six"):
        _put(shelf, name, name.encode())
    assert _written(shelf) == ["six", "two"]
    assert [shelf.get(name, _load) for name in ("one", "two", "six")] == [b"one", b"two", b"six"]


def test_what_was_dropped_makes_room(tmp_path: Path) -> None:
    """The room of a thing that is not needed any more, or that was replaced, is for the next one."""
    shelf = Shelf(tmp_path, 5)
    _put(shelf, "one", b"first")
    _put(shelf, "one", b"again")
    assert _written(shelf) == []
    shelf.drop("one")
    _put(shelf, "two", b"two")
    assert _written(shelf) == []
    assert shelf.get("two", _load) == b"two"


@pytest.mark.parametrize(("before", "after"), [(b"small", b"no longer"), (b"no longer", b"small")])
def test_the_last_of_a_name_is_found(tmp_path: Path, before: bytes, after: bytes) -> None:
    """Wherever the one lay that it replaces: in memory or in the folder."""
    shelf = Shelf(tmp_path, 5)
    _put(shelf, "name", before)
    _put(shelf, "name", after)
    assert shelf.get("name", _load) == after


@pytest.mark.parametrize("room", [0, 20_000, 200_000])
def test_a_run_does_not_depend_on_what_fits_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """Nothing, a part or everything in memory: the same bytes come out."""
    outs = []
    for name, size in (("all", ROOM), ("some", room)):
        monkeypatch.setattr("taoxi.corpus.run.ROOM", size)
        clean(Options(inputs=(str(SAMPLES),), out=str(tmp_path / name), batch_bytes=20_000))
        outs.append(files(tmp_path / name))
    assert outs[0] == outs[1]
