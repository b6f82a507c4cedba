"""A source gives its decompressed bytes, all that stand before any damage."""

from __future__ import annotations

import bz2
import errno
import gzip
import hashlib
import io
import lzma
import os
import random
import sys
import threading
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.containers import opening
from taoxi.normalize.containers.compression import Compression, compression_of
from taoxi.normalize.containers.opening import Opened, open_source
from taoxi.normalize.model import Problem, Source

TEXT = "".join(random.Random(1).choices("abcdefghijklmnop \n政府工作报告经济发展", k=300_000)).encode()
"""More than a block of every compression, and hard to compress."""


def zst(data: bytes) -> bytes:
    """Return one zstd frame."""
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zst}
each = pytest.mark.parametrize("name", PACK)


def source_of(path: Path) -> Source:
    """Return the source of a file."""
    return Source(str(path), path.name, "", size=path.stat().st_size)


def opened(path: Path, step: int = 1 << 20) -> tuple[bytes, Opened]:
    """Read a file to its end in steps, and return its bytes and what is known of it."""
    with open_source(source_of(path)) as source:
        parts = []
        while part := source.read(step):
            parts.append(part)
        source.finish()
    return b"".join(parts), source


def stored(tmp_path: Path, data: bytes) -> Path:
    """Return a file that holds ``data`` under a name that says nothing."""
    path = tmp_path / "source"
    path.write_bytes(data)
    return path


@given(
    data=st.binary(max_size=5_000),
    steps=st.lists(st.integers(1, 400), min_size=1),
    name=st.sampled_from(["", *PACK]),
    parts=st.integers(1, 3),
)
@settings(deadline=None, max_examples=60)
def test_reads_of_any_size_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, steps: list[int], name: str, parts: int
) -> None:
    """Each read gives what was asked for until the end, streams in a row are one, and peeking takes nothing."""
    raw = b"".join(map(PACK[name], [data] * parts)) if name else data * parts
    path = stored(tmp_path_factory.mktemp("any"), raw)
    if not name and compression_of(data) is not None:
        return
    whole = data * parts
    with open_source(source_of(path)) as source:
        position = 0
        while position < len(whole):
            for step in steps:
                assert source.peek(2 * step) == whole[position : position + 2 * step]
                assert source.read(step) == whole[position : position + step]
                position += step
        assert source.read(1) == b""
        source.finish()
    assert (source.raw_bytes, source.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert source.problems == []


@each
def test_compression_is_known_by_content(tmp_path: Path, name: str) -> None:
    """The name plays no part."""
    data, source = opened(stored(tmp_path, PACK[name](TEXT)))
    assert data == TEXT
    assert source.compression == name
    assert source.problems == []


def test_what_only_looks_compressed_is_plain() -> None:
    """A text that begins like a stream of bzip2 is a text."""
    assert compression_of(b"BZhou Enlai was the first premier") is None
    assert compression_of(b"") is None


def test_a_skippable_frame_may_come_first(tmp_path: Path) -> None:
    """Some writers of zstd begin with a frame of their own data."""
    frame = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"abcd"
    data, source = opened(stored(tmp_path, frame + zst(TEXT)))
    assert (data, source.problems) == (TEXT, [])


@each
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97, 1])
def test_a_truncated_stream_gives_what_it_holds(tmp_path: Path, name: str, share: float) -> None:
    """All that can be decoded before the cut is there, and the problem says where it broke off."""
    raw = PACK[name](TEXT)
    cut = raw[: int(len(raw) * share) - 1]
    data, source = opened(stored(tmp_path, cut))
    assert TEXT.startswith(data)
    assert len(data) == decodable(Compression(name), cut)
    assert source.problems == [
        Problem(
            "source",
            f"The {name} stream is cut short: it ends in the middle, after {len(cut):,} compressed bytes."
            " What came before was read; fetch the file again for the rest.",
            len(data),
        )
    ]
    assert source.sha256 == hashlib.sha256(cut).hexdigest()


