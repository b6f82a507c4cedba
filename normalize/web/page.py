"""A page as its reader sees it: lines, and the elements that they stand in."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.utf8 import Bytes
from taoxi.normalize.web.lines import SENTENCES, gather
from taoxi.normalize.web.nesting import NODES, OUT, SEGMENTS, TITLE_END, TITLE_START, UNSEEN_BYTES
from taoxi.normalize.web.rendering import render

MOSTLY_UNSEEN = 4
"""How many times the visible bytes the hidden ones must be before a page is read as if nothing were hidden: a script
shows such a page once it has loaded. Menus and dialogs that wait hidden in a page take less than its text."""

XML_HEAD = b"<?xml"


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page of n lines.

    ``text`` is UTF-8 with a line feed between lines. ``facts`` (int64, n by ``lines.FACTS``) says of each line what it
    is made of. ``nodes`` (int32, m by 6) holds of each block element its tag, its parent and the bounds of its class
    and id in ``html``; number 0 is the page. ``title`` are the bounds of the title in ``html``.
    """

    html: Bytes = field(repr=False)
    text: bytes
    facts: NDArray[np.int64]
    nodes: NDArray[np.int32]
    title: tuple[int, int]


def read_page(html: bytes | memoryview) -> Page:
    """Render a page, valid UTF-8, into lines."""
    data = np.frombuffer(html, np.uint8)
    data.flags.writeable = False
    xml = bytes(html[: len(XML_HEAD)]) == XML_HEAD
    page, unseen = _render(data, xml=xml, unseen=False)
    if unseen > MOSTLY_UNSEEN * len(page.text):
        shown, _ = _render(data, xml=xml, unseen=True)
        if shown.facts[:, SENTENCES].sum() > page.facts[:, SENTENCES].sum():
            return shown
    return page


def _render(html: Bytes, *, xml: bool, unseen: bool) -> tuple[Page, int]:
    state, out, segments, nodes = render(html, xml, unseen)
    text, facts = gather(out[: state[OUT]], segments[: state[SEGMENTS]])
    nodes = nodes[: state[NODES]].copy()
    title = (int(state[TITLE_START]), int(state[TITLE_END]))
    return Page(html, text.tobytes(), facts, nodes, title), int(state[UNSEEN_BYTES])
