"""Feed the decoder, the readers of all formats and whole runs with damaged input, and look for what may not happen.

May not happen, whatever the bytes: an exception, a case that takes longer than it may, memory that grows with what is
hostile, a byte of a source that is in no document, no row of the ledger and no gap, and a result that depends on the
size of the blocks. What is found is written into a folder, with the command that repeats it. Inputs are made in code
and damaged in ways that parsers know (``mutations``), from a seed, so that a run can be repeated.
"""

from __future__ import annotations

import argparse
import bz2
import faulthandler
import gzip
import lzma
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.mutations import MOST, Maker, mutated

SECONDS = 10.0
"""What a case may take. Most take some milliseconds; the longest of 400 KB some hundreds."""

MEGABYTES = 1_500
"""What the process may have in memory at most; it has 400 to 700, by the allocators of Arrow and of Python."""

EXPAND = 8 << 20
"""Bytes that an input may become."""

Row = tuple[str, int | None, int, int, str | None]
"""Kind, record, start, end and text of a document or of a row of the ledger."""


class FindingError(AssertionError):
    """Something happened that may not."""


class TooLongError(BaseException):
    """A case took too long; no handler of errors may take it for one of its own."""


def check_decoder(data: bytes, rng: random.Random, _folder: Path) -> None:
    """Decode bytes under any hint: lines, bad bytes and spans have to agree with them."""
    from taoxi.normalize.encodings.codec import ALLOWED  # noqa: PLC0415 - after the limits are set
    from taoxi.normalize.encodings.decoding import decode, detect  # noqa: PLC0415 - as above

    hint = rng.choice((None, None, rng.choice(ALLOWED), "utf-16-le", "utf-32-be", "no codec", ""))
    prior = {} if rng.random() < 0.7 else {"gb18030": 0.9}
    detect(data, eof=rng.random() < 0.5, hint=None, prior=prior)
    decoded = decode(data, hint, prior)
    text = decoded.as_text()
    if bytes(decoded.utf8) != text.encode():
        raise FindingError("The text and its UTF-8 differ.")
    breaks = sum(map(text.count, "\n\r\v\f"))
    places = decoded.break_offsets(data)
    if len(places) != breaks:
        raise FindingError(f"The text has {breaks} breaks of lines, its bytes {len(places)}.")
    bad = decoded.bad.tolist()
    if bad != sorted(set(bad)) or (bad and not 0 <= bad[0] <= bad[-1] < len(data)):
        raise FindingError("Bad bytes are not in order or not among the data.")
    if text.count("\ufffd") < len(bad):
        raise FindingError("There are fewer replacements than bad bytes.")
    if decoded.spans and (decoded.spans[0].start, decoded.spans[-1].end) != (0, len(data)):
        raise FindingError("The spans do not tile the data.")
    if any(one.end != two.start for one, two in zip(decoded.spans, decoded.spans[1:], strict=False)):
        raise FindingError("There are gaps between spans.")


def check_readers(data: bytes, rng: random.Random, folder: Path) -> None:
    """Read an input as a run does: every byte in a span, and the same rows whatever the size of blocks."""
    path = folder / rng.choice(("a", "a.txt", "a.jsonl", "a.csv", "a.html", "a.zip", "a.warc.gz"))
    path.write_bytes(data)
    most = rng.choice((1 << 26, 1 << 26, 3_000))
    rows = read(path, 1 << 22, most)
    if rng.random() < 0.3:
        size = rng.choice((64, 1_000, 5_000))
        again = read(path, size, most)
        if again != rows:
            old, new = ([row for part in found for row in part] for found in (rows, again))
            changed = next(pair for pair in zip([*old, None], [*new, None], strict=False) if pair[0] != pair[1])
            raise FindingError(f"In blocks of {size} bytes the rows are others: {changed}.")


