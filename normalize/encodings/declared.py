"""Read what a page says about its own encoding: a hint, because many pages say it wrong.

The names are returned as the codec that reads what people write under them: GB2312 and GBK as GB18030, Latin-1 as
Windows-1252. Names of no codec of text, and those that the declaration itself proves wrong, are no answer.
"""

from __future__ import annotations

import re

from taoxi.normalize.encodings.codec import UTF8, canonical, unit_bytes

HEAD = 4096
"""Bytes in which a declaration is looked for. Browsers read 1,024; pages that put scripts first need more."""

_XML = re.compile(rb"""\s*<[?A-Za-z][^>]{0,600}?\bencoding\s*=\s*["']\s*([\w.:-]{2,40})""", re.IGNORECASE)
"""The XML declaration, or the element that a crawler put around the page."""

_META = re.compile(rb"""<meta\s[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_PARAMETER = re.compile(r"""charset\s*=\s*(?:"\s*([^"]*)"?|'\s*([^']*)'?|([^\s;,"']+))""", re.IGNORECASE)

_ALIASES = {
    "x-gbk": "gb18030",
    "gb2312-80": "gb18030",
    "gb_2312-80": "gb18030",
    "x-euc-cn": "gb18030",
    "chinese": "gb18030",
    "x-x-big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jis_2004",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "unicode": UTF8,
    "utf8mb4": UTF8,
    "x-cp1251": "cp1251",
    "x-mac-cyrillic": "mac-cyrillic",
    "iso-8859-8-i": "iso8859-8",
    "dos-874": "cp874",
    "windows-874": "cp874",
}
"""Names that pages use and Python does not know, after the list of the WHATWG's Encoding standard."""


def declared(data: bytes) -> str | None:
    """Return the codec that HTML or XML declares in its head, None if there is no such declaration.

    A declaration that could be read as ASCII is not in UTF-16, whatever it says: then UTF-8 is meant.

    >>> declared(b'<html><head><meta http-equiv=Content-Type content="text/html; charset=gb2312">')
    'gb18030'
    """
    head = data[:HEAD]
    found = _XML.match(head.removeprefix(b"\xef\xbb\xbf")) or _META.search(_COMMENT.sub(b"", head))
    name = None if found is None else named(found[1].decode("ascii", "ignore"))
    return UTF8 if name is not None and unit_bytes(name) > 1 else name


def from_header(value: str) -> str | None:
    """Return the codec that the value of a header ``Content-Type`` names, None if it names none.

    >>> (
    ...     from_header('text/html; charset="GBK"'),
    ...     from_header("text/html;charset=utf-8;charset=x"),
    ...     from_header("text/html"),
    ... )
    ('gb18030', 'utf-8', None)
    """
    found = _PARAMETER.search(value)
    return None if found is None else named(next((text for text in found.groups() if text), ""))


def named(name: str) -> str | None:
    """Return the codec that a declared name stands for, with junk around it forgiven."""
    name = name.strip(" \t\r\n\"';,.:").lower()
    return canonical(_ALIASES.get(name, name))