def decodable(compression: Compression, raw: bytes) -> int:
    """Return how many bytes a decoder gives that gets its input byte by byte."""
    if compression is Compression.ZST:
        return sum(size for _, size in zst_blocks(raw))
    decoder: Any
    if compression is Compression.GZ:
        import zlib

        decoder = zlib.decompressobj(wbits=31)
    else:
        decoder = bz2.BZ2Decompressor() if compression is Compression.BZ2 else lzma.LZMADecompressor()
    return sum(len(decoder.decompress(raw[place : place + 1])) for place in range(len(raw)))


def zst_blocks(raw: bytes) -> list[tuple[int, int]]:
    """Return offset and decoded size of each whole block of a frame, by RFC 8878."""
    descriptor = raw[4]
    single = descriptor >> 5 & 1
    place = 5 + (1 - single) + (0, 1, 2, 4)[descriptor & 3] + ((1 if single else 0), 2, 4, 8)[descriptor >> 6]
    blocks = []
    left = len(TEXT)
    while place + 3 <= len(raw):
        header = int.from_bytes(raw[place : place + 3], "little")
        end = place + 3 + (header >> 3)
        if end > len(raw):
            break
        size = min(left, 128 << 10)
        left -= size
        blocks.append((place, size))
        place = end
        if header & 1:
            break
    return blocks


def test_damage_inside_zstd_costs_no_block_before_it(tmp_path: Path) -> None:
    """The library drops what it decoded in the call that fails; we do not."""
    raw = bytearray(zst(TEXT))
    blocks = zst_blocks(bytes(raw))
    sizes = list(accumulate((size for _, size in blocks), initial=0))
    for number, (place, _) in enumerate(blocks):
        damaged = bytearray(raw)
        damaged[place] |= 0b110  # the type of block that is reserved
        data, source = opened(stored(tmp_path, bytes(damaged)))
        assert data == TEXT[: sizes[number]]
        (problem,) = source.problems
        assert problem.byte == len(data)
        assert problem.message.startswith("The zst stream is damaged near its compressed byte ")
        assert problem.message.endswith(" What came before was read; fetch the file again for the rest.")


@pytest.mark.parametrize("name", ["gz", "bz2", "xz"])
def test_a_wrong_checksum_costs_nothing(tmp_path: Path, name: str) -> None:
    """When only the last check fails, all of the text is there, and the problem too."""
    raw = bytearray(PACK[name](TEXT))
    place = {"gz": -6, "bz2": -3, "xz": -3}[name]
    raw[place] ^= 0xFF
    data, source = opened(stored(tmp_path, bytes(raw)))
    assert data == TEXT
    assert len(source.problems) == 1
    assert source.problems[0].byte == len(TEXT)


