"""The encoding that a page says of itself."""

from __future__ import annotations

import re

from taoxi.normalize.codec import canonical

HEAD = 4096
"""Bytes of a page that are searched; the HTML standard asks authors to say it within 1024."""

_META = re.compile(
    rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)"
    rb"|\A\s*<[?A-Za-z][^>]{0,600}?\bencoding\s*=\s*[\"']([A-Za-z0-9_:.-]+)",
    re.IGNORECASE,
)


def declared(data: bytes) -> str | None:
    """Return the codec that the ``meta`` element of a page names, its XML declaration, or the element around it.

    None stands for none we know.

    >>> declared(b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">')
    'gb18030'
    """
    for found in _META.finditer(data[:HEAD]):
        codec = canonical((found[1] or found[2]).decode("ascii"))
        if codec is not None and not codec.startswith(("utf-16", "utf-32")):  # then the name could not be read
            return codec
    return None
