"""Time detection and decoding on one core: large files of each codec, and many small files of one folder.

Large files are detected by their head and decoded with what it says, as a run does; of the small ones the neighbours
are known from the second on. The text is that of ``benchmarks/texts``, lines shuffled; the minimum of several rounds
counts.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence

from benchmarks.encodings import TEXTS, sections, stretch
from benchmarks.processes import last_core, pinned
from benchmarks.tables import markdown

MB = 1e6
HEAD = 1 << 20
CODECS = (
    ("zh-hans", "utf-8"),
    ("zh-hans", "gb18030"),
    ("zh-hant", "big5hkscs"),
    ("ja", "cp932"),
    ("ja", "euc_jp"),
    ("ko", "cp949"),
    ("zh-hans", "utf-16-le"),
    ("ru", "cp1251"),
)
FILE = 3_000
"""Bytes of a small file."""


def text_of(language: str, length: int, rng: random.Random) -> str:
    """Return so many characters of a language."""
    whole = "".join(sections(TEXTS / f"{language}.txt").values())
    return "".join(stretch(whole, 1_000, rng) for _ in range(length // 1_000))


def fastest(function: Callable[[], object], rounds: int) -> float:
    """Return the least processor seconds of a call, which company on the machine changes less than the others."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        function()
        best = min(best, time.process_time() - begin)
    return best


def read(data: bytes) -> object:
    """Detect and decode a file as a run does."""
    from taoxi.normalize.encodings.decoding import decode, detect  # noqa: PLC0415 - imported on the pinned core

    return decode(data, detect(data[:HEAD], eof=len(data) <= HEAD))


def read_folder(files: Sequence[bytes]) -> float:
    """Detect and decode the files of a folder; return the most seconds that one of them took."""
    from taoxi.normalize.encodings.decoding import decode, detect  # noqa: PLC0415 - as above
    from taoxi.normalize.encodings.neighbours import Neighbours  # noqa: PLC0415 - as above

    known = Neighbours()
    most = 0.0
    for data in files:
        begin = time.process_time()
        encoding = detect(data, eof=True, prior=known.prior("folder"))
        known.add("folder", encoding, data)
        decode(data, encoding)
        most = max(most, time.process_time() - begin)
    return most


def main(arguments: Sequence[str]) -> int:
    """Run the command ``decoding-cost``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks decoding-cost", description=__doc__)
    parser.add_argument("--core", type=int, default=last_core(), help="the core to run on (default: the last)")
    parser.add_argument("--megabytes", type=float, default=20, help="size of a large file (default: 20)")
    parser.add_argument("--files", type=int, default=10_000, help="small files (default: 10,000)")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions, of which the fastest counts")
    args = parser.parse_args(arguments)
    rng = random.Random(1)
    rows = []
    with pinned(args.core):
        for language, encoding in CODECS:
            sample = text_of(language, 200_000, rng).encode(encoding, "ignore")
            for size in (120_000, int(args.megabytes * MB)):
                data = (sample * (size // len(sample) + 1))[:size].decode(encoding, "ignore").encode(encoding)
                for kind, damaged in (
                    ("whole", data),
                    ("a bad byte", data[: len(data) // 2] + b"\xff" + data[len(data) // 2 :]),
                ):
                    seconds = fastest(lambda damaged=damaged: read(damaged), args.rounds)  # type: ignore[misc]
                    rows.append([f"{encoding}, {kind}", f"{size / MB:.2f}", f"{size / MB / seconds:,.0f}"])
        small = text_of("zh-hans", 400_000, rng)
        starts = [rng.randrange(len(small) - FILE) for _ in range(args.files)]
        files = [small[start : start + FILE // 2].encode("gb18030") for start in starts]
        alone = fastest(lambda: [read(data) for data in files[: args.files // 10]], args.rounds)
        begin = time.process_time()
        worst = read_folder(files)
        together = time.process_time() - begin
    print(markdown(["file", "MB", "MB/s"], rows))
    print(f"\n{args.files:,} files of {len(files[0]):,} bytes in GB18030, detection and decoding together:")
    print(f"  in one folder {together / args.files * 1e3:.3f} ms a file, {worst * 1e3:.1f} ms the slowest")
    print(f"  each by itself {alone / (args.files // 10) * 1e3:.3f} ms a file")
    return 0