@pytest.mark.parametrize("name", ["gz", "xz"])
def test_damage_inside_a_stream_costs_nothing_before_it(tmp_path: Path, name: str) -> None:
    """What these decoders give byte by byte up to the damage is given at full speed too."""
    raw = bytearray(PACK[name](TEXT))
    for place in range(len(raw) // 3, len(raw) // 3 + 40):
        raw[place] ^= 0x5A
    data, source = opened(stored(tmp_path, bytes(raw)))
    assert data[: len(TEXT) // 4] == TEXT[: len(TEXT) // 4]
    assert len(source.problems) == 1


@each
def test_zeros_behind_a_stream_are_padding(tmp_path: Path, name: str) -> None:
    """Tapes and disk images fill up the last block; only zstd's reader cannot tell."""
    data, source = opened(stored(tmp_path, PACK[name](TEXT) + bytes(1_000)))
    assert data == TEXT
    assert len(source.problems) == (name == "zst")


@each
def test_garbage_behind_a_stream_is_told(tmp_path: Path, name: str) -> None:
    """The text is whole, and what was left out is said."""
    raw = PACK[name](TEXT)
    data, source = opened(stored(tmp_path, raw + b"this is no such stream at all"))
    assert data == TEXT
    (problem,) = source.problems
    assert problem.byte == len(TEXT)
    assert problem.message.startswith(f"Behind the {name} stream, from about compressed byte {len(raw) // 1_000}")
    assert problem.message.endswith(
        " on, stand bytes that are no such stream; they were left out. If they are data, cut them off into a file of"
        " their own."
    )


@each
def test_a_stream_from_a_pipe_is_decompressed(tmp_path: Path, name: str) -> None:
    """What cannot be opened twice is read as well, and when it is cut short nearly all of it is there."""
    raw = PACK[name](TEXT)
    for cut in (len(raw), len(raw) - 100):
        pipe = tmp_path / f"pipe{cut}"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(raw[:cut],))
        writer.start()
        with open_source(Source(str(pipe), "pipe", "")) as source:
            data = source.read(len(TEXT) + 1)
            source.finish()
        writer.join()
        assert TEXT.startswith(data)
        if cut == len(raw):
            assert (data, source.problems) == (TEXT, [])
        elif name in {"gz", "xz"}:
            assert len(data) > 0.99 * len(TEXT)
        assert source.sha256 == hashlib.sha256(raw[:cut]).hexdigest()


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash is what the process gets, compressed or not."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT))))
    with open_source(Source("-", "-", "")) as source:
        assert source.read(len(TEXT) + 1) == TEXT
        source.finish()
    assert source.problems == []


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may be started without one."""
    monkeypatch.setattr(sys, "stdin", None)
    with open_source(Source("-", "-", "")) as source:
        assert source.failed
        assert source.read(10) == b""
    assert source.problems == [
        Problem("-", "It cannot be opened (standard input is closed). Check the path and the disk, then run again.")
    ]


def test_a_file_that_grows_is_told(tmp_path: Path) -> None:
    """What was added is read as far as it was there, and a person learns of it."""
    path = stored(tmp_path, b"one\n" * 1_000_000)
    with open_source(source_of(path)) as source:
        first = source.read(1_000)
        with path.open("ab") as file:
            file.write(b"two\n")
        data = first + source.read(1 << 30)
        source.finish()
    assert data == path.read_bytes()
    assert source.problems == [
        Problem(
            "source",
            "The file changed while it was read: it had 4,000,000 bytes at first, 4,000,004 in the end, and 4,000,004"
            " were read. Run again when nothing writes to it any more.",
        )
    ]


def test_a_file_that_shrinks_is_told(tmp_path: Path) -> None:
    """What is gone is gone, and a person learns of it."""
    path = stored(tmp_path, b"one\n" * 1_000_000)
    with open_source(source_of(path)) as source:
        data = source.read(1_000)
        os.truncate(path, 2_000_000)
        data += source.read(1 << 30)
        source.finish()
    assert data == path.read_bytes()
    assert source.problems == [
        Problem(
            "source",
            "The file changed while it was read: it had 4,000,000 bytes at first, 2,000,000 in the end, and 2,000,000"
            " were read. Run again when nothing writes to it any more.",
        )
    ]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied"),
            "Reading it is not permitted. Change its permissions or run as a user who may read it.",
        ),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory"),
            "It cannot be opened (No such file or directory). Check the path and the disk, then run again.",
        ),
    ],
)
def test_a_file_that_does_not_open_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, message: str
) -> None:
    """Nothing is raised: the source has its problem and no bytes."""
    source = source_of(stored(tmp_path, b"x"))

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(opening, "open", refuse, raising=False)
    with open_source(source) as found:
        assert (found.failed, found.peek(10), found.read(10)) == (True, b"", b"")
        found.finish()
    assert found.sha256 is None
    assert found.problems == [Problem("source", message)]


def test_a_disk_that_fails_in_the_middle_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came before is read, the place is named, and there is no hash of half a file."""
    path = stored(tmp_path, b"x" * 5_000_000)

    class Failing(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError(errno.EIO, "Input/output error")
            return super().read(size) or b""

    monkeypatch.setattr(opening, "open", lambda name, *_, **__: Failing(name), raising=False)
    data, source = opened(path)
    assert data == b"x" * opening.FIRST_CHUNK
    assert source.sha256 is None
    assert source.problems == [
        Problem(
            "source",
            "Reading stopped (Input/output error); what came before was read. Check the disk or the network, then run"
            " again.",
            opening.FIRST_CHUNK,
        )
    ]


def test_a_bomb_unfolds_in_steps(tmp_path: Path) -> None:
    """A read takes what it was asked for, not what the stream could give."""
    path = stored(tmp_path, gzip.compress(bytes(200 << 20), 9))
    with open_source(source_of(path)) as source:
        assert source.read(1_000) == bytes(1_000)
        assert source.raw_bytes <= opening.FIRST_CHUNK