def read(path: Path, block_bytes: int, max_record: int) -> list[list[Row]]:
    """Return the rows of each source of an input, after a look for lost bytes."""
    from taoxi.corpus.reading import read_block  # noqa: PLC0415 - after the limits are set
    from taoxi.normalize.formats.blocks import Settings  # noqa: PLC0415 - as above
    from taoxi.normalize.inputs import read_input  # noqa: PLC0415 - as above
    from taoxi.normalize.model import Block, Source  # noqa: PLC0415 - as above

    settings = Settings(block_bytes=block_bytes, max_record=max_record, max_expand=EXPAND, scratch=str(path.parent))
    orders = iter(range(1 << 20))
    rows: dict[int, list[Row]] = {}
    fates = {}
    source = Source(str(path), path.name, "")
    for found in read_input(source, lambda _: next(orders), settings, lambda _: None):
        if isinstance(found, Block):
            done = read_block(found)
            for table in (done.documents, done.pieces):
                rows.setdefault(found.order, []).extend(_rows(table))
        else:
            fates[found.order] = found
    for order, fate in fates.items():
        spans = [(start, end) for _, _, start, end, _ in rows.get(order, [])]
        whole = path.read_bytes() if fate.source.member is None else None
        size = max([end for _, end in spans], default=0) if fate.problems else size_of(whole, fate.bytes)
        if fate.encoding is not None and (lost := gaps(size, spans)):
            raise FindingError(f"Of {fate.source.label} ({fate.format}, {fate.bytes} bytes), {lost[:3]} are in no row.")
    if missing := rows.keys() - fates.keys():
        raise FindingError(f"Sources {missing} have rows and no fate.")
    return [sorted(rows.get(order, []), key=lambda row: (row[2], row[3], row[0], row[4] or "")) for order in fates]


def _rows(table: pa.RecordBatch) -> list[Row]:
    names = [name for name in ("record", "byte_start", "byte_end", "text") if name in table.schema.names]
    kinds = table.column("kind").to_pylist() if "kind" in table.schema.names else ["document"] * len(table)
    columns = [table.column(name).to_pylist() for name in names]
    # Empty lines are joined over blocks later on.
    return [
        (kind, None if kind == "separator" else row[0], row[1], row[2], row[3])
        for kind, row in zip(kinds, zip(*columns, strict=True), strict=True)
    ]


def size_of(data: bytes | None, stored: int) -> int:
    """Return the bytes of a source that had no problem: decompressed, if it is, and 0 where that is not known."""
    if data is None:
        return 0
    for magic, expand in ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\xfd7zXZ", lzma.decompress)):
        if data.startswith(magic):
            with suppress(OSError, EOFError, ValueError, lzma.LZMAError, zlib.error):
                return len(expand(data))
            return 0
    return 0 if data.startswith(b"\x28\xb5\x2f\xfd") else stored


