"""Read a block of a web archive into records: pages and texts, and the spans of everything else."""

from __future__ import annotations

import orjson

from taoxi.normalize.encodings.declared import declared
from taoxi.normalize.encodings.decoding import decode, unreadable
from taoxi.normalize.model import Block, Lost, Problem, Record
from taoxi.normalize.web.archive import Archive, Head, read_head
from taoxi.normalize.web.html import page_record
from taoxi.normalize.web.http import NeedsBrotliError, Response, media_type, parse
from taoxi.normalize.web.sniffing import LOOK, is_html

PAGES = frozenset({"text/html", "application/xhtml+xml"})
TEXTS = frozenset({"text/plain", "application/json"})
UNSURE = frozenset({"application/octet-stream", "unknown/unknown", "application/xml", "text/xml"})
"""Media types of pages, of texts, and of what may be either: only its beginning tells."""

WANTED = PAGES | TEXTS | UNSURE

_NEXT_STEP = "Compare with the original, or fetch the page again."


def parse_records(block: Block, *, main: bool = True) -> tuple[list[Record], list[Problem]]:
    """Return the records of a block of an archive and what is wrong with them.

    A record's span includes the empty lines behind it. Responses, resources and conversions that hold a page or a text
    become documents; all others are spans with a reason (``not_page``, ``status``) and without their bytes.

    Args:
        block: whole records of an archive.
        main: whether lines of pages that are not main text are set aside.
    """
    reading = _Reading(block, main=main)
    data = bytearray(block.data)
    cutter = Archive(len(data))
    start = 0
    number = block.record
    while start < len(data):
        end = cutter.end(data, start, eof=True) or len(data)
        reading.take(number, start, end)
        start, number = end, number + 1
    return reading.records, reading.problems


class _Reading:
    """The records of a block as they are read."""

    def __init__(self, block: Block, *, main: bool) -> None:
        self._block = block
        self._main = main
        self.records: list[Record] = []
        self.problems: list[Problem] = []

    def take(self, number: int, start: int, end: int) -> None:
        """Read the record at ``[start, end)`` of the block."""
        data = self._block.data
        head = read_head(data, start)
        if head is None:
            self._unparsed(number, start, end)
            return
        content = data[head.start : min(head.end, end)]
        if head.end > end:
            self._tell(
                start,
                f"The record says that its content takes {head.end - head.start:,} bytes, but {end - head.start:,}"
                " follow; what there is was read. Fetch the archive again if its end is missing.",
            )
        elif data[head.end : end].strip(b"\r\n"):
            self._tell(
                start,
                f"The record says that its content takes {head.end - head.start:,} bytes, but the next record begins"
                f" only {end - head.start:,} bytes on; all of it was read. Repair its Content-Length.",
            )
            content = data[head.start : end]
        place = (number, self._block.start + start, self._block.start + end)
        record = self._document(head, content, place)
        if record.lost is None:
            record.url = head.fields.get("warc-target-uri", "").strip("<> ") or record.url
            if date := head.fields.get("warc-date"):
                record.meta = orjson.dumps({"warc-date": date})
        self.records.append(record)

    def _document(self, head: Head, content: bytes, place: tuple[int, int, int]) -> Record:
        """Return the document of a record, or the span of one that holds none."""
        kind = head.fields.get("warc-type", "").lower()
        media, charset = media_type(head.fields.get("content-type"))
        if kind == "response":
            try:
                response = parse(content, WANTED)
            except NeedsBrotliError:
                self._tell(
                    place[1] - self._block.start,
                    "The page is compressed by Brotli, which needs another package."
                    " Install it: pip install 'taoxi[web]'.",
                )
                return _span(place, Lost.UNPARSED)
            if response is None:
                return _span(place, Lost.NOT_PAGE)
        elif kind in {"resource", "conversion"} and not (media or "").startswith("application/http"):
            response = Response(200, media, charset, content)
        else:
            return _span(place, Lost.NOT_PAGE)
        if not 200 <= response.status < 300:
            return _span(place, Lost.STATUS)
        if response.broken is not None:
            self._tell(
                place[1] - self._block.start,
                f"The body of the page was read in part: {response.broken}. {_NEXT_STEP}",
            )
        if kind == "conversion" and media is None:
            return self._text(response, place)
        return self._body(response, place)

    def _body(self, response: Response, place: tuple[int, int, int]) -> Record:
        media, body = response.media, response.body
        if media is not None and media not in WANTED:
            return _span(place, Lost.NOT_PAGE)
        if not body.strip():
            return _span(place, Lost.NO_TEXT)
        if media in PAGES or is_html(body[:LOOK].decode("latin-1").removeprefix("\xef\xbb\xbf")):
            decoded = decode(body, declared(body) or response.charset)
            self._bad(decoded.bad_bytes, decoded.encoding, place)
            return page_record(decoded, *place, main=self._main)
        return self._text(response, place) if media in TEXTS else _span(place, Lost.NOT_PAGE)

    def _text(self, response: Response, place: tuple[int, int, int]) -> Record:
        decoded = decode(response.body, response.charset)
        self._bad(decoded.bad_bytes, decoded.encoding, place)
        text = bytes(decoded.utf8)
        if not text.strip():
            return _span(place, Lost.NO_TEXT)
        return Record(text, *place, decoded.encoding, decoded.bad_bytes)

    def _unparsed(self, number: int, start: int, end: int) -> None:
        self._tell(
            start,
            "There is no record of an archive here; the bytes up to the next one are in the ledger as they stand."
            " Fetch the archive again.",
        )
        decoded = decode(self._block.data[start:end])
        first = self._block.start
        self.records.append(
            Record(
                decoded.as_text(),
                number,
                first + start,
                first + end,
                decoded.encoding,
                decoded.bad_bytes,
                lost=Lost.UNPARSED,
            )
        )

    def _bad(self, count: int, encoding: str, place: tuple[int, int, int]) -> None:
        if count:
            message = f"Of the page, {unreadable(count, encoding)}. {_NEXT_STEP}"
            self._tell(place[1] - self._block.start, message)

    def _tell(self, start: int, message: str) -> None:
        self.problems.append(self._block.problem(message, self._block.start + start))


def _span(place: tuple[int, int, int], reason: Lost) -> Record:
    """Return the record of bytes that hold no document: where they stand, and why."""
    return Record("", *place, "utf-8", lost=reason)
