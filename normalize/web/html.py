"""Read a block of HTML pages into records: their visible lines, and which of them are not the main text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from taoxi.normalize.encodings.codec import unit_bytes
from taoxi.normalize.encodings.declared import declared
from taoxi.normalize.encodings.decoding import Decoded, decode, unreadable
from taoxi.normalize.model import Block, Lost, Problem, Record
from taoxi.normalize.web.cutting import PAGE_END
from taoxi.normalize.web.lines import START
from taoxi.normalize.web.main_text import main_lines
from taoxi.normalize.web.metadata import lift
from taoxi.normalize.web.page import Page, read_page

CHROME = "page"
"""The ledger's reason for a line of a page that is not its main text."""

_ALT = re.compile(rb"<img\b[^<>]{0,500}?\balt\s*=\s*(?:\"([^\"]{1,500})\"|'([^']{1,500})')", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extract:
    """The visible text of a page (UTF-8), the stretches of it that are not main text, and what the page says of itself.

    ``aside`` are bounds in bytes and reasons, in order; each stretch is whole lines with the line feed behind them.
    """

    text: bytes
    aside: tuple[tuple[int, int, str], ...]
    title: str | None
    date: str | None
    url: str | None


def parse_records(block: Block, *, main: bool = True) -> tuple[list[Record], list[Problem]]:
    """Return the pages of a block and what is wrong with them.

    Args:
        block: whole pages, one after another.
        main: whether lines that are not main text are set aside; else all of a page is its text.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    data = block.data
    wide = unit_bytes(block.layout.encoding) > 1
    edges = [0, *(() if wide else (found.end() for found in PAGE_END.finditer(data))), len(data)]
    for number, (start, end) in enumerate(pairwise(edges), block.record):
        raw = data[start:end]
        decoded = decode(raw, declared(raw) or block.layout.encoding)
        record = page_record(decoded, number, block.start + start, block.start + end, main=main)
        records.append(record)
        if decoded.bad_bytes:
            first = None if decoded.first_bad is None else block.start + start + decoded.first_bad
            message = unreadable(decoded.bad_bytes, decoded.encoding)
            problems.append(block.problem(f"{message}. Compare with the original, or fetch the page again.", first))
    return records, problems


def page_record(decoded: Decoded, number: int, start: int, end: int, *, main: bool) -> Record:
    """Return the record of one page; a page without any visible text is lost."""
    found = extract(decoded.utf8, main=main)
    return Record(
        found.text,
        number,
        start,
        end,
        decoded.encoding,
        decoded.bad_bytes,
        found.title,
        found.date,
        found.url,
        lost=None if found.text else Lost.NO_TEXT,
        aside=found.aside,
    )


def extract(html: bytes | memoryview, *, main: bool = True) -> Extract:
    """Return what a page, valid UTF-8, says, and which lines of it are not its main text.

    A page without main text, such as a list of links, is all text: no line of it is set aside.
    """
    page = read_page(html)
    kept = main_lines(page)
    said = lift(page, kept)
    text = page.text or _images(bytes(html))
    aside = _stretches(page, kept) if main and kept.any() else ()
    return Extract(text, aside, said.title, said.date, said.url)


def _stretches(page: Page, kept: NDArray[np.bool_]) -> tuple[tuple[int, int, str], ...]:
    """Return runs of lines that are not kept."""
    edges = np.flatnonzero(np.diff(np.concatenate([[True], kept, [True]])))
    starts = page.facts[:, START]
    return tuple(
        (int(starts[first]), int(starts[last]) if last < len(starts) else len(page.text), CHROME)
        for first, last in edges.reshape(-1, 2).tolist()
    )


def _images(html: bytes) -> bytes:
    """Return what the images of a page show, for a page that is nothing but images."""
    from html import unescape  # noqa: PLC0415 - this module has its name

    texts = (unescape((a or b).decode("utf-8", "replace")).strip() for a, b in _ALT.findall(html))
    return "\n".join(dict.fromkeys(text for text in texts if text)).encode()
