"""How the blocks of sources are dealt to units: what is read, signed and written together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from taoxi.corpus.options import Options
from taoxi.normalize.formats.blocks import Settings
from taoxi.normalize.model import Block

UNIT_BLOCKS = 1_000
"""Blocks that are read together at most: each takes 45 KB until it is written, however little it holds, and an archive
may have 100,000 members of a few bytes."""


def settings_of(options: Options, scratch: str) -> Settings:
    """Return how a reader splits sources into blocks; copies of archives go to the folder ``scratch``."""
    return Settings(
        format=options.format.value,
        text_field=options.text_field,
        block_bytes=options.batch_bytes,
        max_record=options.max_record,
        max_expand=options.max_expand,
        scratch=scratch,
    )


def in_units(blocks: Iterable[Block], batch_bytes: int) -> Iterator[list[Block]]:
    """Yield blocks in units, in order: each ends with the block that makes it ``batch_bytes`` or ``UNIT_BLOCKS``."""
    unit: list[Block] = []
    size = 0
    for block in blocks:
        unit.append(block)
        size += len(block.data)
        if size >= batch_bytes or len(unit) == UNIT_BLOCKS:
            yield unit
            unit, size = [], 0
    if unit:
        yield unit
