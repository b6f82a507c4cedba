"""Compile the kernels before the work starts, and say so when it takes long.

Numba compiles once per installation and keeps the result in a cache, from which later runs load what they meet.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from taoxi.corpus.options import DEFAULT_SIMILARITY
from taoxi.corpus.report import Listener, Notice
from taoxi.dedup import chrome
from taoxi.dedup.blake2b import blake2b
from taoxi.dedup.judge import judge
from taoxi.dedup.paragraphs import ParagraphIndex
from taoxi.dedup.sign import sign
from taoxi.normalize import lines
from taoxi.normalize.characters.walk import normalize_documents
from taoxi.normalize.encodings.codec import UTF8
from taoxi.normalize.formats.lift import lift
from taoxi.normalize.formats.quoted import quoted
from taoxi.normalize.kernel import mark, set_mark
from taoxi.normalize.repairs.repair import repair
from taoxi.normalize.utf8 import Bytes, Offsets, frozen, is_valid, lengths

PATIENCE = 3.0
"""Seconds after which silence would worry a person."""

WRAPPED = """改革开放以来各地区各部门认真贯彻落实党中央的决策部署，坚持稳中求进的工作总基调
，经济社会发展取得了新的成绩，人民生活水平不断提高，各项事业全面进步，社会大局
保持稳定。今后一个时期要继续深化改革，扩大开放，推动高质量发展，不断满足人民日
益增长的美好生活需要。
"""

PAGE = "<html><head><title>a</title></head><body><div><a href=b>c</a></div><p>%s<p>%s</body></html>"


def warm(tell: Listener) -> None:
    """Compile all kernels unless that was done; tell after ``PATIENCE`` seconds why it takes so long."""
    if mark() is not None:
        return
    notice = Notice("Compiling the kernels. This happens once per installation and takes up to a minute.")
    timer = threading.Timer(PATIENCE, tell, [notice])
    timer.daemon = True
    timer.start()
    beside = _beside()
    try:
        compile_groups(0, len(beside) + 1)
        for process in beside:
            process.wait()
        compile_groups(0, 1)  # whatever became of the others
        set_mark()
    finally:
        timer.cancel()
        for process in beside:
            process.kill()
            process.wait()


def _beside() -> list[subprocess.Popen[bytes]]:
    """Start a process for each further core, with its share of the groups."""
    count = min(len(os.sched_getaffinity(0)), len(GROUPS)) if sys.executable else 1
    nowhere = subprocess.DEVNULL
    processes: list[subprocess.Popen[bytes]] = []
    with contextlib.suppress(OSError):
        for number in range(1, count):
            code = f"from {__name__} import compile_groups; compile_groups({number}, {count})"
            command = [sys.executable, "-c", code]
            processes.append(subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere))  # noqa: S603
    return processes


def compile_groups(first: int, step: int) -> None:
    """Run every ``step``-th group of kernels."""
    for group in GROUPS[first::step]:
        group()


def _base() -> None:
    text = normalize_documents(*_documents("ab", "\nab"))
    repair(*_documents("ab", "\ue000锟斤拷"))
    quoted(text.text, text.offsets, np.ones(2, np.bool_))
    lift(b'{"text":""}', np.array([0]), np.array([11]), "text")
    lengths(frozen(text.text), frozen(text.offsets))
    is_valid(np.frombuffer(b"ab", np.uint8))
    blake2b(text.text, text.offsets)
    signed = sign(text.text, text.offsets)
    with TemporaryDirectory() as folder, ParagraphIndex(Path(folder)) as index:
        shared = index.shared(2)
    judge(np.arange(2), signed.tokens, signed.exact, signed.signatures, shared, DEFAULT_SIMILARITY)


def _chrome() -> None:
    utf8, offsets = _documents("ab\nab", "ab\nab")
    sites = ["a", "a"]
    chrome.strip(utf8, offsets, sites, chrome.learn(chrome.count(utf8, offsets, sites)).known)


def _lines() -> None:
    utf8, offsets = _documents("ab", WRAPPED)
    groups = np.zeros(2, np.int64)
    counts, _ = lines.look_over(utf8, offsets, groups)
    marks, busy = lines.decide(counts), np.array([False, True])
    lines.mend_some(utf8, offsets, groups, marks, lines.Options(), np.empty(0, np.int64), busy)


def _web() -> None:
    from taoxi.normalize.web.main_text import main_lines
    from taoxi.normalize.web.page import read_page

    main_lines(read_page((PAGE % (WRAPPED, WRAPPED)).encode()))


def _formats() -> None:
    from taoxi.normalize.encodings.decoding import decode
    from taoxi.normalize.formats.brackets import new_state, value_ends
    from taoxi.normalize.formats.quotes import RowScanner

    for kind in (np.uint8, np.uint16, np.uint32):
        RowScanner(",").feed(np.zeros(1, kind))
        value_ends(np.zeros(1, kind), UTF8, 0, new_state(0))
    for first, second in itertools.product(("utf-8", "gb18030", "utf-16-le", "utf-32-le"), ("euc_jp", "big5")):
        decode("工作报告。".encode(first) * 9 + b"\xff\n" + ("経済の報告。\n" * 9).encode(second, "replace"))


def _documents(*texts: str) -> tuple[Bytes, Offsets]:
    encoded = [text.encode() for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([0, *map(len, encoded)])


GROUPS = (_chrome, _lines, _web, _base, _formats)
"""What compiles kernels, in such an order that every second one takes half the time."""
