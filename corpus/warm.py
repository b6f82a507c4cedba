"""Compile the kernels before the work starts, and say so when it takes long.

Numba compiles once per installation and keeps the result in a cache; later runs load it within a second.
"""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from taoxi.corpus.options import DEFAULT_SIMILARITY
from taoxi.corpus.report import Listener, Notice
from taoxi.dedup.judge import judge
from taoxi.dedup.paragraphs import ParagraphIndex
from taoxi.dedup.sign import sign
from taoxi.normalize.characters import normalize_documents
from taoxi.normalize.lift import lift
from taoxi.normalize.utf8 import frozen, lengths
from taoxi.normalize.web.page import read_page

PATIENCE = 3.0
"""Seconds after which silence would worry a person; loading from the cache takes less than one."""


def warm(tell: Listener) -> None:
    """Run every kernel on two short texts; tell after ``PATIENCE`` seconds why it takes so long."""
    notice = Notice("Compiling the kernels. This happens once per installation and takes about half a minute.")
    timer = threading.Timer(PATIENCE, tell, [notice])
    timer.daemon = True
    timer.start()
    try:
        text = normalize_documents(np.frombuffer(b"ab\nab", np.uint8), np.array([0, 2, 5]))
        read_page(b"<p>ab")
        lift(b'{"text":""}', np.array([0, 11]), "text")
        lengths(frozen(text.text), frozen(text.offsets))
        signed = sign(text.text, text.offsets)
        with TemporaryDirectory() as folder, ParagraphIndex(Path(folder)) as index:
            shared = index.shared(2)
        judge(np.arange(2), signed.tokens, signed.exact, signed.signatures, shared, DEFAULT_SIMILARITY)
    finally:
        timer.cancel()
