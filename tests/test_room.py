"""Arrays of a run: in memory while they are small, mapped from files of its folder when they are not."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from taoxi.dedup import judge as module
from taoxi.dedup.room import Room
from tests.test_judge import a_case

PROC = Path("/proc/self/maps")


def mapped(folder: Path) -> int:
    """Return how many bytes of files in a folder this process has mapped."""
    lines = [line for line in PROC.read_text(encoding="utf-8").splitlines() if str(folder) in line]
    spans = [[int(end, 16) for end in line.split()[0].split("-")] for line in lines]
    return sum(end - start for start, end in spans)


def test_small_arrays_are_in_memory_and_large_ones_mapped(tmp_path: Path) -> None:
    """An array for which no memory is left is mapped; either is of zeros, is written to, and leaves no file."""
    room = Room(tmp_path, held=1000)
    small, large, rest = room.zeros(100, np.int64), room.zeros((2, 5000), np.int32), room.zeros(25, np.int64)
    for array in (small, large, rest):
        assert not array.any()
        array[:] = 7
        assert (array == 7).all()
        assert type(array) is np.ndarray
    assert list(tmp_path.iterdir()) == []
    if PROC.exists():
        assert mapped(tmp_path) == 40_960
        del array, large
        assert mapped(tmp_path) == 0


def test_without_a_folder_all_is_in_memory() -> None:
    """Nothing is written where there is no folder to write to, and an empty array needs none."""
    assert len(Room(held=0).zeros((3, 10), np.int64)) == 3
    assert Room(Path("/nowhere"), held=0).zeros(0, np.int64).tolist() == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system reserves no room in files")
def test_a_full_disk_is_an_error_and_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is reserved before a file is mapped: who writes to a page that the disk cannot take would be killed."""

    def full(_file: int, _start: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="space"):
        Room(tmp_path, held=0).zeros(10, np.int64)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_reserved_zeros_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has its blocks then as well."""
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    array = Room(tmp_path, held=0).zeros((3, 1 << 18), np.int32)
    assert array.shape == (3, 1 << 18)
    assert not array.any()


def test_the_judge_keeps_no_large_table_in_memory(tmp_path: Path) -> None:
    """What the judge makes of each document is asked of the room: of a large run nothing of it stays in memory."""
    taken = []

    class Counting(Room):
        def zeros(self, shape: int | tuple[int, ...], kind: DTypeLike) -> NDArray[Any]:
            array = super().zeros(shape, kind)
            taken.append(array.nbytes)
            return array

    case = a_case(1)
    verdicts = module.judge(
        case.order,
        case.tokens,
        case.exact,
        case.signatures,
        case.shared(),
        0.7,
        room=Counting(tmp_path, held=0),
    )
    assert sum(taken) >= 900 * len(case.order)
    assert verdicts.verdict.nbytes == len(case.order)
