"""``steps``: where the time of one run goes, step by step, in one process on one core.

The functions that the steps consist of are wrapped where the run looks them up, and the time is always charged to
exactly one step: the innermost that is running. So the steps add up to the whole run, and what no step claims is shown.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import inspect
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import last_core, pinned
from benchmarks.tables import markdown, percent

STEPS = {
    "run the kernels once": ("taoxi.corpus.run:warm",),
    "read, cut into blocks, hash": ("taoxi.corpus.run:read_input",),
    "parse": ("taoxi.normalize.formats.jsonl:parse_columns", "taoxi.normalize.formats.table:parse_records"),
    "repair": ("taoxi.corpus.normalizing:repair",),
    "normalize characters": (
        "taoxi.corpus.normalizing:normalize_documents",
        "taoxi.corpus.normalizing:normalize_stream",
    ),
    "make batches": ("taoxi.corpus.spool:read_block",),
    "spool": ("taoxi.corpus.shelf:Shelf.put", "taoxi.corpus.shelf:Shelf.get"),
    "sign": ("taoxi.corpus.spool:sign",),
    "ids, counts, repeats cut": ("taoxi.corpus.spool:sign_unit", "taoxi.corpus.run:sign_unit"),
    "collect signatures, share paragraphs": (
        "taoxi.corpus.judging:Roll.add",
        "taoxi.dedup.paragraphs:ParagraphIndex.shared",
    ),
    "judge": ("taoxi.corpus.judging:Roll.judge",),
    "make rows": ("taoxi.corpus.run:corpus_table", "taoxi.corpus.run:ledger_table"),
    "write": (
        "taoxi.corpus.target:FolderTarget.keep",
        "taoxi.corpus.target:FolderTarget.remove",
        "taoxi.corpus.target:FolderTarget.commit",
        "taoxi.corpus.target:FileTarget.keep",
        "taoxi.corpus.target:FileTarget.remove",
        "taoxi.corpus.target:FileTarget.commit",
    ),
}
"""The functions of each step, as module and name in it; time inside another step's function counts there."""

REST = "everything else"
WARM_UP = 200
"""Documents of the run before: enough that every kernel is loaded from numba's cache."""

MB = 1e6


