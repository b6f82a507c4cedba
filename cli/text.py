"""What a person reads and writes: lines on standard error, escaped text, shares and sizes."""

from __future__ import annotations

import re
from typing import TextIO

import click

from taoxi.corpus.escaping import escape as escape  # noqa: PLC0414 - it belongs to what a person reads

SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
"""The units of a size that a person writes: powers of 1024, with the ``i`` and without."""

MEGABYTE = 1_000_000
"""Bytes of a megabyte that is shown: disks and rates are counted in powers of 1000."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]?)(?:I?B)?", re.IGNORECASE)


def say(line: str) -> None:
    """Write one line to standard error, where everything goes that is not data."""
    click.echo(line, err=True)


def on_terminal(stream: TextIO | None) -> bool:
    """Return whether a person sees ``stream``; it is None when the process was started with it closed."""
    return stream is not None and stream.isatty()


def share(part: int, whole: int) -> str:
    """Return the percentage that ``part`` is of ``whole``, and nothing where there is no whole.

    >>> share(1, 3)
    '33.3%'
    """
    return f"{part / whole:.1%}" if whole else ""


def megabytes(count: float, digits: int = 1) -> str:
    """Return a count of bytes for a person to read, with so many digits behind the point.

    >>> megabytes(117_000_000)
    '117.0 MB'
    """
    return f"{count / MEGABYTE:,.{digits}f} MB"


def parse_size(text: str) -> int:
    """Return the bytes of a size such as ``256MB``, ``1.5G`` or ``4096``.

    Raises:
        ValueError: if it is no size.

    >>> parse_size("256MB")
    268435456
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size; write a number of bytes or a size such as 256MB.")
    return int(float(match[1]) * SIZES[match[2].upper()])


def format_size(count: int) -> str:
    """Return the shortest size that :func:`parse_size` reads back as ``count``.

    >>> format_size(256 << 20)
    '256MB'
    """
    for unit in reversed(SIZES):
        if count and count % SIZES[unit] == 0:
            return f"{count // SIZES[unit]}{unit}{'B' if unit else ''}"
    return str(count)
