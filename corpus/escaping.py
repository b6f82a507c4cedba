"""Show text of strangers so that nothing in it is obeyed."""

from __future__ import annotations


def escape(text: str) -> str:
    r"""Return ``text`` so that a terminal shows it and obeys nothing in it.

    What is not printable becomes its escape: control characters (and with them every terminal sequence), bidi
    controls, line separators, the surrogates that stand for bytes of a file name. A backslash stays as it is, because
    the names of sources already hold such escapes.

    >>> escape("red\x1b[31m.txt")
    'red\\x1b[31m.txt'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