class Clock:
    """Charges the time that passes to one step at a time."""

    def __init__(self) -> None:
        """Start charging to ``REST``."""
        self.seconds = dict.fromkeys([*STEPS, REST], 0.0)
        self._step = REST
        self._since = time.perf_counter()

    def switch(self, step: str) -> str:
        """Charge what passed to the step until now, go on with ``step``, and return the one before."""
        now = time.perf_counter()
        self.seconds[self._step] += now - self._since
        before, self._step, self._since = self._step, step, now
        return before

    def wrap(self, function: Callable[..., Any], step: str) -> Callable[..., Any]:
        """Return the function with its time charged to a step; of a generator, the time between its values is not."""

        @functools.wraps(function)
        def timed(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes and returns
            before = self.switch(step)
            try:
                return function(*args, **named)
            finally:
                self.switch(before)

        @functools.wraps(function)
        def generated(*args: Any, **named: Any) -> Generator[Any, None, Any]:  # noqa: ANN401 - as above
            values = function(*args, **named)
            while True:
                before = self.switch(step)
                try:
                    value = next(values)
                except StopIteration as stop:
                    return stop.value
                finally:
                    self.switch(before)
                yield value

        return generated if inspect.isgeneratorfunction(function) else timed


def owner(place: str) -> tuple[Any, str]:
    """Return the module or class that holds a function, and the function's name in it."""
    module, _, name = place.partition(":")
    *path, last = name.split(".")
    return functools.reduce(getattr, path, importlib.import_module(module)), last


@contextlib.contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Time the steps of all runs inside; yield the seconds of each, complete at the end."""
    with contextlib.ExitStack() as stack:
        clock = Clock()
        for step, places in STEPS.items():
            for place in places:
                holder, name = owner(place)
                function = getattr(holder, name)
                stack.callback(setattr, holder, name, function)
                setattr(holder, name, clock.wrap(function, step))
        clock.switch(REST)
        clock.seconds[REST] = 0.0
        yield clock.seconds
        clock.switch(REST)


def signatures_alone(lengths: Sequence[int]) -> float:
    """Return the seconds that the permutations alone take for documents with so many shingles each."""
    from taoxi.dedup.minhash import PERMUTATIONS, minhash, permutations  # noqa: PLC0415 - its import is measured

    a, b = permutations()
    hashes = np.random.default_rng(1).integers(0, 1 << 32, max(lengths, default=1), np.uint32)
    signature = np.zeros(PERMUTATIONS, np.uint32)
    minhash(hashes[:1], a, b, signature)
    begin = time.perf_counter()
    for length in lengths:
        minhash(hashes[:length], a, b, signature)
    return time.perf_counter() - begin


def run(docs: Path, out: Path) -> float:
    """Clean a file in this process; return the seconds."""
    from taoxi.corpus import Options, clean  # noqa: PLC0415 - as above

    options = Options(inputs=(str(docs),), out=str(out), jobs=1)
    begin = time.perf_counter()
    clean(options)
    return time.perf_counter() - begin


def shingle_counts(out: Path) -> list[int]:
    """Return how many shingles each signed document in a cleaned folder has."""
    from benchmarks.cleaned import read_folder  # noqa: PLC0415 - as above
    from taoxi.corpus.schema import text_buffers  # noqa: PLC0415 - as above
    from taoxi.dedup.minhash import SHINGLE, SHORTEST  # noqa: PLC0415 - as above
    from taoxi.dedup.sign import sign  # noqa: PLC0415 - as above

    offsets, data = text_buffers(read_folder(out).texts)
    return [int(tokens) - SHINGLE + 1 for tokens in sign(data, offsets).tokens if tokens >= SHORTEST]


def main(arguments: Sequence[str]) -> int:
    """Run the command ``steps``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks steps", description=__doc__)
    parser.add_argument("docs", type=Path, metavar="DOCS.jsonl")
    parser.add_argument("--core", type=int, default=last_core(), help="the core to run on (default: the last)")
    parser.add_argument("--to", choices=["folder", "jsonl"], default="folder", help="the form of the output")
    args = parser.parse_args(arguments)
    size = args.docs.stat().st_size
    with pinned(args.core), tempfile.TemporaryDirectory(prefix="taoxi-steps-") as name:
        work = Path(name)
        begin = time.perf_counter()
        importlib.import_module("taoxi.corpus.run")
        imports = time.perf_counter() - begin
        with args.docs.open("rb") as lines:
            (work / "head.jsonl").write_bytes(b"".join(line for line, _ in zip(lines, range(WARM_UP), strict=False)))
        warm = run(work / "head.jsonl", work / "warm")
        out = work / ("out" if args.to == "folder" else "out.jsonl")
        with timed() as seconds:
            whole = run(args.docs, out)
        alone = signatures_alone(shingle_counts(out)) if args.to == "folder" else 0.0
    rows = [
        [step, f"{s:.3f}", f"{size / MB / s:,.0f}" if s else "–", percent(round(s * 1e6), round(whole * 1e6))]
        for step, s in seconds.items()
    ]
    if alone:
        at = [row[0] for row in rows].index("sign") + 1
        rows.insert(at, ["  of it the permutations, measured alone", f"{alone:.3f}", f"{size / MB / alone:,.0f}", "–"])
    rows.append(["whole run", f"{whole:.3f}", f"{size / MB / whole:,.0f}", "100.00%"])
    print(f"{args.docs.name}: {size / MB:.1f} MB, one process on core {args.core}.")
    print(f"Before: imports {imports:.2f} s, a run on {WARM_UP} documents {warm:.2f} s, which loads the kernels.\n")
    print(markdown(["step", "s", "MB/s of the file", "share"], rows))
    return 0