def gaps(size: int, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the stretches of ``size`` bytes that no span covers."""
    at = 0
    found = []
    for start, end in sorted(spans):
        if start > at:
            found.append((at, start))
        at = max(at, end)
    return [*found, (at, size)] if at < size else found


def check_run(data: bytes, rng: random.Random, folder: Path) -> None:
    """Clean an input: an exit code, a row for each source, and every byte in corpus, ledger or a span."""
    from taoxi.corpus import Options, clean  # noqa: PLC0415 - after the limits are set
    from taoxi.corpus.options import Keep, Passages  # noqa: PLC0415 - as above

    path = folder / "a"
    path.write_bytes(data)
    out = folder / "out"
    report = clean(
        Options(
            inputs=(str(path),),
            out=str(out),
            max_expand=EXPAND,
            passages=rng.choice(list(Passages)),
            keep=rng.choice(list(Keep)),
        )
    )
    if report.exit_code not in {0, 1}:
        raise FindingError(f"The exit code is {report.exit_code}.")
    tables = {name: _table(out / name) for name in ("corpus", "removed", "sources")}
    for source in tables["sources"]:
        rows = [row for name in ("corpus", "removed") for row in tables[name] if row["member"] == source["member"]]
        spans = [(row["byte_start"], row["byte_end"]) for row in rows if row["byte_start"] is not None]
        size = (
            max([end for _, end in spans], default=0)
            if source["error"] or source["member"]
            else size_of(data, len(data))
        )
        if source["encoding"] is not None and (lost := gaps(size, spans)):
            raise FindingError(f"Of {source['member'] or 'the input'} ({source['format']}), {lost[:3]} are in no row.")


def _table(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.iterdir()):
        rows += pq.read_table(path).to_pylist()
    return rows


CHECKS: dict[str, tuple[Callable[[bytes, random.Random, Path], None], int]] = {
    "decoder": (check_decoder, 10),
    "readers": (check_readers, 10),
    "run": (check_run, 1),
}
"""What is checked, and how often."""


def case(seed: int) -> tuple[str, bytes]:
    """Return the check and the input of a case."""
    rng = random.Random(seed)
    maker = Maker(rng)
    name = rng.choices(list(CHECKS), [weight for _, weight in CHECKS.values()])[0]
    data = maker.texts() if name == "decoder" and rng.random() < 0.7 else maker.any()
    return name, mutated(data[:MOST], rng, [maker.any() for _ in range(2)])


def attempt(name: str, data: bytes, seed: int, seconds: float) -> str | None:
    """Run a check on an input; return what is wrong, None if nothing is."""
    begin = time.perf_counter()
    # A kernel that never ends cannot be interrupted: then the process goes down with a trace.
    faulthandler.dump_traceback_later(5 * seconds, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        with tempfile.TemporaryDirectory() as folder:
            CHECKS[name][0](data, random.Random(seed), Path(folder))
    except TooLongError:
        return f"It took more than {seconds} seconds.\n{traceback.format_exc()}"
    except Exception:  # noqa: BLE001 - any one is a finding
        return traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
    taken = time.perf_counter() - begin
    if taken > seconds:
        return f"It took {taken:.1f} seconds."
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"The process takes {peak:,} MB." if peak > MEGABYTES else None


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooLongError


def main(arguments: Sequence[str]) -> int:
    """Run the command ``fuzz``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long (default: 5)")
    parser.add_argument("--seed", type=int, default=0, help="the first case; the next ones count on (default: 0)")
    parser.add_argument("--only", choices=list(CHECKS), help="one check")
    parser.add_argument("--cases", type=int, help="so many cases instead of minutes")
    parser.add_argument("--findings", type=Path, default=Path("findings"), help="folder for what is found")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"what a case may take (default: {SECONDS})")
    parser.add_argument("--most", type=int, default=20, help="findings after which it ends (default: 20)")
    args = parser.parse_args(arguments)
    signal.signal(signal.SIGALRM, _stop)
    warm()
    found = 0
    counts: Counter[str] = Counter()
    slowest = (0.0, 0)
    end = time.monotonic() + 60 * args.minutes
    seed = args.seed
    running = args.findings / "running"
    while found < args.most and (time.monotonic() < end if args.cases is None else seed < args.seed + args.cases):
        name, data = case(seed)
        if args.only in {None, name}:
            args.findings.mkdir(exist_ok=True, parents=True)
            running.write_text(f"{seed}\n")  # what the case was if the process goes down
            begin = time.perf_counter()
            wrong = attempt(name, data, seed, args.seconds)
            slowest = max(slowest, (time.perf_counter() - begin, seed))
            counts[name] += 1
            if wrong is not None:
                found += 1
                path = args.findings / f"{seed}-{name}"
                path.write_bytes(data)
                print(f"{path} ({len(data):,} bytes)\n{wrong}")
                print(f"Repeat: python -m benchmarks fuzz --seed {seed} --cases 1\n", flush=True)
        seed += 1
    with suppress(OSError):
        running.unlink()
        args.findings.rmdir()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Seeds {args.seed} to {seed - 1}: {', '.join(f'{count:,} {name}' for name, count in counts.items())}")
    print(f"{found} findings; the slowest case took {slowest[0]:.2f} s (seed {slowest[1]}), memory {peak:,} MB")
    return 1 if found else 0


def warm() -> None:
    """Compile and load the kernels before anything is timed."""
    for seed in range(-60, 0):
        attempt(*case(seed), seed, 300)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
