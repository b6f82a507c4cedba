"""The names of members: which bytes are which characters, and which members nobody means to be read."""

from __future__ import annotations

import re

LONGEST = 4_096
"""Characters of a name that are recorded, as many as a path may have on most systems."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_HIDDEN = re.compile(r"(?:^|/)(?:\.(?!\.?(?:/|$))|__MACOSX(?:/|$))")


def decoded(raw: bytes, fallback: str) -> str:
    """Return a name whose archive does not say how it is written: UTF-8, else GB18030 if it reads well.

    Args:
        raw: the bytes of the name.
        fallback: the codec of what is neither.

    >>> decoded("年报/公告.txt".encode("gbk"), "cp437"), decoded("Führer.txt".encode("cp437"), "cp437")
    ('年报/公告.txt', 'Führer.txt')
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    try:
        name = raw.decode("gb18030")
    except UnicodeDecodeError:
        name = ""
    return name if _reads_well(name) else raw.decode(fallback, "backslashreplace")


def _reads_well(name: str) -> bool:
    """Whether most characters of a name are among the 7,445 of GB2312; two bytes of other codecs seldom make these."""
    foreign = [char for char in name if char > "\x7f"]
    common = sum(len(char.encode("gb2312", "ignore")) == 2 for char in foreign)
    return 2 * common > len(foreign)


def printable(name: str) -> str:
    r"""Return a name as it is recorded: with ``\xNN`` for control characters, and no longer than ``LONGEST``.

    >>> printable("a\nb")
    'a\\x0ab'
    """
    name = name.encode("utf-8", "backslashreplace").decode()
    name = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", name)
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def is_hidden(name: str) -> bool:
    """Whether a member, or a folder that it lies in, is hidden, or a leftover of macOS.

    >>> [is_hidden(name) for name in ("a/.git/x", "__MACOSX/a.txt", "../a.txt", "./a.txt")]
    [True, True, False, False]
    """
    return _HIDDEN.search(name) is not None
