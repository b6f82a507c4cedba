"""The fuzz run of the benchmarks finds nothing on a few cases, and does find what is wrong; and what it found once."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from benchmarks import fuzz, injuries, mutations
from taoxi.normalize.formats.blocks import Settings
from taoxi.normalize.inputs import read_input
from taoxi.normalize.model import Block, Source

CASES = 2_000 if os.environ.get("TAOXI_SLOW") else 40


@pytest.mark.parametrize("check", ["decoder", "readers"])
def test_nothing_is_found(check: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code says so, and no folder is left behind."""
    before = signal.getsignal(signal.SIGALRM)
    folder = tmp_path / "found"
    words = ["--seed", "500", "--cases", str(CASES), "--only", check, "--findings", str(folder), "--seconds", "300"]
    try:
        assert fuzz.main(words) == 0, capsys.readouterr().out
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not folder.exists()


def test_a_finding_is_kept_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The input lies in the folder under its seed."""

    def broken(data: bytes, _rng: random.Random, _folder: Path) -> None:
        raise ZeroDivisionError(len(data))

    monkeypatch.setattr(fuzz, "CHECKS", {"decoder": (broken, 1)})
    monkeypatch.setattr(fuzz, "warm", lambda: None)
    before = signal.getsignal(signal.SIGALRM)
    try:
        assert fuzz.main(["--seed", "7", "--cases", "2", "--findings", str(tmp_path)]) == 1
    finally:
        signal.signal(signal.SIGALRM, before)
    name, data = fuzz.case(7)
    assert (tmp_path / f"7-{name}").read_bytes() == data
    assert "Repeat: python -m benchmarks fuzz --seed 7 --cases 1" in capsys.readouterr().out


def test_lost_bytes_are_noticed() -> None:
    """Between spans and behind the last one."""
    assert fuzz.gaps(10, [(0, 4), (2, 5), (6, 8)]) == [(5, 6), (8, 10)]
    assert fuzz.gaps(8, [(6, 8), (0, 6)]) == []


@pytest.mark.parametrize("change", mutations.CHANGES, ids=lambda change: change.__name__)
def test_mutations_take_any_bytes(change: mutations.Change) -> None:
    """Also none at all."""
    for seed in range(20):
        rng = random.Random(seed)
        assert isinstance(change(rng.randbytes(seed), rng, [b"", b"12"]), bytes)


def test_a_record_just_under_the_limit_is_kept_in_blocks_of_any_size(tmp_path: Path) -> None:
    """How much follows it in the same chunk does not count (found by fuzzing)."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + b"word " * 500
    head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    data = (head + body + b"\r\n\r\n") * 4
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    for size in (64, 1_000, 1 << 22):
        settings = Settings(block_bytes=size, max_record=len(data) // 4, max_expand=1 << 30)
        found = list(read_input(Source(str(path), "a.warc", ""), lambda _: 0, settings, lambda _: None))
        blocks = [block for block in found if isinstance(block, Block)]
        assert b"".join(block.data for block in blocks) == data
        assert not any(block.gaps for block in blocks)


# The judge of the benchmark of encodings


def injured(text: str, touched: str) -> injuries.Injured:
    """Return a text of which the characters marked X are touched."""
    whole = [mark != "X" for mark in touched]
    return injuries.Injured(b"", text, whole, [True] * len(text), [3] * len(text) + [0])


@pytest.mark.parametrize(
    ("touched", "read", "strict", "apart"),
    [
        (".....", "甲乙丙丁戊", True, True),
        ("..X..", "甲乙丁戊", True, True),
        ("..X..", "甲乙\ufffd丁戊", True, True),
        ("..X..", "甲乙\ufffd\ufffd\ufffd\ufffd丁戊", False, True),
        ("..X..", "甲丙\ufffd丁戊", False, True),
        ("..X..", "丙乙\ufffd丁戊", False, False),
        ("..X..", "甲乙\ufffd戊戊", False, True),
        ("..X..", "甲乙\ufffd丁戊" + "戊" * 9, False, False),
        ("X....", "\ufffd乙丙丁戊", True, True),
        ("....X", "甲乙丙丁", True, True),
    ],
)
def test_the_judge_counts_what_was_not_touched(touched: str, read: str, *, strict: bool, apart: bool) -> None:
    """Exactly and in order; beside the damage it may be lenient."""
    case = injured("甲乙丙丁戊", touched)
    assert injuries.is_right(case, read) is strict
    assert injuries.is_right(case.apart(), read) is apart


def test_the_judge_looks_at_every_place_where_a_stretch_may_stand() -> None:
    """The first one that fits may leave too little for the rest."""
    case = injured("的甲的乙", "X...")
    assert injuries.is_right(case, "的甲的甲的乙") is True


@pytest.mark.parametrize("encoding", ["hz", "iso2022_jp", "iso2022_kr"])
def test_a_hit_escape_touches_its_run(encoding: str) -> None:
    """What an escape had told is known again from the next one on; the characters themselves are whole."""
    text = {"hz": "ok 政府工作 ok", "iso2022_jp": "ok 時計屋 ok", "iso2022_kr": "ok 주민들 ok"}[encoding]
    seeds = (injuries.injure(text, encoding, "bad byte", random.Random(seed)) for seed in range(60))
    hit = [case for case in seeds if not all(case.told)]
    assert hit
    for case in hit:
        place = case.told.index(False)
        assert not case.whole[place]
        assert case.told[0] or place == 0
