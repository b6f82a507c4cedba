"""What the elements, attributes and character references of HTML are, as tables that kernels look up by hash."""

from __future__ import annotations

from html.entities import html5

import numpy as np
from numpy.typing import NDArray

FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
"""The constants of 64-bit FNV-1a (Fowler, Noll, Vo)."""


def name_hash(name: str) -> int:
    """Return the 64-bit FNV-1a of a name in lower case; no two names of the tables below share it (a test looks)."""
    value = FNV_OFFSET
    for byte in name.encode():
        value = (value ^ byte) * FNV_PRIME & 0xFFFFFFFFFFFFFFFF
    return value


BLOCK, VOID, DROP, RAW, LIST, SCOPE, TABLE, CLOSES_P = 1, 2, 4, 8, 16, 32, 64, 128
"""Properties of elements: stands on lines of its own; has no content; is not text; its content is no markup; holds
list items; an end tag does not reach out of it; is a part of a table; ends an open paragraph."""

_BLOCKS = (
    *("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset"),
    *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "main"),
    *("menu", "nav", "ol", "p", "pre", "listing", "search", "section", "summary", "table", "ul", "plaintext", "xmp"),
)
_KINDS: dict[int, tuple[str, ...]] = {
    BLOCK: (
        *(*_BLOCKS, "li", "dt", "dd", "tr", "td", "th", "caption", "thead", "tbody", "tfoot", "legend", "br"),
        *("html", "head", "body", "frameset", "noframes", "marquee"),
    ),
    CLOSES_P: (*_BLOCKS, "li", "dt", "dd"),
    VOID: (
        *("area", "base", "basefont", "bgsound", "br", "col", "command", "embed", "frame", "hr", "img", "image"),
        *("input", "keygen", "link", "meta", "param", "source", "track", "wbr", "isindex", "spacer"),
    ),
    DROP: (
        *("script", "style", "template", "noscript", "select", "textarea", "button", "datalist"),
        *("audio", "video", "canvas", "iframe", "svg", "rt", "rp", "rtc", "title", "noembed", "progress", "meter"),
    ),
    RAW: ("script", "style", "title", "textarea", "iframe", "noembed", "xmp"),
    LIST: ("ul", "ol", "menu", "dir", "dl"),
    SCOPE: ("table", "td", "th", "caption", "object", "applet", "marquee"),
    TABLE: ("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"),
}
_INLINE = ("a", "b", "font", "i", "span", "strong", "time", "em", "u", "s", "small", "big", "ruby", "rb", "label")

TAGS = ("", *sorted({name for names in _KINDS.values() for name in names} | set(_INLINE)))
"""Elements by number; 0 is any other, which is inline."""

TAG = {name: number for number, name in enumerate(TAGS)}

KINDS: NDArray[np.int64] = np.array(
    [sum(kind for kind, names in _KINDS.items() if tag in names) for tag in TAGS], np.int64
)


def _table(values: dict[str, int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the hashes of names in ascending order, and the value of each."""
    pairs = sorted((name_hash(name), value) for name, value in values.items())
    return np.array([h for h, _ in pairs], np.uint64), np.array([value for _, value in pairs], np.int64)


TAG_HASHES, TAG_NUMBERS = _table({name: number for name, number in TAG.items() if number})

_REFERENCES = {name: value.encode() for name, value in html5.items()}
_BY_HASH = sorted((name_hash(name), value) for name, value in _REFERENCES.items())

REFERENCE_HASHES: NDArray[np.uint64] = np.array([h for h, _ in _BY_HASH], np.uint64)
"""Hashes of the named character references of HTML, ``;`` included where it belongs to the name."""

REFERENCE_BYTES: NDArray[np.uint8] = np.frombuffer(b"".join(value for _, value in _BY_HASH), np.uint8)
REFERENCE_STARTS: NDArray[np.int64] = np.cumsum([0, *(len(value) for _, value in _BY_HASH)]).astype(np.int64)
"""What the references stand for, in UTF-8, and where the bytes of each begin."""

LONGEST_REFERENCE = max(map(len, html5))
LONGEST_BARE = max(len(name) for name in html5 if not name.endswith(";"))
"""Characters of the longest name, and of the longest that needs no ``;``."""

C1: NDArray[np.int64] = np.array(
    [
        ord(bytes([byte]).decode("cp1252", "replace")) if byte not in b"\x81\x8d\x8f\x90\x9d" else byte
        for byte in range(0x80, 0xA0)
    ],
    np.int64,
)
"""What the references ``&#128;`` to ``&#159;`` stand for: Windows-1252, as the HTML standard says."""
