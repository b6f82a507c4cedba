"""Facts about encodings: their names, marks, units, and where their lines break."""

from __future__ import annotations

import codecs

import numpy as np
import numpy.typing as npt

UTF8 = "utf-8"

BREAKS = "\n\r\v\f"
"""The units that byte offsets and characters are counted by: a text has as many of them as its bytes."""

SMALL = 1 << 16
"""Bytes up to which Python's decoder checks UTF-8; beyond, a kernel is several times faster."""

STATEFUL = ("hz", "iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_ext", "iso2022_kr")
"""Codecs of seven bits that change their meaning by escapes."""

MULTIBYTE = ("gb18030", "big5hkscs", "cp932", "shift_jis_2004", "euc_jis_2004", "cp949", "euc_kr")
"""Codecs of one to four bytes a character, in which bytes under 0x30 always stand for themselves."""

SINGLE = (
    *(f"cp{number}" for number in (*range(1250, 1259), 437, 850, 852, 866, 874)),
    *(f"iso8859-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)),
    *("koi8-r", "koi8-u", "tis-620", "mac-cyrillic", "mac-roman"),
)

ALLOWED = ("ascii", UTF8, *STATEFUL, *MULTIBYTE, *SINGLE)
"""What may be detected. EBCDIC, UTF-7 and the rest are no text of a crawl, but too often an answer to damage."""

SIBLINGS = {"big5hkscs": "cp950", "cp932": "shift_jis_2004", "shift_jis_2004": "cp932", "euc_jis_2004": "euc_jp"}
"""Codecs that a few characters part: the sibling is taken where only it reads everything."""

_WIDER = {
    "ascii": UTF8,
    "big5": "big5hkscs",
    "euc_jp": "euc_jis_2004",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
    "utf-8-sig": UTF8,
}
"""Codecs whose text another one reads as well, with characters that people used all the same."""

_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

_SLICE = 1 << 20
"""Bytes that breaks are looked for in at once, so that the arrays stay in the cache of the processor."""


def byte_order_mark(data: bytes) -> tuple[str | None, int]:
    """Return the codec that a byte order mark at the start of ``data`` stands for, and the bytes it takes."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    return None, 0


def canonical(name: str | None) -> str | None:
    """Return the codec to use for a declared name: GB2312 and GBK widen to GB18030; None for what is no codec of text.

    >>> canonical("GB2312"), canonical("latin-1"), canonical("EBCDIC-CP-BE")
    ('gb18030', 'cp1252', None)
    """
    if name is None:
        return None
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return None
    codec = _WIDER.get(codec, codec)
    return codec if unit_bytes(codec) > 1 or codec in ALLOWED or codec in SIBLINGS.values() else None


def utf8_error(data: bytes, *, eof: bool) -> int | None:
    """Return the offset of the first byte that is not UTF-8, None if there is none.

    Args:
        data: what is looked at.
        eof: whether a character that the end of ``data`` cuts is an error too.
    """
    try:
        codecs.utf_8_decode(data, "strict", eof)
    except UnicodeDecodeError as error:
        return error.start
    return None


def is_utf8(data: bytes) -> bool:
    """Whether ``data`` is valid UTF-8."""
    if len(data) <= SMALL:
        return utf8_error(data, eof=True) is None
    from taoxi.normalize.utf8 import is_valid  # noqa: PLC0415 - only large data are worth the import of numba

    return bool(is_valid(np.frombuffer(data, np.uint8)))


def is_single(encoding: str) -> bool:
    """Whether each byte is a character under an encoding."""
    return encoding in SINGLE or encoding == "ascii"


def unit_bytes(encoding: str) -> int:
    """Return how many bytes a unit of the encoding takes: 2 and 4 in UTF-16 and UTF-32, else 1."""
    return 2 if encoding.startswith("utf-16") else 4 if encoding.startswith("utf-32") else 1


def units(data: bytes | memoryview, encoding: str) -> npt.NDArray[np.uint8 | np.uint16 | np.uint32]:
    """Return ``data`` as the whole units of its encoding in this machine's byte order, as a view if possible."""
    width = unit_bytes(encoding)
    order = ">" if encoding.endswith("-be") else "<"
    array = np.frombuffer(data, f"{order}u{width}", len(data) // width)
    return array.astype(f"=u{width}", copy=False)


def break_offsets(data: bytes, encoding: str) -> npt.NDArray[np.int64]:
    r"""Return the byte offset just behind each ``\\n``, ``\\r``, ``\\v`` and ``\\f``, in order.

    Args:
        data: bytes that begin at the start of a unit.
        encoding: the codec that reads them; in all but UTF-16 and UTF-32 the breaks are single bytes.
    """
    width = unit_bytes(encoding)
    found = [np.zeros(0, np.int64)]
    for start in range(0, len(data), _SLICE):
        part = units(memoryview(data)[start : start + _SLICE], encoding)
        # Ten to thirteen in one comparison: smaller units wrap around to large ones.
        found.append((np.flatnonzero(part - part.dtype.type(10) < 4) + 1) * width + start)
    return np.concatenate(found)
