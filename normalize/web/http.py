"""What a server answered: status, fields and body of an HTTP response as an archive keeps it (RFC 9110, RFC 9112)."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from taoxi.normalize.encodings.declared import from_header

MOST = 64 << 20
"""Bytes that a compressed body may expand to; pages have a hundredth of it, and what follows is no page's text."""

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})[^\r\n]*(?:\r?\n|$)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[^\r\n]{0,4096}\r?\n")
_BREAK = re.compile(rb"\r?\n")


class NeedsBrotliError(RuntimeError):
    """A body is compressed by Brotli and nothing is installed that reads it."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response: its status, the media type and charset that it names, if any, and its body, decompressed.

    ``broken`` says what of the body could not be read.
    """

    status: int
    media: str | None
    charset: str | None
    body: bytes
    broken: str | None = None


def media_type(value: str | None) -> tuple[str | None, str | None]:
    """Return the media type of a ``Content-Type`` and the codec that its charset stands for.

    >>> media_type("Text/HTML; charset=GBK")
    ('text/html', 'gb18030')
    """
    if not value:
        return None, None
    return value.split(";")[0].strip().lower() or None, from_header(value)


def parse(content: bytes, wanted: frozenset[str]) -> Response | None:
    """Read a response, None if the content is none.

    Args:
        content: what the server sent, from the status line on.
        wanted: the media types whose body is worth decompressing.

    Raises:
        NeedsBrotliError: if the body is compressed by Brotli, and the package is missing.
    """
    status = _STATUS.match(content)
    if status is None:
        return None
    stop = _HEAD_END.search(content, status.end() - 2)
    head = content[status.end() : stop.start() if stop else len(content)]
    body = content[stop.end() :] if stop else b""
    fields: dict[str, str] = {}
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    media, charset = media_type(fields.get("content-type"))
    code = int(status[1])
    if not 200 <= code < 300 or (media is not None and media not in wanted):
        return Response(code, media, charset, b"")
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = unchunked(body)
    body, broken = expanded(body, fields.get("content-encoding", ""))
    return Response(code, media, charset, body, broken)


def unchunked(body: bytes) -> bytes:
    """Join the chunks of a body. From where it is not in chunks, it is taken as it is.

    Many archives keep the field of a body whose chunks they joined.
    """
    parts: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        size = int(found[1], 16)
        if not size:
            return b"".join(parts)
        end = found.end() + size
        follows = _BREAK.match(body, end)
        if follows is None and end < len(body):
            break
        parts.append(body[found.end() : end])
        if follows is None:
            return b"".join(parts)
        at = follows.end()
    return b"".join([*parts, body[at:]])


def expanded(body: bytes, encodings: str) -> tuple[bytes, str | None]:
    """Decompress a body, and say what of it could not be read.

    A body that is not compressed as it says is taken as it is: many archives keep the field of a body that they
    decompressed.
    """
    broken = None
    for name in reversed([part.strip().lower() for part in encodings.split(",")]):
        if name in {"gzip", "x-gzip"}:
            if body.startswith(b"\x1f\x8b"):
                body, broken = _inflate(body, zlib.MAX_WBITS | 16)
        elif name == "deflate":
            body, broken = _deflated(body)
        elif name == "br":
            body, broken = _brotli(body)
    return body, broken


def _inflate(body: bytes, window: int) -> tuple[bytes, str | None]:
    expand = zlib.decompressobj(window)
    parts: list[bytes] = []
    try:
        # In pieces, so that what comes before damage is kept.
        for at in range(0, len(body), 1 << 14):
            parts.append(expand.decompress(body[at : at + (1 << 14)], MOST + 1 - sum(map(len, parts))))
            if sum(map(len, parts)) > MOST:
                return b"".join(parts), f"it expands to more than {MOST:,} bytes"
    except zlib.error as error:
        return b"".join(parts), f"its compression is damaged ({error})"
    return b"".join(parts), None if expand.eof else "its compressed end is missing"


def _deflated(body: bytes) -> tuple[bytes, str | None]:
    """Decompress ``deflate``, which servers send with and without the header of zlib."""
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        found, broken = _inflate(body, window)
        if found:
            return found, broken
    return body, None


def _brotli(body: bytes) -> tuple[bytes, str | None]:
    if body.lstrip()[:1] == b"<":
        return body, None  # decompressed by whoever archived it
    try:
        import brotli  # noqa: PLC0415 - an extra
    except ImportError:
        raise NeedsBrotliError from None
    expand = brotli.Decompressor()
    parts: list[bytes] = []
    try:
        for at in range(0, len(body), 1 << 12):
            parts.append(expand.process(body[at : at + (1 << 12)], output_buffer_limit=MOST))
            if sum(map(len, parts)) >= MOST:
                return b"".join(parts), f"it expands to more than {MOST:,} bytes"
    except brotli.error:
        return (b"".join(parts), "its compression is damaged") if parts and parts[0] else (body, None)
    return b"".join(parts), None if expand.is_finished() else "its compressed end is missing"
