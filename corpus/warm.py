"""Compile the kernels before the work starts, and say so when it takes long.

Numba compiles once per installation and keeps the result in a cache; later runs load it within a second.
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
from taoxi.normalize.kernel import mark
from taoxi.normalize.repairs.repair import repair
from taoxi.normalize.utf8 import Bytes, Offsets, frozen, lengths

PATIENCE = 3.0
"""Seconds after which silence would worry a person; loading from the cache takes less than one."""


def warm(tell: Listener) -> None:
    """Run the kernels that each run needs on two short texts; tell after ``PATIENCE`` seconds why it takes so long.

    The first time, those of formats and encodings are compiled too, in a process beside this one, so that no worker
    has to.
    """
    notice = Notice("Compiling the kernels. This happens once per installation and takes about a minute.")
    timer = threading.Timer(PATIENCE, tell, [notice])
    timer.daemon = True
    timer.start()
    done = mark(lengths)
    beside = None if done.exists() else _beside()
    try:
        text = normalize_documents(np.frombuffer(b"ab\nab", np.uint8), np.array([0, 2, 5]))
        repair(text.text, text.offsets)
        lift(b'{"text":""}', np.array([0]), np.array([11]), "text")
        lengths(frozen(text.text), frozen(text.offsets))
        _lines(text.text, text.offsets)
        blake2b(text.text, text.offsets)
        signed = sign(text.text, text.offsets)
        with TemporaryDirectory() as folder, ParagraphIndex(Path(folder)) as index:
            shared = index.shared(2)
        judge(np.arange(2), signed.tokens, signed.exact, signed.signatures, shared, DEFAULT_SIMILARITY)
        if not done.exists():
            if beside is not None:
                beside.wait()
            occasional()
            with contextlib.suppress(OSError):
                done.touch()
    finally:
        timer.cancel()
        if beside is not None:
            beside.kill()
            beside.wait()


def _lines(utf8: Bytes, offsets: Offsets) -> None:
    sites = [""] * (len(offsets) - 1)
    groups = np.zeros(len(sites), np.int64)
    known = chrome.learn(chrome.count(utf8, offsets, sites)).known
    chrome.strip(utf8, offsets, sites, known)
    lines.mend(utf8, offsets, groups, lines.decide(lines.count(utf8, offsets, groups)))


def _beside() -> subprocess.Popen[bytes] | None:
    """Start to compile what ``occasional`` runs; whatever comes of it, the caller runs that too."""
    if not sys.executable or len(os.sched_getaffinity(0)) == 1:
        return None
    command = [sys.executable, "-c", f"from {__name__} import occasional; occasional()"]
    nowhere = subprocess.DEVNULL
    with contextlib.suppress(OSError):
        return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)  # noqa: S603 - our own words
    return None


def occasional() -> None:
    """Run the kernels of formats and encodings that not every run meets."""
    from taoxi.normalize.encodings.decoding import decode
    from taoxi.normalize.formats.brackets import new_state, value_ends
    from taoxi.normalize.formats.quotes import RowScanner
    from taoxi.normalize.web.page import read_page

    for kind in (np.uint8, np.uint16, np.uint32):
        RowScanner(",").feed(np.zeros(1, kind))
        value_ends(np.zeros(1, kind), UTF8, 0, new_state(0))
    read_page(b"<p>ab")
    for first, second in itertools.product(("utf-8", "gb18030", "utf-16-le", "utf-32-le"), ("euc_jp", "big5")):
        decode("工作报告。".encode(first) * 9 + b"\xff\n" + ("経済の報告。\n" * 9).encode(second, "replace"))
